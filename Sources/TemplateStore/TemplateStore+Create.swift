internal import CLMDB
internal import Files
public import GalleryModel
internal import Glibc

extension TemplateStore {
    /// Creates an empty gallery in the directory `path` and opens it.
    ///
    /// `path` may be missing (it is made with mode 0700, its parent must exist) or an empty directory; `lost+found`
    /// and names that start with a dot do not count. The files get mode 0600. The gallery appears in one step:
    /// a creation that was cut off leaves a directory that is no gallery, and creating there again works.
    /// - Parameter neighbours: names that the caller has put there, and that do not count either.
    /// - Throws: `alreadyExists` for a gallery or any other content, `invalidSettings`, `noParent`, `permission`,
    ///   `noSpace`, `io`.
    public static func create(
        at path: String, settings: StoreSettings, beside neighbours: Set<String> = []
    ) throws(StoreError) -> TemplateStore {
        try settings.check()
        try install(at: path, beside: neighbours) { (aside) throws(StoreError) in
            try fill(aside, settings: settings)
        }
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
                let transaction = unsafe reader.transaction.raw
                let usage = try unsafe Usage(transaction, environment.handles, path: self.path)
                var copy = unsafe TreeRebuild(transaction, environment.handles, path: self.path)
                try copy.write(to: aside.stablePath, bytes: usage.bytes)
            }
            try onFiles(path, "syncing") { () throws(FileError) in
                try InputFile(DataFile.name, in: aside).synchronise(mode: 0o600)
            }
        }
    }

    /// Makes the directory `path` a gallery in one step, with the data file that `fill` writes into a folder aside.
    private static func install(
        at path: String, beside neighbours: Set<String> = [], _ fill: (OpenFolder) throws(StoreError) -> Void
    ) throws(StoreError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw .invalidSettings(reason: "'\(path.shown)' cannot be the path of a directory")
        }
        let (parent, name, isNew) = try makeDirectory(path)
        do throws(StoreError) {
            let directory = try onFiles(path, "creating") { () throws(FileError) in
                guard let parent, let name, isNew else { return try OpenFolder(path) }
                return try OpenFolder(name, in: parent)
            }
            try onFiles(path, "creating") { () throws(FileError) in try directory.requireTrustedOwner() }
            // Two creations at once: the second waits here and then finds the first one's gallery.
            try onFiles(path, "locking") { () throws(FileError) in try directory.lock(.exclusive) }
            try clearOrRefuse(directory, path, neighbours)
            try build(in: directory, path, fill)
        } catch {
            if let parent, let name, isNew { _ = try? parent.removeFolder(name) }
            throw error == .notAGallery(path: path) ? .alreadyExists(path: path) : error
        }
        if isNew { try onFiles(path, "syncing") { () throws(FileError) in try parent?.synchronise() } }
    }

    /// Makes a gallery's directory if there is none; says in which it is and by what name, where it has one.
    private static func makeDirectory(
        _ path: String
    ) throws(StoreError) -> (parent: OpenFolder?, name: String?, isNew: Bool) {
        do throws(FileError) {
            let (parent, name) = try OpenFolder.holding(path)
            return (parent, name, try parent.makeFolder(name, mode: 0o700))
        } catch {
            switch error {
            // As `.` does, which is there.
            case .badOutput: return (nil, nil, false)
            case .missing, .wrongKind: throw .noParent(path: path)
            default: throw StoreError(error, path: path, doing: "creating")
            }
        }
    }

    /// Removes what a creation of an earlier version left when it was killed; throws when anything else is there.
    private static func clearOrRefuse(
        _ directory: OpenFolder, _ path: String, _ neighbours: Set<String>
    ) throws(StoreError) {
        EarlierLeftovers.clear(in: directory)
        let names = try onFiles(path, "listing") { () throws(FileError) in try directory.names() }
        for name in names where !name.hasPrefix(".") && name != "lost+found" && !neighbours.contains(name) {
            throw .alreadyExists(path: path)
        }
    }

    /// Builds the data file in a folder aside and moves it into place once it is complete and synced.
    private static func build(
        in directory: OpenFolder, _ path: String, _ fill: (OpenFolder) throws(StoreError) -> Void
    ) throws(StoreError) {
        let scratch = try onFiles(path, "creating") { () throws(FileError) in
            try ScratchFolder(for: DataFile.name, in: directory)
        }
        try fill(scratch.folder)
        try onFiles(path, "moving the data file into") { () throws(FileError) in
            try scratch.publish(DataFile.name, as: DataFile.name)
        }
    }

    private static func fill(_ folder: OpenFolder, settings: StoreSettings) throws(StoreError) {
        let aside = folder.path
        // No other process can have this folder's environment, so the lock file is spared.
        let (opened, openStatus) = unsafe Environment.open(
            path: folder.stablePath, flags: MDB_NOLOCK, mapSize: 1 << 20)
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
            let handles = try unsafe DatabaseHandles(transaction, path: aside, creating: settings)
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
