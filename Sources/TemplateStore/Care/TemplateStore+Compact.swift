internal import CLMDB
internal import Files
public import GalleryModel
internal import Glibc

extension TemplateStore {
    /// Writes a new data file from the existing records, and from nothing else.
    ///
    /// The space of what was removed goes back to the file system, and no byte of a removed template, name, source or
    /// digest is in the new file; the log of removals, numbers alone, stays. The records are copied to a file aside,
    /// which is synced and renamed over `data.mdb`: a process that is killed at any moment leaves the old file or the
    /// new, each whole. Users of a file that is replaced would go on in the old one, so the gallery is refused while
    /// anybody has it open; who opens it meanwhile waits. A reader without permission to lock is known to nobody, and
    /// notices itself: its next `read` throws `busy`.
    ///
    /// LMDB's own count of commits begins again; ids, positions and what a follower saved stay good. O(gallery).
    /// - Parameters:
    ///   - dropsChips: leaves all chips out, too; from then on the gallery keeps none.
    ///   - patience: how long to wait for others to close the gallery. Who opens it meanwhile waits for two seconds at
    ///     a time, so that many short uses after another come to an end, and long ones are not held up.
    ///   - onWait: called once, before the first wait.
    /// - Throws: `busy` while another process or this one has the gallery open, `notEnoughSpace` before anything is
    ///   written, and what opening throws.
    public static func compact(
        at path: String, dropsChips: Bool = false, patience: Duration = .zero, onWait: () -> Void = {}
    ) throws(StoreError) -> CompactionReport {
        try rewrite(
            at: path, dropsChips ? .withoutChips : .asItIs, patience: patience, onWait: onWait,
            shouldStop: { false })
    }

    /// How a data file is rewritten.
    enum Rewriting {
        case asItIs
        case withoutChips
        case exchanging(TemplateExchange)

        var exchange: TemplateExchange? { if case .exchanging(let exchange) = self { exchange } else { nil } }
    }

    /// Rewrites the data file.
    static func rewrite(
        at path: String, _ rewriting: Rewriting, patience: Duration, onWait: () -> Void, shouldStop: () -> Bool
    ) throws(StoreError) -> CompactionReport {
        let end = ContinuousClock.now + patience
        var isWaiting = false
        while true {
            do throws(StoreError) {
                return try rewrite(
                    at: path, rewriting, waitingUntil: isWaiting ? min(end, .now + .seconds(2)) : .now)
            } catch {
                guard case .busy = error, ContinuousClock.now < end else { throw error }
            }
            if !isWaiting { onWait() }
            isWaiting = true
            if shouldStop() { throw .cancelled }
            usleep(200_000)
        }
    }

    private static func rewrite(
        at path: String, _ rewriting: Rewriting, waitingUntil end: ContinuousClock.Instant
    ) throws(StoreError) -> CompactionReport {
        let directory = try onFiles(path, "opening") { () throws(FileError) in try OpenFolder(path) }
        try onFiles(path, "opening") { () throws(FileError) in try directory.requireTrustedOwner() }
        // From here on, a process that opens this gallery waits, and then finds the new file.
        try onFiles(path, "locking") { () throws(FileError) in try directory.lock(.exclusive) }
        let data = try DataFile(in: directory, path: path)
        guard try !EnvironmentRegistry.shared.hasOpen(data.identity()) else {
            throw .busy(path: path, reason: "this process itself has it open")
        }
        try LockFile.check(in: directory, path: path)
        let lockFile = try LockFile(aloneIn: directory, path: path, waitingUntil: end)
        try data.checkBeforeMapping()
        let isVouchedFor = try WriterNote(in: directory)?.vouches(for: data) ?? false
        if !isVouchedFor { _ = try examine(at: path) }
        let before = try data.bytesOnDisk()
        EarlierLeftovers.clear(in: directory)
        let compaction = try Compaction(directory, path)
        try compaction.copy(rewriting)
        try rewriting.exchange?.beforehand()
        try lockFile.empty()
        try compaction.exchange()
        rewriting.exchange?.afterwards()
        let new = try DataFile(in: directory, path: path)
        WriterNote(in: directory)?.record(try new.standing(), at: try new.meta().transaction)
        // LMDB, who finds itself alone, writes the lock file for the new data file before it lets others in.
        try Environment(directory, new, path: path, access: .writing, mapSize: 1 << 20).close()
        lockFile.release()
        directory.unlock()
        return CompactionReport(bytesBefore: before, bytesAfter: try new.bytesOnDisk())
    }
}

/// The copy aside, and its exchange with the file in use; what is not exchanged goes with it.
private struct Compaction {
    private let path: String
    private let directory: OpenFolder
    private let scratch: ScratchFolder

    init(_ directory: OpenFolder, _ path: String) throws(StoreError) {
        (self.directory, self.path) = (directory, path)
        scratch = try onFiles(path, "creating") { () throws(FileError) in
            try ScratchFolder(for: DataFile.name, in: directory)
        }
    }

    /// Copies what is in use.
    func copy(_ rewriting: TemplateStore.Rewriting) throws(StoreError) {
        let source = try unsafe open(directory)
        defer { unsafe mdb_env_close(source) }
        let usage = try unsafe Usage(source, path)
        var (counts, forgotten): ([Int], Int) = ([], 0)
        try unsafe Snapshot.read(source, path: path) { transaction, handles throws(StoreError) in
            var (changes, growth) = (RecordChanges.none, 0)
            switch rewriting {
            case .asItIs: break
            case .withoutChips: changes = .withoutChips
            case .exchanging(let exchange):
                let (settings, _) = try unsafe StoredSettings.read(transaction, handles[.meta], path: path)
                let records = try unsafe ExchangeRecords(exchange, transaction, handles, path: path)
                (changes, growth) = (.exchange(records), records.growth(from: settings.dimension))
            }
            let bytes = [usage.bytes, growth].saturatingSum
            try checkSpace(bytes)
            var rebuild = unsafe TreeRebuild(transaction, handles, path: path, changes: changes)
            counts = try rebuild.write(to: scratch.folder.stablePath, bytes: bytes)
            forgotten = rebuild.forgotten
        }
        try synchronise()
        let copy = try unsafe open(scratch.folder)
        defer { unsafe mdb_env_close(copy) }
        // The first of a usage is the list of databases, the second are records of `meta`.
        var expected = usage.entries.dropFirst()
        expected[1] -= forgotten
        guard try unsafe Usage(copy, path).entries.dropFirst().elementsEqual(counts),
            // Chips, which may have been left out, are the last.
            rewriting.exchange != nil || expected.prefix(counts.count).elementsEqual(counts)
        else {
            throw .io(path: path, doing: "copying", reason: "the copy does not have the same records")
        }
    }

    /// Puts the copy in the place of the data file.
    func exchange() throws(StoreError) {
        try onFiles(path, "moving the data file into") { () throws(FileError) in
            try scratch.publish(DataFile.name, as: DataFile.name)
        }
    }

    /// Nobody else is there: no lock is needed, and none taken that closing it would drop.
    private func open(_ folder: OpenFolder) throws(StoreError) -> OpaquePointer {
        let (opened, status) = unsafe Environment.open(
            path: folder.stablePath, flags: MDB_NOLOCK | MDB_RDONLY, mapSize: 1 << 20)
        guard let environment = unsafe opened else {
            throw StoreError(status: status, path: path, doing: "opening")
        }
        return unsafe environment
    }

    private func checkSpace(_ needed: Int) throws(StoreError) {
        let available = try onFiles(path, "examining") { () throws(FileError) in
            try directory.availableBytes()
        }
        guard needed <= available else {
            throw .notEnoughSpace(path: path, needed: needed, available: available)
        }
    }

    private func synchronise() throws(StoreError) {
        try onFiles(path, "syncing") { () throws(FileError) in
            let copy = try InputFile(DataFile.name, in: scratch.folder)
            guard let old = try directory.status(of: DataFile.name) else {
                throw .missing(path: path)
            }
            // Who was let in by its owner stays so.
            _ = fchown(copy.descriptor, Owners.isTrusted(old.owner) ? old.owner : Owners.current, old.group)
            try copy.synchronise(mode: old.mode & 0o777)
        }
    }
}
