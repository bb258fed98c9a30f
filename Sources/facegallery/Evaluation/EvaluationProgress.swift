import Synchronization

/// Shows which part of an evaluation is at work, and how far it is.
final class EvaluationProgress: Sendable {
    private let shown = Mutex<(part: String, progress: Progress?)>(("", nil))

    /// Takes the share of a part that is done, 0…1.
    func advance(_ part: String, to share: Double) {
        shown.withLock { shown in
            if shown.part != part {
                shown.progress?.clear()
                shown = (part, Progress(noun: "% of \(part)"))
            }
            shown.progress?.show(Int(100 * max(0, min(share, 1))), of: 100)
        }
    }

    func clear() { shown.withLock { $0.progress?.clear() } }
}
