internal import Glibc

/// Keeps other processes from training into a folder, as long as it lives.
struct FolderLock: ~Copyable {
    private let descriptor: Int32

    /// - Throws: `folderBusy` where another process has it.
    init(_ path: String) throws(TrainingError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .cannotWrite(path: path, reason: unsafe String(cString: strerror(errno)))
        }
        // A file system without locks keeps nobody out.
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            close(descriptor)
            throw .folderBusy(path: path)
        }
        self.descriptor = descriptor
        // Under the lock, what is written aside is left from a process that was killed.
        for name in SafeWriting.names(in: path) ?? [] where SafeWriting.isLeftOver(name) {
            _ = unsafe unlink(path + "/" + name)
        }
    }

    deinit {
        // A child between fork and exec has the descriptor too, and would keep the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
