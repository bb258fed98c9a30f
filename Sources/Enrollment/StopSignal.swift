internal import Synchronization

/// A request that running work should stop.
///
/// The threads of the work check it regularly.
public protocol StopSignal: Sendable {
    /// Whether work should stop; once true it stays so.
    var isRequested: Bool { get }
}

/// Stops an enrolment.
///
/// What was reported as enrolled is safe. Run the same enrolment again to continue from there.
///
/// Safe from any thread.
public final class EnrollmentStop: StopSignal {
    private let asked = Atomic(false)

    /// A signal that is not set yet.
    public init() {}

    /// Asks the enrolment to stop, which it does within about half a second.
    public func request() { asked.store(true, ordering: .relaxed) }

    /// Whether the enrolment was asked to stop.
    public var isRequested: Bool { asked.load(ordering: .relaxed) }
}

/// How long a stop has been asked for.
///
/// Safe from any thread.
package final class StopDelay: Sendable {
    private let stop: any StopSignal
    private let seen = Mutex<ContinuousClock.Instant?>(nil)

    package init(_ stop: any StopSignal) { self.stop = stop }

    /// Whether more than `patience` has passed since this was first called after the stop was asked for.
    ///
    /// Call it at least every quarter of a second.
    package func isOver(_ patience: Duration) -> Bool {
        guard stop.isRequested else { return false }
        let now = ContinuousClock.now
        return seen.withLock { seen in
            if let first = seen { return now - first > patience }
            seen = now
            return false
        }
    }
}
