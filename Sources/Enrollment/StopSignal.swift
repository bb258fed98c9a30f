internal import Synchronization

/// A wish that work should end, which its threads look for now and then.
public protocol StopSignal: Sendable {
    /// Whether the wish was uttered; once true it stays so.
    var isRequested: Bool { get }
}

/// A wish that an enrolment should end: what is told as enrolled is safe, and the same enrolment goes on from there.
///
/// Safe from any thread.
public final class EnrollmentStop: StopSignal {
    private let asked = Atomic(false)

    /// A wish not yet uttered.
    public init() {}

    /// Utters the wish; the enrolment ends within about half a second.
    public func request() { asked.store(true, ordering: .relaxed) }

    /// Whether the wish was uttered.
    public var isRequested: Bool { asked.load(ordering: .relaxed) }
}

/// How long a stop has been asked for.
///
/// Safe from any thread.
final class StopDelay: Sendable {
    private let stop: any StopSignal
    private let seen = Mutex<ContinuousClock.Instant?>(nil)

    init(_ stop: any StopSignal) { self.stop = stop }

    /// Whether more than `patience` has passed since this was first called after the stop was asked for.
    ///
    /// Call it at least every quarter of a second.
    func isOver(_ patience: Duration) -> Bool {
        guard stop.isRequested else { return false }
        let now = ContinuousClock.now
        return seen.withLock { seen in
            if let first = seen { return now - first > patience }
            seen = now
            return false
        }
    }
}
