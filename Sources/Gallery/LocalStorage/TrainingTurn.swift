import Files

/// A process's turn to train the index of a gallery: one has it at a time, as the others can use what it saves.
///
/// A lock of its own, so that a training keeps nobody from saving or writing. It is given back when this object, or its
/// process, ends.
final class TrainingTurn: Sendable {
    private static let name = "training"

    /// `nil` if nothing can be locked, and everybody trains alone.
    private let lock: OpenFolder?

    private init(_ lock: OpenFolder?) { self.lock = lock }

    /// Takes the turn of a process that saves what it trains.
    ///
    /// - Parameter waits: whether it waits for another process that trains, at most `LockWaiting.patience` seconds.
    /// - Returns: nil while another process trains.
    static func take(in indexDirectory: String, waits: Bool) -> TrainingTurn? {
        do throws(FileError) {
            let (gallery, indexName) = try OpenFolder.holding(indexDirectory)
            try gallery.makeFolder(indexName)
            let index = try OpenFolder(indexName, in: gallery)
            try index.makeFolder(name)
            let folder = try OpenFolder(name, in: index)
            if waits {
                try folder.lock(.exclusive)
            } else if try !folder.tryLock(.exclusive) {
                return nil
            }
            return TrainingTurn(folder)
        } catch {
            if case .locked = error { return nil }
            return TrainingTurn(nil)
        }
    }

    /// Waits, for a process that cannot save, until nobody trains, as long as `take` does.
    static func awaitOthers(in indexDirectory: String) {
        do throws(FileError) {
            let folder = try OpenFolder(name, in: OpenFolder(indexDirectory, followingLinks: false))
            try folder.lock(.shared)
        } catch {
            // Nobody has trained here, or nobody can be waited for: the caller trains alone.
        }
    }
}
