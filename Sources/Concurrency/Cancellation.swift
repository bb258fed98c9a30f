internal import Synchronization

/// Ends a call before it is finished: when `cancel` is called, or at a deadline.
///
/// Safe from any thread. Long calls check it every few milliseconds.
@safe public final class Cancellation: @unchecked Sendable {
    // Unchecked and safe: touched by atomic operations, here and in C, and freed with its owner.
    private let state: UnsafeMutablePointer<Atomic<Int32>>
    /// The time at which the call ends by itself; `nil` if only `cancel` ends it.
    public let deadline: ContinuousClock.Instant?

    /// A cancellation that is not requested yet, with or without a deadline.
    public init(deadline: ContinuousClock.Instant? = nil) {
        self.deadline = deadline
        unsafe state = .allocate(capacity: 1)
        unsafe state.initialize(to: Atomic(0))
    }

    deinit {
        unsafe state.deinitialize(count: 1)
        unsafe state.deallocate()
    }

    /// Ends all calls that were given this object.
    public func cancel() { unsafe state.pointee.store(1, ordering: .releasing) }

    /// Whether `cancel` was called.
    public var isCancelled: Bool { unsafe state.pointee.load(ordering: .acquiring) != 0 }

    /// Whether the deadline has passed.
    public var isLate: Bool { deadline.map { ContinuousClock.now >= $0 } ?? false }

    /// Whether the call should end, because of `cancel` or the deadline.
    public var isDue: Bool { isCancelled || isLate }

    /// A number for loops in C, which becomes other than 0 when `cancel` is called; valid as long as this object.
    package var flag: UnsafePointer<Int32> {
        unsafe UnsafePointer(UnsafeMutableRawPointer(state).assumingMemoryBound(to: Int32.self))
    }
}
