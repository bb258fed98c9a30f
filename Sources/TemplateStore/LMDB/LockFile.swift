internal import Files
internal import GalleryModel
internal import Glibc

/// `lock.mdb`, held so that LMDB lets nobody else in.
///
/// A process that has an environment open holds a shared lock on the first byte of this file; LMDB takes an exclusive
/// lock to see whether it is the first. POSIX locks belong to the process and go with the first of its descriptors to be
/// closed, so a process that has the environment open itself must not come here.
struct LockFile: ~Copyable {
    private let path: String
    private let descriptor: Int32

    /// Takes the exclusive lock of a file that `check` has looked at.
    ///
    /// - Throws: `busy` where another process still has the environment open at `end`.
    init(
        aloneIn folder: OpenFolder, path: String, waitingUntil end: ContinuousClock.Instant = .now
    ) throws(StoreError) {
        self.path = path
        descriptor = unsafe openat(
            folder.descriptor, DataFile.lockName,
            O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreError(status: errno, path: path, doing: "locking") }
        var lock = flock(
            l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 1, l_pid: 0)
        while unsafe fcntl(descriptor, F_SETLK, &lock) != 0 {
            if errno == EINTR { continue }
            guard errno == EAGAIN || errno == EACCES else {
                throw StoreError(status: errno, path: path, doing: "locking")
            }
            guard ContinuousClock.now < end else {
                throw .busy(path: path, reason: "another process has it open; end that process")
            }
            usleep(10_000)
        }
    }

    /// Refuses what LMDB must not take for its lock file: it would write over it.
    ///
    /// A regular file that is empty, begins as LMDB's, or with zeros, as one does after a power failure. The file is
    /// opened and closed, so a process that has the environment open itself must not come here.
    /// - Throws: `unsafe`.
    static func check(in folder: OpenFolder, path: String) throws(StoreError) {
        // Who may not read it may not write it either, as LMDB finds out.
        let name = DataFile.lockName
        if let status = try status(in: folder, path: path), status.size > 0,
            let file = try? InputFile(name, in: folder)
        {
            var head = [UInt8](repeating: 0, count: 4)
            let count = unsafe head.withUnsafeMutableBytes { try? unsafe file.read(at: 0, into: $0) }
            guard count != 4 || head == [0xDE, 0xC0, 0xEF, 0xBE] || head == [0, 0, 0, 0] else {
                throw .unsafe(path: path, reason: "\(name) is not a lock file of LMDB")
            }
        }
    }

    /// What the system says of the lock file; nil if there is none yet.
    ///
    /// - Throws: `unsafe` for what is no regular file.
    static func status(in folder: OpenFolder, path: String) throws(StoreError) -> FileStatus? {
        let name = DataFile.lockName
        let status = try onFiles(path, "locking") { () throws(FileError) in try folder.status(of: name) }
        guard let status, status.kind != .regularFile else { return status }
        throw .unsafe(path: path, reason: "\(name) is \(status.kind.words), not a regular file")
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Gives the lock up, which is kept until here.
    consuming func release() {}

    /// Forgets the commits that the file counts.
    ///
    /// Who waits for it with nothing but LMDB, and gets it because this process was killed, is then refused by LMDB
    /// instead of reading a new data file by an old count.
    func empty() throws(StoreError) {
        guard ftruncate(descriptor, 0) == 0 else {
            throw StoreError(status: errno, path: path, doing: "locking")
        }
    }
}
