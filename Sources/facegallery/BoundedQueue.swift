import Foundation

/// Hands values from one thread to another, at most so many ahead; whoever is too early waits.
///
/// Sendable because everything is touched under `condition` only.
final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private let capacity: Int
    private var elements: [Element] = []
    private var hasEnded = false
    private var isAbandoned = false

    init(capacity: Int) { self.capacity = capacity }

    /// Puts a value behind the others; false where nobody takes any more.
    func put(_ element: Element) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while elements.count >= capacity, !isAbandoned { condition.wait() }
        guard !isAbandoned else { return false }
        elements.append(element)
        condition.broadcast()
        return true
    }

    /// Says that nothing more will be put.
    func end() {
        condition.lock()
        defer { condition.unlock() }
        hasEnded = true
        condition.broadcast()
    }

    /// Says that nothing more will be taken.
    func abandon() {
        condition.lock()
        defer { condition.unlock() }
        isAbandoned = true
        elements.removeAll()
        condition.broadcast()
    }

    /// The next value; nil after the last.
    func take() -> Element? {
        condition.lock()
        defer { condition.unlock() }
        while elements.isEmpty, !hasEnded { condition.wait() }
        guard !elements.isEmpty else { return nil }
        defer { condition.broadcast() }
        return elements.removeFirst()
    }
}
