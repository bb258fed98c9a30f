internal import Glibc
internal import Synchronization

/// What a process says while it waits for a lock that another one holds.
package enum LockWaiting {
    private static let listener = Mutex<(@Sendable (String) -> Void)?>(nil)

    /// Seconds that a lock is waited for: `FACEGALLERY_LOCK_SECONDS`, 0 or more, or 30.
    package static let patience: Int = {
        let text = unsafe getenv("FACEGALLERY_LOCK_SECONDS").map { unsafe String(cString: $0) }
        return text.flatMap { Int($0) }.map { min(max($0, 0), 86_400) } ?? 30
    }()

    /// Sets who is told, in a line, that this process waits, and for whom.
    package static func onWait(_ tell: (@Sendable (String) -> Void)?) { listener.withLock { $0 = tell } }

    /// Whether anybody is told.
    package static var hasListener: Bool { listener.withLock { $0 } != nil }

    package static func tell(_ line: String) { listener.withLock { $0 }?(line) }
}

extension OpenFolder {
    /// How a lock is held.
    package enum LockKind: Sendable {
        /// Beside others that hold it so.
        case shared
        /// By nobody else.
        case exclusive
    }

    /// Takes the folder's lock where it is free, for as long as this object lives.
    ///
    /// - Returns: false where another process, or another open folder of this one, has it.
    /// - Throws: `.system` where the file system has no locks.
    package func tryLock(_ kind: LockKind) throws(FileError) -> Bool {
        while flock(descriptor, (kind == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            if errno == EWOULDBLOCK { return false }
            throw .system(path: path, doing: .locking, code: errno)
        }
        return true
    }

    /// Waits for the folder's lock, a bounded time, and says after a second for whom.
    ///
    /// - Throws: `.locked` when `LockWaiting.patience` has passed, `.system`.
    package func lock(_ kind: LockKind) throws(FileError) {
        if try tryLock(kind) { return }
        let start = ContinuousClock.now
        var pause: UInt32 = 1_000
        var hasTold = false
        while true {
            usleep(pause)
            pause = min(pause * 2, 50_000)
            if try tryLock(kind) { return }
            let waited = ContinuousClock.now - start
            if waited >= .seconds(LockWaiting.patience) {
                throw .locked(path: path, holder: try lockHolder(), seconds: LockWaiting.patience)
            }
            if waited >= .seconds(1), !hasTold {
                hasTold = true
                LockWaiting.tell("waiting for \(try lockHolder()), which has locked \(path)")
            }
        }
    }

    /// Gives the lock back before this object ends.
    package func unlock() { flock(descriptor, LOCK_UN) }

    /// Who holds the lock, as far as the system tells.
    private func lockHolder() throws(FileError) -> String {
        let identity = try status().identity
        guard let table = try? InputFile("/proc/locks").readStream(limit: 1 << 22) else {
            return "another process"
        }
        let lines = String(decoding: table, as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: " ")
        }
        // 1: FLOCK ADVISORY WRITE 4711 fe:00:1234567 0 EOF
        let holders = lines.filter { $0.count > 5 && $0[1] == "FLOCK" }.filter { line in
            line[5].split(separator: ":").last.flatMap { UInt64($0) } == identity.inode
        }
        guard let process = holders.first.flatMap({ Int32($0[4]) }), process > 0 else {
            return "another process"
        }
        guard let name = try? InputFile("/proc/\(process)/comm").readStream(limit: 64) else {
            return "process \(process)"
        }
        return "process \(process) (\(String(decoding: name.filter { $0 != 10 }, as: UTF8.self)))"
    }
}

extension InputFile {
    /// What a file of `/proc` holds, which has no size beforehand.
    fileprivate func readStream(limit: Int) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        var failure: FileError?
        var count = 0
        unsafe bytes.withUnsafeMutableBytes { buffer in
            do throws(FileError) { count = try unsafe read(at: 0, into: buffer) } catch { failure = error }
        }
        if let failure { throw failure }
        return Array(bytes[..<count])
    }
}
