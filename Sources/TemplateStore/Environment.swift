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

    /// Opens the environment of the gallery directory `path`; `mapSize` nil reserves generously.
    init(path: String, readOnly: Bool, mapSize: Int?) throws(StoreError) {
        let opened = try unsafe Environment.open(path: path, readOnly: readOnly, mapSize: mapSize)
        unsafe raw = opened.raw
        isReadOnly = unsafe opened.flags & MDB_RDONLY != 0
        isUnlocked = unsafe opened.flags & MDB_NOLOCK != 0
        self.path = path
        do throws(StoreError) {
            // A reader that died keeps its slot, and with it every page it could see.
            var dead: Int32 = 0
            if !isUnlocked { unsafe mdb_reader_check(raw, &dead) }
            (handles, settings, created) = try unsafe Environment.openDatabases(raw, path: path)
        } catch {
            unsafe mdb_env_close(raw)
            throw error
        }
    }

    /// Closes the environment; only `EnvironmentRegistry` calls it, once, when no store is left.
    ///
    /// Not left to `deinit`, which could run after another thread has opened the same gallery anew.
    func close() { unsafe mdb_env_close(raw) }

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
        var transaction: OpaquePointer?
        var status = unsafe mdb_txn_begin(raw, nil, UInt32(MDB_RDONLY), &transaction)
        if status == MDB_MAP_RESIZED {
            unsafe mdb_env_set_mapsize(raw, 0)
            status = unsafe mdb_txn_begin(raw, nil, UInt32(MDB_RDONLY), &transaction)
        }
        guard status == 0, let transaction = unsafe transaction else {
            throw StoreError(status: status, path: path, doing: "reading")
        }
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

    /// Doubles the map.
    ///
    /// No transaction of this process may be open; call inside `gate.move`.
    func growMap() -> Int32 {
        var info = unsafe MDB_envinfo()
        unsafe mdb_env_info(raw, &info)
        let (doubled, overflow) = unsafe info.me_mapsize.multipliedReportingOverflow(by: 2)
        return overflow ? ENOMEM : resize(to: max(doubled, 1 << 20), from: unsafe info.me_mapsize)
    }

    /// Makes the map large enough for what another process has written, whatever the size of its map.
    ///
    /// Call inside `gate.move`.
    func adoptMap() -> Int32 {
        var info = unsafe MDB_envinfo()
        var stat = MDB_stat()
        unsafe mdb_env_info(raw, &info)
        unsafe mdb_env_stat(raw, &stat)
        let used = unsafe (info.me_last_pgno + 1) * Int(stat.ms_psize)
        return resize(to: max(unsafe info.me_mapsize, used * 2), from: unsafe info.me_mapsize)
    }

    private func resize(to size: Int, from old: Int) -> Int32 {
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
