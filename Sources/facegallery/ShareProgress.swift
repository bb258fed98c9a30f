import Synchronization

/// Tells on standard error how far a job is whose parts end on many threads, by the share that is done.
final class ShareProgress: Sendable {
    private struct State {
        var progress: Progress
        var done = 0
    }

    private let state: Mutex<State>
    private let total: Int

    init(total: Int, noun: String) {
        self.total = total
        state = Mutex(State(progress: Progress(total: total, noun: noun)))
    }

    /// Takes a share, 0…1.
    func advance(to share: Double) {
        state.withLock { state in
            let done = min(total, Int(share * Double(total)))
            state.progress.advance(by: done - state.done)
            state.done = done
        }
    }

    func clear() { state.withLock { $0.progress.clear() } }
}
