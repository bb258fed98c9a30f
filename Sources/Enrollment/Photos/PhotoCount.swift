import Concurrency
import Synchronization

/// Counts the photos of a job beside it, so that none has to wait for the end of the count.
final class PhotoCount: Sendable {
    private let counted = Mutex<Int?>(nil)
    private let isOver = Atomic(false)

    /// The number of photos; nil while it is not known.
    var total: Int? { counted.withLock { $0 } }

    /// Counts on a thread of its own what `supply` brings.
    ///
    /// What cannot be read here fails where it is worked on, and stays uncounted; so does all where no thread can be made.
    func begin(_ supply: @escaping @Sendable () throws -> PhotoSupply) -> Threads? {
        try? Threads(1) { [self] in
            guard var photos = try? supply() else { return }
            var count = 0
            while !isOver.load(ordering: .relaxed) {
                do { guard try photos.next() != nil else { break } } catch { return }
                count += 1
            }
            guard !isOver.load(ordering: .relaxed) else { return }
            counted.withLock { $0 = count }
        }
    }

    /// Ends the count where it is.
    func end() { isOver.store(true, ordering: .relaxed) }
}
