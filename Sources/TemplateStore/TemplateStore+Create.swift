internal import CLMDB
internal import Glibc

extension TemplateStore {
    /// Creates an empty gallery in the directory `path` and opens it.
    ///
    /// `path` may be missing (it is made with mode 0700, its parent must exist) or an empty directory; `lost+found`
    /// and names that start with a dot do not count. The files get mode 0600. The gallery appears in one step:
    /// a creation that was cut off leaves a directory that is no gallery, and creating there again works.
    /// - Throws: `alreadyExists` for a gallery or any other content, `invalidSettings`, `noParent`, `permission`,
    ///   `noSpace`, `io`.
    public static func create(at path: String, settings: StoreSettings) throws(StoreError) -> TemplateStore {
        try StoredSettings.check(settings)
        try install(at: path) { (aside) throws(StoreError) in try fill(aside, settings: settings) }
        return try TemplateStore(at: path)
    }

    /// Writes a copy of the gallery as it is now to the directory `path`: its records, and nothing of removed ones.
    ///
    /// `path` as in `create`; the copy, too, appears in one step, synced. Readers and writers go on meanwhile, but
    /// pages they free stay in use until the copy is done. O(gallery).
    /// - Throws: as `create` does.
    public func copy(to path: String) throws(StoreError) {
        try Self.install(at: path) { (aside) throws(StoreError) in
            try read { reader throws(StoreError) in
                let transaction = reader.transaction
                let usage = try unsafe Usage(transaction.raw, environment.handles, path: self.path)
                try unsafe TreeRebuild(transaction.raw, environment.handles, path: self.path).write(
                    to: aside, bytes: usage.bytes)
            }
            let file = aside + "/" + DataFile.name
            let descriptor = unsafe open(file, O_RDWR | O_CLOEXEC)
            guard descriptor >= 0 else { throw StoreError(status: errno, path: path, doing: "copying to") }
            defer { close(descriptor) }
            guard fchmod(descriptor, 0o600) == 0, fsync(descriptor) == 0 else {
                throw StoreError(status: errno, path: path, doing: "syncing")
            }
        }
    }

    /// Makes the directory `path` a gallery in one step, with the data file `fill` writes into a folder aside.
    private static func install(
        at path: String, _ fill: (String) throws(StoreError) -> Void
    ) throws(StoreError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw .invalidSettings(reason: "'\(path.shown)' is no path of a directory")
        }
        let isNew = unsafe mkdir(path, 0o700) == 0
        if !isNew, errno == ENOENT || errno == ENOTDIR { throw .noParent(path: path) }
        if !isNew, errno != EEXIST { throw StoreError(status: errno, path: path, doing: "creating") }
        do throws(StoreError) {
            let directory = try Directory(path)
            // Two creations at once: the second waits here and then finds the first one's gallery.
            try directory.lock()
            try clearOrRefuse(path)
            try build(in: path, fill)
            try directory.synchronise()
        } catch {
            if isNew { unsafe rmdir(path) }
            throw error
        }
        if isNew { try Directory(path + "/..").synchronise() }
    }

    private static let unfinished = ".creating"

    /// Removes what a cut-off creation left; throws when anything else is there.
    private static func clearOrRefuse(_ path: String) throws(StoreError) {
        for name in try Directory.names(in: path) {
            if name == unfinished {
                for file in [DataFile.name, DataFile.lockName] { unsafe unlink("\(path)/\(name)/\(file)") }
                unsafe rmdir("\(path)/\(name)")
            } else if !name.hasPrefix("."), name != "lost+found" {
                throw .alreadyExists(path: path)
            }
        }
    }

    /// Builds the data file in a folder aside and moves it into place once it is complete and synced.
    private static func build(
        in path: String, _ fill: (String) throws(StoreError) -> Void
    ) throws(StoreError) {
        let aside = path + "/" + unfinished
        guard unsafe mkdir(aside, 0o700) == 0 else {
            throw StoreError(status: errno, path: aside, doing: "creating")
        }
        do throws(StoreError) {
            try fill(aside)
            guard unsafe rename(aside + "/" + DataFile.name, path + "/" + DataFile.name) == 0 else {
                throw StoreError(status: errno, path: path, doing: "moving the data file into")
            }
        } catch {
            unsafe unlink(aside + "/" + DataFile.name)
            unsafe unlink(aside + "/" + DataFile.lockName)
            unsafe rmdir(aside)
            throw error
        }
        unsafe unlink(aside + "/" + DataFile.lockName)
        unsafe rmdir(aside)
    }

    private static func fill(_ aside: String, settings: StoreSettings) throws(StoreError) {
        // No other process can have this folder's environment, so the lock file is spared.
        let (opened, openStatus) = unsafe Environment.open(path: aside, flags: MDB_NOLOCK, mapSize: 1 << 20)
        guard let environment = unsafe opened else {
            throw StoreError(status: openStatus, path: aside, doing: "creating")
        }
        defer { unsafe mdb_env_close(environment) }
        var begun: OpaquePointer?
        let status = unsafe mdb_txn_begin(environment, nil, 0, &begun)
        guard status == 0, let transaction = unsafe begun else {
            throw StoreError(status: status, path: aside, doing: "creating")
        }
        do throws(StoreError) {
            let handles = try unsafe DatabaseHandles(transaction, path: aside, create: true)
            var time = timespec()
            unsafe clock_gettime(CLOCK_REALTIME, &time)
            let created = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
            for (key, record) in [
                (Format.settingsKey, StoredSettings.encode(settings, created: created)),
                (Format.countersKey, Counters().encoded()),
            ] {
                try StoreError.check(
                    unsafe put(transaction, handles[.meta], [UInt8](key.utf8), record), path: aside,
                    doing: "creating")
            }
        } catch {
            unsafe mdb_txn_abort(transaction)
            throw error
        }
        try StoreError.check(unsafe mdb_txn_commit(transaction), path: aside, doing: "creating")
        try StoreError.check(unsafe mdb_env_sync(environment, 1), path: aside, doing: "syncing")
    }

    private static func put(
        _ transaction: OpaquePointer, _ database: MDB_dbi, _ key: [UInt8], _ value: [UInt8]
    ) -> Int32 {
        var key = key
        var value = value
        return unsafe key.withUnsafeMutableBytes { key in
            unsafe value.withUnsafeMutableBytes { value in
                var keyValue = unsafe MDB_val(mv_size: key.count, mv_data: key.baseAddress)
                var data = unsafe MDB_val(mv_size: value.count, mv_data: value.baseAddress)
                return unsafe mdb_put(transaction, database, &keyValue, &data, 0)
            }
        }
    }
}
