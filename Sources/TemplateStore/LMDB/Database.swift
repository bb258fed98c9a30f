internal import CLMDB
internal import GalleryModel

/// The named databases of a gallery's environment.
enum Database: Int, CaseIterable {
    case meta, subjects, names, references, vectors, members, digests, removals
    /// Only in galleries that keep chips.
    case chips

    /// Those that a gallery has.
    static func all(keepsChips: Bool) -> [Database] { keepsChips ? allCases : allCases.filter { $0 != .chips } }

    /// Its name in LMDB's main database.
    var name: String { Self.texts[rawValue] }
    private static let texts = allCases.map { String(describing: $0) }

    /// The database of this name, nil when a gallery has none.
    init?(named name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// LMDB's persistent flags: keys that are 64-bit numbers, or plain bytes.
    var flags: UInt32 {
        switch self {
        case .meta, .names, .members, .digests: 0
        case .subjects, .references, .vectors, .removals, .chips: UInt32(MDB_INTEGERKEY)
        }
    }

    /// Bytes of a key, nil if they vary.
    var keySize: Int? {
        switch self {
        case .meta, .names: nil
        case .subjects, .references, .vectors, .removals, .chips: 8
        case .members: 16
        case .digests: NewReference.digestSize + 8
        }
    }
}

/// LMDB's handles of a gallery's named databases, good for the life of the environment.
struct DatabaseHandles {
    /// The databases that the gallery has.
    let databases: [Database]
    private var handles: [MDB_dbi]

    /// The handle of a database that the gallery has.
    subscript(_ database: Database) -> MDB_dbi { handles[database.rawValue] }

    /// Opens the databases in `transaction`.
    ///
    /// - Parameter settings: of a gallery whose databases are made first; nil for one that is there.
    init(
        _ transaction: OpaquePointer, path: String, creating settings: StoreSettings? = nil
    ) throws(StoreError) {
        let create = settings != nil
        // First, as the settings in it tell which others there are.
        let meta = try unsafe Self.open(.meta, transaction, path: path, create: create)
        let keepsChips =
            if let settings { settings.keepsChips } else {
                try unsafe StoredSettings.read(transaction, meta, path: path).0.keepsChips
            }
        databases = Database.all(keepsChips: keepsChips)
        handles = [meta]
        for database in databases.dropFirst() {
            handles.append(try unsafe Self.open(database, transaction, path: path, create: create))
        }
    }

    private static func open(
        _ database: Database, _ transaction: OpaquePointer, path: String, create: Bool
    ) throws(StoreError) -> MDB_dbi {
        var handle: MDB_dbi = 0
        let flags = create ? database.flags | UInt32(MDB_CREATE) : database.flags
        let status = unsafe mdb_dbi_open(transaction, database.name, flags, &handle)
        if status == MDB_NOTFOUND {
            // Some other program's environment has none of ours.
            throw database == .meta
                ? .notAGallery(path: path)
                : .damaged(path: path, reason: "its database '\(database.name)' is missing")
        }
        if status == MDB_INCOMPATIBLE {
            throw .damaged(path: path, reason: "'\(database.name)' is not a database of this format")
        }
        try StoreError.check(status, path: path, doing: "opening the database '\(database.name)' of")
        var found: UInt32 = 0
        try StoreError.check(unsafe mdb_dbi_flags(transaction, handle, &found), path: path, doing: "reading")
        guard found == database.flags else {
            throw .damaged(path: path, reason: "its database '\(database.name)' has flags \(found)")
        }
        return handle
    }
}
