import Concurrency
package import Gallery
import GalleryModel

/// Enrols given templates: one thread reads and checks rows, the other writes them in large transactions.
///
/// Where the system makes no thread, this one does both.
package struct TemplateEnrollment {
    private static let rowsInBatch = 4_096
    /// Rows in a transaction where the caller names no number: each is synced to the disk, so large ones take less time
    /// and more memory.
    package static let rowsInTransaction = 131_072
    /// What comes slowly is committed so often.
    private static let longestWait = Duration.seconds(2)
    /// How often a request to stop is checked for while no input comes, in seconds.
    private static let patience = 0.1

    private let gallery: FaceGallery
    private let commitEvery: Int
    private let stop: any StopSignal
    private let listener: (TemplateEnrollmentEvent, EnrollmentSummary) throws -> Void
    private var summary: EnrollmentSummary
    /// What a run that writes nothing would have written; nil for one that writes.
    private var rehearsal: (any BatchRehearsing)?
    private var transaction: [TemplateBatch] = []
    private var waiting = 0
    private var lastCommit = ContinuousClock.now
    private var pace = IndexPace()

    /// - Parameters:
    ///   - commitEvery: templates that are made durable together.
    ///   - tell: gets what cannot be enrolled and how far the work is, on the calling thread, with the account so far.
    package init(
        into gallery: FaceGallery, isDryRun: Bool = false, commitEvery: Int = Self.rowsInTransaction,
        stop: any StopSignal = EnrollmentStop(),
        tell: @escaping (TemplateEnrollmentEvent, EnrollmentSummary) throws -> Void = { _, _ in }
    ) {
        (self.gallery, self.commitEvery, self.stop, listener) = (gallery, commitEvery, stop, tell)
        summary = EnrollmentSummary(dryRun: isDryRun)
        rehearsal = isDryRun ? gallery.rehearsal() : nil
    }

    /// Works through all rows, or until the work is stopped; returns the account.
    ///
    /// A row that is zero, not finite, or has a name that no subject can have is refused, and the rest enrolled. Memory:
    /// one transaction.
    package mutating func run(_ input: sending any TemplateInput) throws -> EnrollmentSummary {
        let (total, origin) = (input.total, input.origin)
        let queue = BoundedQueue<Result<Parcel, any Error>>(capacity: 8)
        // A thread that waits for a program which writes nothing is left behind; it has nothing to lose.
        defer { queue.abandon() }
        let reader = TemplateRows(
            input, dimension: gallery.settings.dimension, limit: min(Self.rowsInBatch, commitEvery))
        let isReadBeside = reader.begin(into: queue)

        let failure: (any Error)?
        do {
            failure = try take(origin: origin, total: total) {
                isReadBeside ? queue.take(within: Self.patience) : reader.next(within: Self.patience)
            }
        } catch {
            // What is read is not thrown away with what failed, unless it is the writing that failed.
            if !(error is GalleryError) { try? commit() }
            try? tell(.job(.failed(error)))
            if rehearsal == nil { gallery.settleAfterAll(stop) { try? tell(.job($0)) } }
            throw error
        }
        // What was read before an input failed is as good as any.
        try commit()
        summary.interrupted = stop.isRequested
        try tell(.job(.finished(total: total)))
        if rehearsal == nil {
            try gallery.settle(isInterrupted: summary.interrupted, stop) { try tell(.job($0)) }
        }
        if !summary.interrupted, let failure { throw failure }
        return summary
    }

    /// Adds an event to the summary, and passes both on.
    private mutating func tell(_ event: TemplateEnrollmentEvent) throws {
        if case .refused(let row, _) = event { summary.refuse(row.reason) }
        try listener(event, summary)
    }

    /// Takes what the reading thread brings, to the end or until the user asks to stop; returns what ended the input.
    private mutating func take(
        origin: String, total: Int?, next: () -> BoundedQueue<Result<Parcel, any Error>>.Taken
    ) throws -> (any Error)? {
        var lastCall: ContinuousClock.Instant?
        while true {
            let isStopping = stop.isRequested
            if isStopping {
                // What has come through a pipe is lost if it is not taken; a file can be read again.
                let end = lastCall ?? .now + .seconds(1)
                lastCall = end
                guard total == nil, .now < end else { return nil }
            }
            switch next() {
            case .ended: return nil
            case .nothingYet where isStopping: return nil
            case .nothingYet: break
            case .next(.failure(let error)): return error
            case .next(.success(let parcel)):
                transaction.append(parcel.batch)
                waiting += parcel.batch.count
                for refused in parcel.refused { try tell(.refused(refused, origin: origin)) }
            }
            if waiting >= commitEvery || ContinuousClock.now - lastCommit > Self.longestWait { try commit() }
            try tell(.job(.progress(total: total)))
        }
    }

    private mutating func commit() throws {
        let outcome = try rehearse() ?? gallery.enroll(transaction)
        summary.enrolled += outcome.added
        summary.present += outcome.present
        transaction.removeAll(keepingCapacity: true)
        waiting = 0
        if rehearsal == nil { pace.keep(gallery) }
        lastCommit = .now
    }

    private mutating func rehearse() throws(GalleryError) -> BatchOutcome? {
        guard var rehearsal else { return nil }
        // Taken out first, so that what it knows is not copied.
        self.rehearsal = nil
        defer { self.rehearsal = rehearsal }
        do throws(StoreError) { return try rehearsal.outcome(of: transaction) } catch { throw .store(error) }
    }
}
