internal import Synchronization

/// Hands values from a thread to one task.
///
/// It holds a limited number of values: the thread waits while it is full, and the task is suspended while it is empty.
package final class Channel<Element: Sendable>: Sendable {
    private struct State: Sendable {
        var elements: [Element] = []
        var waiting: CheckedContinuation<Element?, any Error>?
        var end: Result<Void, any Error>?
        var isAbandoned = false
    }

    /// The outcome of a value that was put.
    private enum Outcome {
        case handed(CheckedContinuation<Element?, any Error>)
        case kept
        case unwanted
    }

    private let monitor = Monitor(State())
    private let capacity: Int

    /// - Parameter capacity: values that may wait for the task, 1 or more.
    package init(capacity: Int) { self.capacity = max(1, capacity) }

    /// Adds a value as soon as there is room; false once the receiver has gone.
    package func put(_ element: Element) -> Bool {
        let capacity = capacity
        let outcome = monitor.wait { state -> Outcome? in
            if state.isAbandoned { return .unwanted }
            if let waiting = state.waiting {
                state.waiting = nil
                return .handed(waiting)
            }
            guard state.elements.count < capacity else { return nil }
            state.elements.append(element)
            return .kept
        }
        switch outcome {
        case .handed(let waiting): waiting.resume(returning: element)
        case .kept: break
        case .unwanted: return false
        }
        return true
    }

    /// Ends the channel: the receiver gets what is left, then the end or the error.
    package func end(_ result: Result<Void, any Error>) {
        let waiting = monitor.update { state in
            state.end = result
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(with: result.map { nil })
    }

    /// Tells the sender that nobody receives any more; a task that waits gets a `CancellationError`.
    package func abandon() {
        let waiting = monitor.update { state in
            state.isAbandoned = true
            state.elements.removeAll()
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(throwing: CancellationError())
    }

    /// The next value; nil at the end.
    ///
    /// - Throws: what the channel was ended with; `CancellationError` where the task is cancelled, after which nothing
    ///   more is handed over.
    package func next() async throws -> Element? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let now = monitor.update { state -> Result<Element?, any Error>? in
                    if state.isAbandoned { return .failure(CancellationError()) }
                    if !state.elements.isEmpty { return .success(state.elements.removeFirst()) }
                    if let end = state.end { return end.map { nil } }
                    state.waiting = continuation
                    return nil
                }
                if let now { continuation.resume(with: now) }
            }
        } onCancel: {
            abandon()
        }
    }
}
