internal import Files
internal import Glibc

extension SavedDirectory {
    /// Seconds between two looks whether the other process is done.
    private static let pause = 0.01

    /// Runs `body` while no other process, and no other thread of this one, does so in the same directory, which is
    /// made if it is missing.
    ///
    /// - Throws: `cannotWrite` where the directory cannot be made or locked within `patience` seconds, and what `body`
    ///   throws.
    func alone<Result>(
        patience: Double, _ body: () throws(IndexError) -> Result
    ) throws(IndexError) -> Result {
        var waited = 0.0
        while true {
            // Its end gives the lock back, as the end of the process does.
            let folder = try make()
            let isLocked = try writing { () throws(FileError) in try folder.tryLock(.exclusive) }
            // If the directory was removed meanwhile, its lock protects nothing.
            if isLocked, isStill(folder) {
                defer { folder.unlock() }
                return try body()
            }
            guard waited < patience else {
                throw .cannotWrite(
                    file: path,
                    problem: "another process has been saving it for \(Int(patience)) seconds; try again")
            }
            usleep(UInt32(Self.pause * 1e6))
            waited += Self.pause
        }
    }

    private func isStill(_ folder: OpenFolder) -> Bool {
        guard let own = try? folder.status(), let named = try? FileStatus.of(path, followingLinks: false) else {
            return false
        }
        return own.identity == named.identity
    }
}
