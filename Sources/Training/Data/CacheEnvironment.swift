internal import CLMDB
internal import Concurrency
internal import Files
internal import GalleryModel
internal import Glibc
internal import TemplateStore

/// The LMDB environment of a cache.
///
/// LMDB's own locks are off (`MDB_NOLOCK`): every transaction runs under `flock` on `chips.lock` instead, shared
/// to read and alone to write, and within the process under a mutex. So a killed process leaves no lock behind,
/// and one process may open a cache twice.
///
/// Sendable although it holds C pointers: they are used inside `monitor` only.
@safe
final class CacheEnvironment: @unchecked Sendable {
    /// Read and written only while the monitor is locked.
    @safe private struct State {
        var raw: OpaquePointer?
        var database: MDB_dbi = 0
    }

    private static let database = "chips-1"
    private static let lockName = "chips.lock"
    private static let dataName = "data.mdb"

    let path: String
    private let lock: Int32
    private let monitor = Monitor(State())

    /// Makes the folder where it is not there, and takes it only where it is empty or a cache.
    init(path: String) throws(TrainingError) {
        self.path = path
        if unsafe mkdir(path, 0o700) != 0, errno != EEXIST {
            throw Self.error(errno, path, "creating the folder of")
        }
        let folder: OpenFolder
        do throws(FileError) {
            folder = try OpenFolder(path)
            try Self.requireRegular(folder)
        } catch { throw .cache(path: path, doing: "opening", reason: "\(error)") }
        // The lock file marks the folder as a cache: nothing is ever removed from another one.
        let flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
        var descriptor = unsafe openat(folder.descriptor, Self.lockName, flags)
        if descriptor < 0, errno == ENOENT {
            guard try Self.isEmpty(path) else {
                throw .cache(
                    path: path, doing: "opening",
                    reason: "the folder contains something else; use a new or empty one")
            }
            descriptor = unsafe openat(folder.descriptor, Self.lockName, flags | O_CREAT, 0o600)
        }
        guard descriptor >= 0 else { throw Self.error(errno, path, "opening") }
        lock = descriptor
    }

    /// Refuses links, pipes and folders in the places of a cache's two files: LMDB would follow or wait for them.
    private static func requireRegular(_ folder: OpenFolder) throws(FileError) {
        for name in [lockName, dataName] {
            guard let kind = try folder.status(of: name)?.kind, kind != .regularFile else { continue }
            throw .wrongKind(path: try folder.path(of: name), found: kind, wanted: .regularFile)
        }
    }

    deinit {
        monitor.update { unsafe mdb_env_close($0.raw) }
        close(lock)
    }

    private static func isEmpty(_ path: String) throws(TrainingError) -> Bool {
        guard let names = SafeWriting.names(in: path) else { throw error(errno, path, "opening") }
        return names.isEmpty
    }

    /// Opens the environment, or a new one where it is damaged; returns why it was thrown away.
    func open(firstMap: Int) throws(TrainingError) -> String? {
        let outcome = monitor.update { state in
            Result { () throws(TrainingError) in try open(&state, firstMap: firstMap) }
        }
        return try outcome.get()
    }

    private func open(_ state: inout State, firstMap: Int) throws(TrainingError) -> String? {
        try holdLock(LOCK_EX)
        defer { flock(lock, LOCK_UN) }
        var notice = try fault()
        if notice == nil, try attach(&state, firstMap: firstMap) { return nil }
        notice = notice ?? "it has another version"
        unsafe mdb_env_close(state.raw)
        unsafe state.raw = nil
        guard unsafe unlink("\(path)/\(Self.dataName)") == 0 || errno == ENOENT else {
            throw Self.error(errno, path, "replacing")
        }
        guard try attach(&state, firstMap: firstMap) else {
            throw .cache(path: path, doing: "opening", reason: "it was replaced meanwhile")
        }
        return notice.map { "\(path): the cache of chips was emptied: \($0)" }
    }

    private func fault() throws(TrainingError) -> String? {
        do throws(StoreError) { return try faultOfEnvironment(inDirectory: path) } catch {
            switch error {
            case .notAGallery: return nil
            case .io(_, _, let reason): throw .cache(path: path, doing: "reading", reason: reason)
            default: throw .cache(path: path, doing: "reading", reason: "\(error)")
            }
        }
    }

    /// Opens what is there or makes it; false where its databases are others.
    private func attach(_ state: inout State, firstMap: Int) throws(TrainingError) -> Bool {
        var status: Int32 = ENOMEM
        // A limit on address space (ulimit -v) can refuse a generous map; it grows when it is full.
        for size in [firstMap, 1 << 26, 1 << 20] where status == ENOMEM {
            unsafe state.raw = nil
            status = unsafe mdb_env_create(&state.raw)
            if status == 0 { status = unsafe mdb_env_set_maxdbs(state.raw, 4) }
            if status == 0 { status = unsafe mdb_env_set_mapsize(state.raw, size) }
            let flags = UInt32(MDB_NOLOCK | MDB_NOTLS | MDB_NOMETASYNC)
            if status == 0 { status = unsafe mdb_env_open(state.raw, path, flags, 0o600) }
            if status != 0 {
                unsafe mdb_env_close(state.raw)
                unsafe state.raw = nil
            }
        }
        try check(status, "opening")
        var transaction: OpaquePointer?
        try check(unsafe mdb_txn_begin(state.raw, nil, 0, &transaction), "opening")
        status = unsafe mdb_dbi_open(transaction, Self.database, 0, &state.database)
        if status == MDB_NOTFOUND {
            var main: MDB_dbi = 0
            var facts = MDB_stat()
            status = unsafe mdb_dbi_open(transaction, nil, 0, &main)
            if status == 0 { status = unsafe mdb_stat(transaction, main, &facts) }
            if status == 0, facts.ms_entries > 0 {
                unsafe mdb_txn_abort(transaction)
                return false
            }
            if status == 0 {
                status = unsafe mdb_dbi_open(transaction, Self.database, UInt32(MDB_CREATE), &state.database)
            }
        }
        guard status == 0 else {
            unsafe mdb_txn_abort(transaction)
            if status == MDB_INCOMPATIBLE { return false }
            throw error(status, "opening")
        }
        // Committing keeps the handle for later transactions.
        try check(unsafe mdb_txn_commit(transaction), "opening")
        return true
    }

    /// Runs `body` with what is kept now; it returns an LMDB status.
    func read(_ body: (borrowing CacheTransaction) -> Int32) throws(TrainingError) {
        try run(writing: false, body)
    }

    /// Runs `body`, again where the map had to grow, and keeps what it put, all or nothing.
    func write(_ body: (borrowing CacheTransaction) -> Int32) throws(TrainingError) {
        try run(writing: true, body)
    }

    private func run(
        writing: Bool, _ body: (borrowing CacheTransaction) -> Int32
    ) throws(TrainingError) {
        let outcome = monitor.update { state in
            Result { () throws(TrainingError) in
                try holdLock(writing ? LOCK_EX : LOCK_SH)
                defer { flock(lock, LOCK_UN) }
                while try !attempt(state, writing: writing, body) {}
            }
        }
        try outcome.get()
    }

    /// One transaction; false where it must be tried again.
    private func attempt(
        _ state: State, writing: Bool, _ body: (borrowing CacheTransaction) -> Int32
    ) throws(TrainingError) -> Bool {
        let doing = writing ? "writing to" : "reading"
        var raw: OpaquePointer?
        let begun = unsafe mdb_txn_begin(state.raw, nil, writing ? 0 : UInt32(MDB_RDONLY), &raw)
        if begun == MDB_MAP_RESIZED {
            // Another process has written beyond this one's map: 0 takes its size.
            try check(unsafe mdb_env_set_mapsize(state.raw, 0), "mapping")
            return false
        }
        try check(begun, doing)
        guard let raw = unsafe raw else { throw error(EINVAL, doing) }
        var status = body(unsafe CacheTransaction(raw: raw, database: state.database))
        if status == 0, writing { status = unsafe mdb_txn_commit(raw) } else { unsafe mdb_txn_abort(raw) }
        if status == MDB_MAP_FULL {
            var info = unsafe MDB_envinfo()
            unsafe mdb_env_info(state.raw, &info)
            try check(unsafe mdb_env_set_mapsize(state.raw, info.me_mapsize * 2), "enlarging the map of")
            return false
        }
        try check(status, doing)
        return true
    }

    private func holdLock(_ kind: Int32) throws(TrainingError) {
        while flock(lock, kind) != 0 {
            if errno != EINTR { throw error(errno, "locking") }
        }
    }

    private func check(_ status: Int32, _ doing: String) throws(TrainingError) {
        if status != 0 { throw error(status, doing) }
    }

    private func error(_ status: Int32, _ doing: String) -> TrainingError {
        Self.error(status, path, doing)
    }

    private static func error(_ status: Int32, _ path: String, _ doing: String) -> TrainingError {
        switch status {
        case ENOSPC, EDQUOT, EFBIG: return .noSpace(path: path)
        // LMDB calls a write that was cut short an I/O error: mostly the disk was full.
        case EIO where isFull(path): return .noSpace(path: path)
        default:
            let words = unsafe mdb_strerror(status).map { unsafe String(cString: $0) }
            return .cache(path: path, doing: doing, reason: words ?? "error \(status)")
        }
    }

    /// Whether the file system or the limit on file sizes leaves less than a megabyte for the data.
    private static func isFull(_ path: String) -> Bool {
        let margin: UInt64 = 1 << 20
        var system = statvfs()
        if unsafe statvfs(path, &system) == 0 {
            // A file system that does not know its size may claim any number of blocks.
            let (bytes, overflow) = UInt64(system.f_bavail).multipliedReportingOverflow(
                by: UInt64(system.f_frsize))
            if !overflow, bytes < margin { return true }
        }
        var limit = rlimit()
        var file = stat()
        guard unsafe getrlimit(__rlimit_resource_t(1), &limit) == 0,  // RLIMIT_FSIZE
            unsafe stat("\(path)/\(dataName)", &file) == 0
        else { return false }
        return limit.rlim_cur < UInt64(max(file.st_size, 0)) + margin
    }
}
