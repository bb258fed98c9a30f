internal import Glibc

/// `lock.mdb`, held so that LMDB lets nobody else in.
///
/// Whoever has an environment open holds a shared lock on the first byte of this file; LMDB takes an exclusive one
/// to see whether it is the first. POSIX locks belong to the process and go with the first of its descriptors to be
/// closed, so a process that has the environment open itself must not come here.
struct LockFile: ~Copyable {
    private let path: String
    private let descriptor: Int32

    /// Takes the exclusive lock.
    ///
    /// - Throws: `busy` where another process still has the environment open at `end`.
    init(
        aloneInDirectory path: String, waitingUntil end: ContinuousClock.Instant = .now
    ) throws(StoreError) {
        self.path = path
        descriptor = unsafe open(path + "/" + DataFile.lockName, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreError(status: errno, path: path, doing: "locking") }
        var lock = flock(
            l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 1, l_pid: 0)
        while unsafe fcntl(descriptor, F_SETLK, &lock) != 0 {
            if errno == EINTR { continue }
            guard errno == EAGAIN || errno == EACCES else {
                throw StoreError(status: errno, path: path, doing: "locking")
            }
            guard ContinuousClock.now < end else {
                throw .busy(path: path, reason: "another process has it open; end that")
            }
            usleep(10_000)
        }
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
