internal import CLMDB
internal import GalleryModel

/// Writes the records of a snapshot into a new environment, tree by tree in the order of their keys.
///
/// LMDB's own compacting copy takes inner pages of trees over as they are, and their keys may be those of records that
/// were removed long ago: names of people among them. Here every page is made of records that are there. Pages come out
/// full, which bulk reading likes.
@safe struct TreeRebuild {
    // Safe: the maker of a value keeps the transaction open while it is used.
    /// The snapshot's transaction, and its databases.
    private let source: OpaquePointer
    private let handles: DatabaseHandles
    /// For messages.
    private let path: String
    private var changes: RecordChanges
    /// Records of former names that were left out, because their subjects are gone.
    private(set) var forgotten = 0

    /// Bytes of records in one transaction of the copy: what its memory is bounded by.
    private static let batchBytes = 32 << 20

    /// Begins with an open transaction, whose databases are `handles`.
    init(
        _ source: OpaquePointer, _ handles: DatabaseHandles, path: String, changes: RecordChanges = .none
    ) {
        unsafe self.source = source
        (self.handles, self.path, self.changes) = (handles, path, changes)
    }

    /// Fills the empty directory `aside`; its data file is synced when this returns.
    ///
    /// - Parameter bytes: those of all pages in use, or more.
    /// - Returns: records written, by database.
    /// - Throws: `damaged` where the snapshot holds databases that are no gallery's, which would be lost; `noSpace`, `io`.
    /// - Complexity: O(records), 64 MB of memory.
    @discardableResult
    mutating func write(to aside: String, bytes: Int) throws(StoreError) -> [Int] {
        try requireOwnDatabases()
        let (mapSize, overflow) = bytes.addingReportingOverflow(bytes / 4 + (64 << 20))
        guard !overflow else { throw .io(path: path, doing: "copying", reason: "it is too large") }
        // Nobody knows the new file: no locks are needed, and one sync at the end is enough.
        let (opened, status) = unsafe Environment.open(
            path: aside, flags: MDB_NOLOCK | MDB_NOSYNC, mapSize: mapSize)
        guard let environment = unsafe opened else {
            throw StoreError(status: status, path: path, doing: "copying")
        }
        defer { unsafe mdb_env_close(environment) }
        let target = unsafe RebuildTarget(environment, path: path)
        var counts: [Int] = []
        for database in handles.databases where changes.keeps(database) {
            counts.append(try copy(database, to: target))
        }
        try target.commit()
        try StoreError.check(unsafe mdb_env_sync(environment, 1), path: path, doing: "syncing the copy of")
        return counts
    }

    private func requireOwnDatabases() throws(StoreError) {
        var stat = MDB_stat()
        // 1 is LMDB's own number of the list of databases.
        try StoreError.check(unsafe mdb_stat(source, 1, &stat), path: path, doing: "reading")
        guard stat.ms_entries == handles.databases.count else {
            throw .damaged(
                path: path, reason: "it contains databases that do not belong to a gallery and would be lost")
        }
    }

    /// Whether the snapshot has a subject of this number.
    private func isSubject(_ number: SubjectNumber) throws(StoreError) -> Bool {
        var number = number.littleEndian
        var found = unsafe MDB_val()
        let status = unsafe withUnsafeMutableBytes(of: &number) { bytes in
            var key = unsafe MDB_val(mv_size: bytes.count, mv_data: bytes.baseAddress)
            return unsafe mdb_get(source, handles[.subjects], &key, &found)
        }
        if status == MDB_NOTFOUND { return false }
        try StoreError.check(status, path: path, doing: "reading")
        return true
    }

    /// Copies a database; returns how many records it has then.
    private mutating func copy(_ database: Database, to target: RebuildTarget) throws(StoreError) -> Int {
        try target.begin(database)
        var (pending, count) = (0, 0)
        func added(_ size: Int) throws(StoreError) {
            count += 1
            pending += size
            guard pending >= Self.batchBytes else { return }
            pending = 0
            try target.commit()
            try target.begin(database)
        }
        var changes = changes
        try unsafe forEachRecord(source, handles[database], path: path) { key, value throws(StoreError) in
            var change = try unsafe changes.change(database, key, value, path: path)
            if database == .meta, case .kept = change {
                change = try unsafe FormerNames.change(key, value) { number throws(StoreError) in
                    guard changes.keepsSubject(number) else { return false }
                    return try isSubject(number)
                }
                if case .dropped = change { forgotten += 1 }
            }
            switch change {
            case .kept:
                try unsafe target.append(key, value)
                try added(key.count + value.count)
            case .dropped: break
            case .replaced(let bytes):
                try unsafe target.append(key, bytes)
                try added(key.count + bytes.count)
            }
        }
        for (number, bytes) in changes.additions(to: database) {
            var number = number.littleEndian
            try unsafe withUnsafeBytes(of: &number) { key throws(StoreError) in
                try unsafe target.append(key, bytes)
            }
            try added(8 + bytes.count)
        }
        self.changes = changes
        return count
    }
}

/// The new environment, with the transaction and the cursor that are open in it.
@safe private final class RebuildTarget {
    // Safe: closed here and nowhere else, before the environment is.
    private let environment: OpaquePointer
    private var transaction: OpaquePointer?
    private var cursor: OpaquePointer?
    private let path: String

    init(_ environment: OpaquePointer, path: String) {
        unsafe self.environment = environment
        self.path = path
    }

    deinit {
        unsafe mdb_cursor_close(cursor)
        if let transaction = unsafe transaction { unsafe mdb_txn_abort(transaction) }
    }

    private func check(_ status: Int32) throws(StoreError) {
        try StoreError.check(status, path: path, doing: "writing the copy of")
    }

    /// Goes on at the end of a database, which is made where it is not there.
    func begin(_ database: Database) throws(StoreError) {
        if unsafe transaction == nil { try check(unsafe mdb_txn_begin(environment, nil, 0, &transaction)) }
        unsafe mdb_cursor_close(cursor)
        unsafe cursor = nil
        var handle: MDB_dbi = 0
        try check(
            unsafe mdb_dbi_open(transaction, database.name, database.flags | UInt32(MDB_CREATE), &handle))
        try check(unsafe mdb_cursor_open(transaction, handle, &cursor))
    }

    /// Adds a record above all others.
    func append(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws(StoreError) {
        var keyValue = unsafe MDB_val(mv_size: key.count, mv_data: .init(mutating: key.baseAddress))
        var data = unsafe MDB_val(mv_size: value.count, mv_data: .init(mutating: value.baseAddress))
        try check(unsafe mdb_cursor_put(cursor, &keyValue, &data, UInt32(MDB_APPEND)))
    }

    func append(_ key: UnsafeRawBufferPointer, _ value: [UInt8]) throws(StoreError) {
        try unsafe value.withUnsafeBufferPointer { bytes throws(StoreError) in
            try unsafe append(key, UnsafeRawBufferPointer(bytes))
        }
    }

    func commit() throws(StoreError) {
        unsafe mdb_cursor_close(cursor)
        unsafe cursor = nil
        let ended = unsafe transaction
        unsafe transaction = nil
        try check(unsafe mdb_txn_commit(ended))
    }
}
