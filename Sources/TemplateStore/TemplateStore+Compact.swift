internal import CLMDB
internal import Glibc

/// What a compaction did.
public struct CompactionReport: Sendable, Hashable {
    /// Bytes that `data.mdb` took on the disk before.
    public let bytesBefore: Int
    /// Bytes that it takes now.
    public let bytesAfter: Int

    /// Collects the numbers.
    public init(bytesBefore: Int, bytesAfter: Int) {
        (self.bytesBefore, self.bytesAfter) = (bytesBefore, bytesAfter)
    }
}

extension TemplateStore {
    /// Makes the data file anew of the records that are there, and of nothing else.
    ///
    /// The space of what was removed goes back to the file system, and no byte of a removed template, name, source or
    /// digest is in the new file; the log of removals, numbers alone, stays. The records are copied to a file aside,
    /// which is synced and renamed over `data.mdb`: a process that is killed at any moment leaves the old file or the
    /// new, each whole. Users of a file that is replaced would go on in the old one, so the gallery is refused while
    /// anybody has it open; who opens it meanwhile waits. A reader without permission to lock is known to nobody, and
    /// notices itself: its next `read` throws `busy`.
    ///
    /// LMDB's own count of commits begins anew; ids, positions and what a follower saved stay good. O(gallery).
    /// - Parameters:
    ///   - patience: how long to wait for others to close the gallery. Who opens it meanwhile waits for two seconds at
    ///     a time, so that many short uses after another come to an end, and long ones are not held up.
    ///   - onWait: called once, before the first wait.
    /// - Throws: `busy` while another process or this one has the gallery open, `notEnoughSpace` before anything is
    ///   written, and what opening throws.
    public static func compact(
        at path: String, patience: Duration = .zero, onWait: () -> Void = {}
    ) throws(StoreError) -> CompactionReport {
        let end = ContinuousClock.now + patience
        var isWaiting = false
        while true {
            do throws(StoreError) {
                return try compact(at: path, waitingUntil: isWaiting ? min(end, .now + .seconds(2)) : .now)
            } catch {
                guard case .busy = error, ContinuousClock.now < end else { throw error }
            }
            if !isWaiting { onWait() }
            isWaiting = true
            usleep(200_000)
        }
    }

    private static func compact(
        at path: String, waitingUntil end: ContinuousClock.Instant
    ) throws(StoreError) -> CompactionReport {
        let data = try DataFile(inDirectory: path)
        let directory = try Directory(path)
        // Whoever opens this gallery waits from here on, and finds the new file.
        try directory.lock()
        guard try !EnvironmentRegistry.shared.hasOpen(data.identity()) else {
            throw .busy(path: path, reason: "this process has it open itself")
        }
        let lockFile = try LockFile(aloneInDirectory: path, waitingUntil: end)
        try data.checkBeforeMapping()
        let isVouchedFor = try WriterNote(inDirectory: path)?.vouches(for: data) ?? false
        if !isVouchedFor { _ = try examine(at: path) }
        let before = try data.bytesOnDisk()
        let compaction = Compaction(path: path)
        try compaction.copy()
        try lockFile.empty()
        try compaction.exchange()
        try directory.synchronise()
        let new = try DataFile(inDirectory: path)
        WriterNote(inDirectory: path)?.record(try new.standing(), at: try new.meta().transaction)
        // LMDB, who finds itself alone, writes the lock file for the new data file before it lets others in.
        try Environment(path: path, file: new, readOnly: false, mapSize: 1 << 20).close()
        lockFile.release()
        directory.release()
        return CompactionReport(bytesBefore: before, bytesAfter: try new.bytesOnDisk())
    }
}

/// The copy aside, and its exchange with the file in use.
private struct Compaction {
    let path: String

    private var aside: String { path + "/.compacting" }

    /// Copies what is in use; leaves nothing where that fails.
    func copy() throws(StoreError) {
        clear()
        do throws(StoreError) {
            let source = try unsafe open(path)
            defer { unsafe mdb_env_close(source) }
            let usage = try unsafe Usage(source, path)
            try checkSpace(usage)
            guard unsafe mkdir(aside, 0o700) == 0 else {
                throw StoreError(status: errno, path: aside, doing: "creating")
            }
            try unsafe Snapshot.read(source, path: path) { transaction, handles throws(StoreError) in
                try unsafe TreeRebuild(transaction, handles, path: path).write(to: aside, bytes: usage.bytes)
            }
            try synchronise()
            let copy = try unsafe open(aside)
            defer { unsafe mdb_env_close(copy) }
            guard try unsafe usage.entries == Usage(copy, aside).entries else {
                throw .io(path: path, doing: "copying", reason: "the copy holds other records")
            }
        } catch {
            clear()
            throw error
        }
    }

    /// Puts the copy in the place of the data file.
    func exchange() throws(StoreError) {
        guard unsafe rename(aside + "/" + DataFile.name, path + "/" + DataFile.name) == 0 else {
            throw StoreError(status: errno, path: path, doing: "moving the data file into")
        }
        clear()
    }

    /// Nobody else is there: no lock is needed, and none taken that closing it would drop.
    private func open(_ path: String) throws(StoreError) -> OpaquePointer {
        let (opened, status) = unsafe Environment.open(
            path: path, flags: MDB_NOLOCK | MDB_RDONLY, mapSize: 1 << 20)
        guard let environment = unsafe opened else {
            throw StoreError(status: status, path: path, doing: "opening")
        }
        return unsafe environment
    }

    private func checkSpace(_ usage: Usage) throws(StoreError) {
        let needed = usage.bytes
        var system = statvfs()
        guard unsafe statvfs(path, &system) == 0 else {
            throw StoreError(status: errno, path: path, doing: "examining")
        }
        let available = Int(clamping: UInt64(system.f_bavail) * UInt64(system.f_frsize))
        guard needed <= available else {
            throw .notEnoughSpace(path: path, needed: needed, available: available)
        }
    }

    private func synchronise() throws(StoreError) {
        let descriptor = unsafe Glibc.open(aside + "/" + DataFile.name, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreError(status: errno, path: aside, doing: "syncing") }
        defer { Glibc.close(descriptor) }
        // Who was let in by its owner stays so.
        var old = stat()
        guard unsafe stat(path + "/" + DataFile.name, &old) == 0 else {
            throw StoreError(status: errno, path: path, doing: "examining")
        }
        _ = fchown(descriptor, old.st_uid, old.st_gid)
        guard fchmod(descriptor, old.st_mode & 0o777) == 0, fsync(descriptor) == 0 else {
            throw StoreError(status: errno, path: aside, doing: "syncing")
        }
    }

    private func clear() {
        for file in [DataFile.name, DataFile.lockName] { unsafe unlink(aside + "/" + file) }
        unsafe rmdir(aside)
    }
}
