internal import Concurrency
internal import Gallery
internal import Glibc
internal import Synchronization

/// The events of an enrolment of photos, one after the other, for `for try await`.
///
/// The enrolment starts when the first event is requested. It runs on threads of its own, and waits while its events are
/// not taken. If the task is cancelled or the loop is left, it stops; what was reported as enrolled is safe.
public struct EnrollmentEvents: AsyncSequence, Sendable {
    /// An event, with the summary so far.
    public struct Element: Sendable {
        /// What happened.
        public let event: EnrollmentEvent
        /// The summary including this event.
        public let summary: EnrollmentSummary
    }

    let enrolment: PhotoEnrollment
    let photos: PhotoOrigin
    let capacity: Int

    /// Does not start the enrolment yet.
    public func makeAsyncIterator() -> Iterator { Iterator(run: EventRun(self)) }

    /// One run of the enrolment.
    public struct Iterator: AsyncIteratorProtocol {
        let run: EventRun

        /// The next event; nil once all photos are done.
        ///
        /// - Throws: as `PhotoEnrollment.run`; `CancellationError`.
        public mutating func next() async throws -> Element? { try await run.next() }
    }
}

extension PhotoEnrollment {
    /// The events of an enrolment, which starts when the first event is requested.
    ///
    /// - Parameters:
    ///   - photos: what is enrolled.
    ///   - capacity: events that may wait to be taken before the enrolment waits.
    public func events(_ photos: PhotoOrigin, capacity: Int = 256) -> EnrollmentEvents {
        EnrollmentEvents(enrolment: self, photos: photos, capacity: capacity)
    }
}

/// An enrolment on threads of its own, whose events one task takes; left by the task, it stops.
final class EventRun: Sendable {
    private let channel: Channel<EnrollmentEvents.Element>
    private let left = EnrollmentStop()
    private let work = BackgroundWork()
    private let hasBegun = Mutex(false)
    private let events: EnrollmentEvents

    init(_ events: EnrollmentEvents) {
        self.events = events
        channel = Channel(capacity: events.capacity)
    }

    deinit {
        left.request()
        channel.abandon()
    }

    func next() async throws -> EnrollmentEvents.Element? {
        beginOnce()
        do { return try await channel.next() } catch {
            left.request()
            throw error
        }
    }

    private func beginOnce() {
        let isFirst = hasBegun.withLock { begun in
            defer { begun = true }
            return !begun
        }
        guard isFirst else { return }
        let (channel, photos) = (channel, events.photos)
        let enrolment = events.enrolment.stopped(by: left)
        let begun = work.begin {
            channel.end(
                Result {
                    try enrolment.run(photos) { event, summary in
                        guard channel.put(.init(event: event, summary: summary)) else {
                            throw CancellationError()
                        }
                    }
                }.map { _ in })
        }
        if !begun { channel.end(.failure(ThreadError(code: EAGAIN))) }
    }
}

/// Stops when either is asked to.
private struct EitherStop: StopSignal {
    let first: any StopSignal
    let second: any StopSignal

    var isRequested: Bool { first.isRequested || second.isRequested }
}

extension PhotoEnrollment {
    /// The same enrolment, which another signal can stop, too.
    fileprivate func stopped(by other: any StopSignal) -> PhotoEnrollment {
        PhotoEnrollment(
            into: gallery, encoder: encoder, settings: settings, gate: gate,
            stop: EitherStop(first: stop, second: other))
    }
}
