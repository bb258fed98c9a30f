/// Hands values from one thread to another, at most so many ahead.
///
/// A thread that finds it full, or empty, waits.
package struct BoundedQueue<Element: Sendable>: Sendable {
    private struct State: Sendable {
        var elements: [Element] = []
        var hasEnded = false
        var isAbandoned = false
    }

    private let monitor = Monitor(State())
    private let capacity: Int

    package init(capacity: Int) { self.capacity = capacity }

    /// Puts a value behind the others; false where nobody takes any more.
    package func put(_ element: Element) -> Bool {
        let capacity = capacity
        return monitor.wait { state -> Bool? in
            if state.isAbandoned { return false }
            guard state.elements.count < capacity else { return nil }
            state.elements.append(element)
            return true
        }
    }

    /// Says that nothing more will be put.
    package func end() { monitor.update { $0.hasEnded = true } }

    /// Says that nothing more will be taken.
    package func abandon() {
        monitor.update { state in
            state.isAbandoned = true
            state.elements.removeAll()
        }
    }

    /// The result of waiting for a value.
    package enum Taken {
        case next(Element)
        /// No value came in the given time; there may be others later.
        case nothingYet
        /// The last value was taken before.
        case ended
    }

    /// The next value, if it comes within so many seconds.
    package func take(within seconds: Double) -> Taken {
        monitor.wait(atMost: seconds) { state -> Taken? in
            if !state.elements.isEmpty { return .next(state.elements.removeFirst()) }
            return state.hasEnded ? .ended : nil
        } ?? .nothingYet
    }
}
