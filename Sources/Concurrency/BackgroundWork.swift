/// Work that goes on while its caller does, on threads that are waited for only where somebody asks.
package final class BackgroundWork: Sendable {
    private let count = Monitor(0)

    package init() {}

    /// Begins `body` on a thread of its own; false where none can be made, and nothing was begun.
    package func begin(_ body: @escaping @Sendable () -> Void) -> Bool {
        count.update { $0 += 1 }
        let threads = try? Threads(1) { [count] in
            body()
            count.update { $0 -= 1 }
        }
        guard var threads else {
            count.update { $0 -= 1 }
            return false
        }
        threads.leave()
        return true
    }

    /// Waits until all that was begun has ended.
    package func wait() { count.wait { $0 == 0 ? () : nil } }

    /// The same, for so many seconds at most; returns whether all has ended.
    package func wait(atMost seconds: Double) -> Bool {
        count.wait(atMost: seconds) { $0 == 0 ? () : nil } != nil
    }
}
