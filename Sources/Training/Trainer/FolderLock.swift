internal import Files

/// Keeps other processes from training into a folder, as long as it lives.
struct FolderLock: ~Copyable {
    private let folder: OpenFolder

    /// - Throws: `folderBusy` where another process has it.
    init(_ path: String) throws(TrainingError) {
        let folder = try Self.locked(path)
        self.folder = folder
    }

    // A child between fork and exec has the descriptor too, and would keep the lock.
    deinit { folder.unlock() }

    private static func locked(_ path: String) throws(TrainingError) -> OpenFolder {
        let folder: OpenFolder
        do throws(FileError) { folder = try OpenFolder(path) } catch {
            throw .cannotWrite(path: path, reason: error.reason)
        }
        // A file system without locks keeps nobody out.
        if (try? folder.tryLock(.exclusive)) == false { throw .folderBusy(path: path) }
        // Under the lock, what is written aside is left from a process that was killed.
        Leftovers.clear(in: folder)
        for name in (try? folder.names()) ?? [] where SafeWriting.wasLeftOver(name) {
            _ = try? folder.remove(name)
        }
        return folder
    }
}
