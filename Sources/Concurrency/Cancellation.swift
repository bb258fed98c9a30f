internal import Synchronization

/// A caller's wish to end what it has begun, at once or at a deadline.
///
/// Safe from any thread. Long work looks at it every few milliseconds.
@safe public final class Cancellation: @unchecked Sendable {
    // Unchecked and safe: touched by atomic operations, here and in C, and freed with its owner.
    private let state: UnsafeMutablePointer<Atomic<Int32>>
    /// When the work is to end by itself; `nil` where only `cancel` ends it.
    public let deadline: ContinuousClock.Instant?

    /// A wish not yet uttered, with a deadline or without.
    public init(deadline: ContinuousClock.Instant? = nil) {
        self.deadline = deadline
        unsafe state = .allocate(capacity: 1)
        unsafe state.initialize(to: Atomic(0))
    }

    deinit {
        unsafe state.deinitialize(count: 1)
        unsafe state.deallocate()
    }

    /// Ends the work that was given this.
    public func cancel() { unsafe state.pointee.store(1, ordering: .releasing) }

    /// Whether `cancel` was called.
    public var isCancelled: Bool { unsafe state.pointee.load(ordering: .acquiring) != 0 }

    /// Whether the deadline is over.
    public var isLate: Bool { deadline.map { ContinuousClock.now >= $0 } ?? false }

    /// Whether the work is to end, for whichever reason.
    public var isDue: Bool { isCancelled || isLate }

    /// The number that is not 0 once `cancel` was called, for loops in C; good as long as this object.
    package var flag: UnsafePointer<Int32> {
        unsafe UnsafePointer(UnsafeMutableRawPointer(state).assumingMemoryBound(to: Int32.self))
    }
}
