internal import CLMDB
internal import Glibc

/// One open LMDB environment, shared by all stores of the process at one path.
///
/// Sendable although it holds C pointers: LMDB's environment may be used from all threads, its map is only
/// moved inside `gate.move`, and everything else here never changes after `init`.
@safe
final class Environment: @unchecked Sendable {
    let path: String
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

    /// Opens the environment of the gallery directory `path`, whose data file is `file`.
    ///
    /// A file that nobody vouches for is walked first, in a snapshot of its own, before LMDB follows a page of it.
    /// - Parameters:
    ///   - mapSize: nil reserves generously.
    ///   - tolerant: single records may be damaged, as long as LMDB can read them.
    init(
        path: String, file: borrowing DataFile, readOnly: Bool, mapSize: Int?, tolerant: Bool = false
    ) throws(StoreError) {
        writerNote = WriterNote(inDirectory: path)
        let isVouchedFor = try writerNote?.vouches(for: file) ?? false
        try file.checkBeforeMapping(trustedSize: isVouchedFor ? writerNote?.sealedSize : nil)
        let opened = try unsafe Environment.open(path: path, readOnly: readOnly, mapSize: mapSize)
        unsafe raw = opened.raw
        isReadOnly = unsafe opened.flags & MDB_RDONLY != 0
        isUnlocked = unsafe opened.flags & MDB_NOLOCK != 0
        self.path = path
        do throws(StoreError) {
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
    /// Not left to `deinit`, which could run after another thread has opened the same gallery anew.
    func close() {
        unsafe mdb_env_close(raw)
        if let file = try? DataFile(inDirectory: path) { writerNote?.seal(file) }
    }

    /// Tries, in order, full access, reading with a lock slot, reading without a lock file.
    private static func open(
        path: String, readOnly: Bool, mapSize: Int?
    ) throws(StoreError) -> (raw: OpaquePointer, flags: Int32) {
        let attempts = readOnly ? [0, MDB_RDONLY, MDB_RDONLY | MDB_NOLOCK] : [0]
        var lastStatus: Int32 = 0
        for flags in attempts {
            var mapSizes = [mapSize ?? reservedMap]
            // A limit on address space (ulimit -v) can refuse the generous map.
            if mapSize == nil { mapSizes += [reservedMap >> 4, reservedMap >> 8, 1 << 20] }
            for size in mapSizes {
                let (raw, status) = unsafe open(path: path, flags: flags, mapSize: size)
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
            let handles = try unsafe DatabaseHandles(transaction, path: path, create: false)
            let (settings, created) = try unsafe StoredSettings.read(transaction, handles[.meta], path: path)
            // Committing keeps the handles for later transactions.
            try StoreError.check(unsafe mdb_txn_commit(transaction), path: path, doing: "opening")
            return (handles, settings, created)
        } catch {
            unsafe mdb_txn_abort(transaction)
            throw error
        }
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
        var descriptor: Int32 = -1
        var mapped = stat()
        guard unsafe mdb_env_get_fd(raw, &descriptor) == 0, unsafe fstat(descriptor, &mapped) == 0,
            try file.identity() == FileIdentity(device: UInt64(mapped.st_dev), inode: UInt64(mapped.st_ino))
        else { throw .busy(path: file.path, reason: "its data file was exchanged while it was opened") }
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
        throw .busy(path: file.path, reason: "it is written to so often that it could not be checked")
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
        let margin: UInt64 = 1 << 20
        var system = statvfs()
        if unsafe statvfs(path, &system) == 0, UInt64(system.f_bavail) * UInt64(system.f_frsize) < margin {
            return true
        }
        var limit = rlimit()
        var file = stat()
        guard unsafe getrlimit(__rlimit_resource_t(1), &limit) == 0,  // RLIMIT_FSIZE
            unsafe stat(path + "/" + DataFile.name, &file) == 0
        else { return false }
        return limit.rlim_cur < UInt64(max(file.st_size, 0)) + margin
    }
}
