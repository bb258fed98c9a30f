import Synchronization

/// Shows how far a job is whose parts end on many threads, by the share that is done.
final class ShareProgress: Sendable {
    private let progress: Mutex<Progress>
    private let total: Int

    init(total: Int, noun: String) {
        self.total = total
        progress = Mutex(Progress(noun: noun))
    }

    /// Takes a share, 0…1.
    func advance(to share: Double) {
        progress.withLock { $0.show(min(total, Int(max(0, min(share, 1)) * Double(total))), of: total) }
    }

    func clear() { progress.withLock { $0.clear() } }
}
