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
            try make()
            let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else { throw .cannotWrite(file: path, problem: lastProblem()) }
            // Closing gives the lock back, as the end of the process does.
            defer { close(descriptor) }
            let isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0
            // Whoever removed the directory meanwhile has taken the lock with it.
            if isLocked, isStill(descriptor) { return try body() }
            if !isLocked, errno != EWOULDBLOCK, errno != EINTR {
                throw .cannotWrite(file: path, problem: lastProblem())
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

    private func isStill(_ descriptor: Int32) -> Bool {
        var (own, named) = (stat(), stat())
        return unsafe fstat(descriptor, &own) == 0 && stat(path, &named) == 0 && own.st_ino == named.st_ino
            && own.st_dev == named.st_dev
    }
}
