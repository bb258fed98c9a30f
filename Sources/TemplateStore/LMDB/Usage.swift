internal import CLMDB
internal import GalleryModel

/// One state of an environment that is open without a store: read outside of `TemplateStore.read`.
enum Snapshot {
    /// Runs `body` in a reading transaction with the gallery's databases.
    static func read<Result>(
        _ environment: OpaquePointer, path: String,
        _ body: (OpaquePointer, DatabaseHandles) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        var begun: OpaquePointer?
        try StoreError.check(
            unsafe mdb_txn_begin(environment, nil, UInt32(MDB_RDONLY), &begun), path: path, doing: "reading")
        guard let transaction = unsafe begun else { throw .io(path: path, doing: "reading", reason: "nothing") }
        defer { unsafe mdb_txn_abort(transaction) }
        return try unsafe body(transaction, DatabaseHandles(transaction, path: path))
    }
}

/// The records and pages of an environment.
struct Usage {
    /// Records of each named database.
    var entries: [Int] = []
    /// Bytes of all pages in use.
    var bytes = 0

    init(_ environment: OpaquePointer, _ path: String) throws(StoreError) {
        self = try unsafe Snapshot.read(environment, path: path) { transaction, handles throws(StoreError) in
            try unsafe Usage(transaction, handles, path: path)
        }
    }

    init(_ transaction: OpaquePointer, _ handles: DatabaseHandles, path: String) throws(StoreError) {
        // The list of databases (1 by LMDB's own numbering), and the two meta pages.
        var pages = 2
        for handle in [MDB_dbi(1)] + handles.databases.map({ handles[$0] }) {
            var stat = MDB_stat()
            try StoreError.check(
                unsafe mdb_stat(transaction, handle, &stat), path: path, doing: "reading")
            pages += stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages
            entries.append(stat.ms_entries)
            bytes = pages * Int(stat.ms_psize)
        }
    }
}
