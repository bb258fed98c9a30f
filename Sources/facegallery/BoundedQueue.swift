import Training

/// Hands values from one thread to another, at most so many ahead; whoever is too early waits.
struct BoundedQueue<Element: Sendable>: Sendable {
    private struct State: Sendable {
        var elements: [Element] = []
        var hasEnded = false
        var isAbandoned = false
    }

    private let monitor = Monitor(State())
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    /// Puts a value behind the others; false where nobody takes any more.
    func put(_ element: Element) -> Bool {
        let capacity = capacity
        return monitor.wait { state -> Bool? in
            if state.isAbandoned { return false }
            guard state.elements.count < capacity else { return nil }
            state.elements.append(element)
            return true
        }
    }

    /// Says that nothing more will be put.
    func end() { monitor.update { $0.hasEnded = true } }

    /// Says that nothing more will be taken.
    func abandon() {
        monitor.update { state in
            state.isAbandoned = true
            state.elements.removeAll()
        }
    }

    /// The next value; nil after the last.
    func take() -> Element? {
        monitor.wait { state -> Element?? in
            if !state.elements.isEmpty { return .some(state.elements.removeFirst()) }
            return state.hasEnded ? .some(nil) : nil
        }
    }
}
