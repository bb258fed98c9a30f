import Concurrency
import Gallery
import TemplateStore

/// Enrols given templates: one thread reads and checks rows, the other writes them in large transactions.
///
/// Where the system makes no thread, this one does both.
struct TemplateEnrollment {
    private static let rowsInBatch = 4_096
    /// Rows in a transaction where the caller names no number: each is synced to the disk, so large ones take less time
    /// and more memory.
    static let rowsInTransaction = 131_072
    /// What comes slowly is committed so often.
    private static let longestWait = Duration.seconds(2)
    /// How often a wish to stop is looked for while nothing comes, in seconds.
    private static let patience = 0.1

    private struct RefusalLine: Encodable {
        let status = "refused"
        var file: String
        var row: Int
        var reason: RefusalReason
        var message: String
        var measured: Double?
        var limit: Double?
    }

    private let gallery: FaceGallery
    private let commitEvery: Int
    private let console: Console
    private var account: JobAccount
    /// What a run that writes nothing would have written; nil for one that writes.
    private var rehearsal: BatchRehearsal?
    private var transaction: [TemplateBatch] = []
    private var waiting = 0
    private var lastCommit = ContinuousClock.now
    private var pace = IndexPace()

    init(
        gallery: FaceGallery, console: Console, rejects: RejectsFile? = nil, isDryRun: Bool = false,
        commitEvery: Int = Self.rowsInTransaction
    ) {
        (self.gallery, self.console, self.commitEvery) = (gallery, console, commitEvery)
        account = JobAccount(
            noun: "template", console, rejects: rejects, isDryRun: isDryRun, showsAllRefusals: false)
        rehearsal = isDryRun ? BatchRehearsal() : nil
    }

    /// Works through all rows, or until the user asks to stop; returns the exit code.
    ///
    /// A row that is zero, not finite, or has a name that no subject can have is refused, and the rest enrolled. Memory:
    /// one transaction.
    mutating func run(_ input: sending any TemplateInput) throws -> ExitCode {
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
            let enrolled = account.summary.enrolled
            if rehearsal == nil, enrolled > 0, !error.isOfGalleryGone {
                account.note("\(enrolled) templates were enrolled before this, and are safe")
            }
            if rehearsal == nil { gallery.settleAfterAll() }
            throw error
        }
        // What was read before an input failed is as good as any.
        try commit()
        let isInterrupted = StopRequest.isAsked
        try account.close(total: total, interrupted: isInterrupted)
        if isInterrupted {
            // A second signal ends this at once: nothing can be lost any more but time.
            if rehearsal == nil { gallery.settleAfterAll() }
            return .tryAgain
        }
        if rehearsal == nil { try gallery.settle(telling: console) }
        if let failure { throw failure }
        return account.summary.refused > 0 ? .badData : .done
    }

    /// Takes what the reading thread brings, to the end or until the user asks to stop; returns what ended the input.
    private mutating func take(
        origin: String, total: Int?, next: () -> BoundedQueue<Result<Parcel, any Error>>.Taken
    ) throws -> (any Error)? {
        var lastCall: ContinuousClock.Instant?
        while true {
            let isStopping = StopRequest.isAsked
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
                for refused in parcel.refused { try refuse(refused, of: origin) }
            }
            if waiting >= commitEvery || ContinuousClock.now - lastCommit > Self.longestWait { try commit() }
            try account.showProgress(total: total)
        }
    }

    private mutating func commit() throws {
        let outcome = try rehearse() ?? gallery.enroll(transaction)
        account.summary.enrolled += outcome.added
        account.summary.present += outcome.present
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
        return try gallery.rehearse(transaction, &rehearsal)
    }

    private mutating func refuse(_ refused: RefusedRow, of origin: String) throws(CommandFailure) {
        let message = "\(origin): row \(refused.row): \(refused.fault)"
        try account.refuse(
            refused.reason, message,
            line: RefusalLine(
                file: origin, row: refused.row, reason: refused.reason, message: message,
                measured: refused.measured, limit: refused.limit))
    }
}
