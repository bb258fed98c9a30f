internal import CLMDB
internal import Files
internal import GalleryModel
internal import Glibc

/// One open LMDB environment, shared by all stores of the process at one path.
///
/// Sendable although it holds C pointers: LMDB's environment may be used from all threads, its map is only
/// moved inside `gate.move`, and everything else here never changes after `init`.
@safe
final class Environment: @unchecked Sendable {
    /// How an environment is opened.
    enum Access {
        /// To read and write.
        case writing
        /// To read, with the right to write or without it.
        case reading
        /// To read without `lock.mdb`: a lock file that another user may have prepared is not to be trusted.
        case unlocked
    }

    let path: String
    /// The gallery's directory, whatever its path leads to by now.
    let folder: OpenFolder
    /// What `data.mdb` is known by.
    private let dataIdentity: FileIdentity
    /// What `lock.mdb` is known by; nil if it is not used.
    private let lockIdentity: FileIdentity?
    let raw: OpaquePointer
    let handles: DatabaseHandles
    let settings: StoreSettings
    let created: Double
    /// Opened without the right to change `data.mdb`.
    let isReadOnly: Bool
    /// Opened without `lock.mdb`: nobody knows of this reader.
    let isUnlocked: Bool
    let gate = Gate()

    /// Address space for the map; the file is only as large as what is in it.
    static let reservedMap = 64 << 30
    static let maxReaders: UInt32 = 1024

    /// Who last wrote the data file, where that is noted.
    let writerNote: WriterNote?

    /// Opens the environment of a gallery directory.
    ///
    /// A data file that nobody vouches for is walked first, in a snapshot of its own, before LMDB follows a page of it.
    /// - Parameters:
    ///   - path: the gallery's, for messages.
    ///   - mapSize: nil reserves generously.
    ///   - tolerant: single records may be damaged, as long as LMDB can read them.
    init(
        _ folder: OpenFolder, _ file: borrowing DataFile, path: String, access: Access, mapSize: Int?,
        tolerant: Bool = false
    ) throws(StoreError) {
        if access != .unlocked { try LockFile.check(in: folder, path: path) }
        writerNote = WriterNote(in: folder)
        let isVouchedFor = try writerNote?.vouches(for: file) ?? false
        try file.checkBeforeMapping(trustedSize: isVouchedFor ? writerNote?.sealedSize : nil)
        let opened = try unsafe Environment.open(
            folder, file, path: path, access: access, mapSize: mapSize)
        unsafe raw = opened.raw
        isReadOnly = unsafe opened.flags & MDB_RDONLY != 0
        isUnlocked = unsafe opened.flags & MDB_NOLOCK != 0
        (self.path, self.folder) = (path, folder)
        do throws(StoreError) {
            dataIdentity = try file.identity()
            // LMDB opens by name, so we compare the files' identities: they may have been exchanged meanwhile.
            lockIdentity =
                unsafe opened.flags & MDB_NOLOCK != 0
                ? nil : try LockFile.status(in: folder, path: path)?.identity
            guard try unsafe Self.identity(of: opened.raw, path: path) == dataIdentity else {
                throw .busy(path: path, reason: "its data file was replaced while it was being opened")
            }
            // A reader that died keeps its slot, and with it every page it could see.
            var dead: Int32 = 0
            if !isUnlocked { unsafe mdb_reader_check(raw, &dead) }
            let standing = try file.standing()
            let walked =
                isVouchedFor ? nil : try unsafe Environment.examine(raw, file, tolerant: tolerant)
            (handles, settings, created) = try unsafe Environment.openDatabases(raw, path: path)
            if let walked, walked.isSound { writerNote?.record(standing, at: walked.commit) }
        } catch {
            unsafe mdb_env_close(raw)
            throw error
        }
    }

    /// Closes the environment; only `EnvironmentRegistry` calls it, once, when no store is left.
    ///
    /// Not left to `deinit`, which could run after another thread has opened the same gallery again.
    func close() {
        unsafe mdb_env_close(raw)
        if let file = try? DataFile(in: folder, path: path) { writerNote?.seal(file) }
    }

    /// What the file that LMDB has opened is known by.
    private static func identity(of raw: OpaquePointer, path: String) throws(StoreError) -> FileIdentity {
        var descriptor: Int32 = -1
        try StoreError.check(unsafe mdb_env_get_fd(raw, &descriptor), path: path, doing: "opening")
        return try onFiles(path, "opening") { () throws(FileError) in
            try FileStatus.of(descriptor: descriptor, path: path).identity
        }
    }

    /// Refuses to go on writing where the names in the gallery's directory lead to other files than are open.
    ///
    /// A gallery that was moved as a whole is still where its open directory is. Two system calls.
    /// - Throws: `gone`.
    func requirePresence() throws(StoreError) {
        for (name, identity) in [(DataFile.name, dataIdentity), (DataFile.lockName, lockIdentity)] {
            guard let identity else { continue }
            let found = try onFiles(path, "examining") { () throws(FileError) in try folder.status(of: name) }
            guard found?.identity != identity else { continue }
            throw .gone(
                path: path,
                reason: found == nil ? "\(name) was removed" : "\(name) was replaced by another file")
        }
    }

    /// Tries, in order, full access, reading with a lock slot, reading without a lock file.
    private static func open(
        _ folder: OpenFolder, _ file: borrowing DataFile, path: String, access: Access, mapSize: Int?
    ) throws(StoreError) -> (raw: OpaquePointer, flags: Int32) {
        let withoutLock = MDB_RDONLY | MDB_NOLOCK
        let attempts: [Int32] =
            switch access {
            case .writing: [0]
            case .reading: [0, MDB_RDONLY, withoutLock]
            case .unlocked: [withoutLock]
            }
        var lastStatus: Int32 = 0
        for flags in attempts {
            var mapSizes = [mapSize ?? reservedMap]
            // A limit on address space (ulimit -v) can refuse the generous map.
            if mapSize == nil { mapSizes += [reservedMap >> 4, reservedMap >> 8, 1 << 20] }
            for size in mapSizes {
                // Without a lock file there is one name to open, and the file that was looked at is opened itself.
                let isPinned = unsafe flags == withoutLock && Glibc.access(file.stablePath, F_OK) == 0
                let (raw, status) = unsafe open(
                    path: isPinned ? file.stablePath : folder.stablePath,
                    flags: isPinned ? flags | MDB_NOSUBDIR : flags, mapSize: size)
                if let raw = unsafe raw { return unsafe (raw, flags) }
                lastStatus = status
                if status != ENOMEM { break }
            }
            guard [EACCES, EPERM, EROFS].contains(lastStatus) else { break }
        }
        throw StoreError(status: lastStatus, path: path, doing: "opening")
    }

    static func open(path: String, flags: Int32, mapSize: Int) -> (raw: OpaquePointer?, status: Int32) {
        var raw: OpaquePointer?
        var status = unsafe mdb_env_create(&raw)
        guard status == 0, let raw = unsafe raw else { return (nil, status) }
        unsafe mdb_env_set_maxdbs(raw, MDB_dbi(Database.allCases.count))
        unsafe mdb_env_set_maxreaders(raw, maxReaders)
        unsafe mdb_env_set_mapsize(raw, mapSize)
        // NOTLS: a reader belongs to its closure, not to its thread, so that reads can nest.
        status = unsafe mdb_env_open(raw, path, UInt32(flags | MDB_NOTLS), 0o600)
        if status != 0 {
            unsafe mdb_env_close(raw)
            return (nil, status)
        }
        return unsafe (raw, 0)
    }

    private static func openDatabases(
        _ raw: OpaquePointer, path: String
    ) throws(StoreError) -> (DatabaseHandles, StoreSettings, Double) {
        let transaction = try unsafe beginReading(raw, path: path)
        do throws(StoreError) {
            let handles = try unsafe DatabaseHandles(transaction, path: path)
            let (settings, created) = try unsafe StoredSettings.read(transaction, handles[.meta], path: path)
            // Committing keeps the handles for later transactions.
            try StoreError.check(unsafe mdb_txn_commit(transaction), path: path, doing: "opening")
            return (handles, settings, created)
        } catch {
            unsafe mdb_txn_abort(transaction)
            throw error
        }
    }

    /// LMDB's number of the last commit.
    var lastTransaction: UInt64 {
        var info = unsafe MDB_envinfo()
        unsafe mdb_env_info(raw, &info)
        return UInt64(unsafe info.me_last_txnid)
    }

    /// A snapshot to read from; the environment is nobody else's yet.
    private static func beginReading(_ raw: OpaquePointer, path: String) throws(StoreError) -> OpaquePointer {
        while true {
            var transaction: OpaquePointer?
            let status = unsafe mdb_txn_begin(raw, nil, UInt32(MDB_RDONLY), &transaction)
            if status == 0, let transaction = unsafe transaction { return unsafe transaction }
            guard status == MDB_MAP_RESIZED else {
                throw StoreError(status: status, path: path, doing: "reading")
            }
            // Another process has enlarged the file since it was mapped.
            try StoreError.check(unsafe adoptMap(raw), path: path, doing: "mapping")
        }
    }

    /// Walks all pages of a snapshot that stays as it is meanwhile.
    ///
    /// - Returns: the commit that was walked, and whether its records are sound.
    /// - Throws: `damaged`.
    private static func examine(
        _ raw: OpaquePointer, _ file: borrowing DataFile, tolerant: Bool
    ) throws(StoreError) -> (commit: UInt64, isSound: Bool) {
        for attempt in 1...10 {
            let transaction = try unsafe beginReading(raw, path: file.path)
            defer { unsafe mdb_txn_abort(transaction) }
            let commit = UInt64(unsafe mdb_txn_id(transaction))
            guard let meta = try file.meta(ofTransaction: commit) else { continue }
            let walk = try PageWalk(file, meta, .untilFault, contents: .gallery)
            guard let problem = walk.problems.first ?? (tolerant ? nil : walk.recordProblems.first) else {
                return (commit, walk.recordProblems.isEmpty)
            }
            // Without a lock file a writer may have used pages of the snapshot again.
            if attempt < 10, try file.meta().transaction != commit { continue }
            throw .damaged(path: file.path, reason: problem)
        }
        throw .busy(path: file.path, reason: "others write to it so often that it could not be checked")
    }

    /// Doubles the map.
    ///
    /// No transaction of this process may be open; call inside `gate.move`.
    func growMap() -> Int32 {
        var info = unsafe MDB_envinfo()
        unsafe mdb_env_info(raw, &info)
        let (doubled, overflow) = unsafe info.me_mapsize.multipliedReportingOverflow(by: 2)
        return unsafe overflow ? ENOMEM : Self.resize(raw, to: max(doubled, 1 << 20), from: info.me_mapsize)
    }

    /// Makes the map large enough for what another process has written, whatever the size of its map.
    ///
    /// Call inside `gate.move`.
    func adoptMap() -> Int32 { unsafe Self.adoptMap(raw) }

    private static func adoptMap(_ raw: OpaquePointer) -> Int32 {
        var info = unsafe MDB_envinfo()
        var stat = MDB_stat()
        unsafe mdb_env_info(raw, &info)
        unsafe mdb_env_stat(raw, &stat)
        let (used, overflow) = unsafe (info.me_last_pgno &+ 1).multipliedReportingOverflow(
            by: 2 * Int(stat.ms_psize))
        if overflow { return ENOMEM }
        return unsafe resize(raw, to: max(info.me_mapsize, used), from: info.me_mapsize)
    }

    private static func resize(_ raw: OpaquePointer, to size: Int, from old: Int) -> Int32 {
        let status = unsafe mdb_env_set_mapsize(raw, size)
        // LMDB has given up the old map before it fails to make the new one.
        if status != 0 { unsafe mdb_env_set_mapsize(raw, old) }
        return status
    }
}

extension Environment {
    /// Whether the file system or the limit on file sizes leaves less than a megabyte for `data.mdb`.
    var isOutOfSpace: Bool {
        let margin = 1 << 20
        if let available = try? folder.availableBytes(), available < margin { return true }
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(1), &limit) == 0,  // RLIMIT_FSIZE
            let file = (try? folder.status(of: DataFile.name)) ?? nil
        else { return false }
        return limit.rlim_cur < UInt64(clamping: file.size) + UInt64(margin)
    }
}
