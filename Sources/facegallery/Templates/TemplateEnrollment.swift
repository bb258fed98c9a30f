import Foundation
import Gallery
import Synchronization
import TemplateStore
import VectorFiles

/// Enrols given templates: one thread reads and checks rows, the other writes them in large transactions.
struct TemplateEnrollment {
    private static let rowsInBatch = 4_096
    /// Rows in a transaction where the caller names no number: each is synced to the disk, so large ones take less time
    /// and more memory.
    static let rowsInTransaction = 131_072
    /// What comes slowly is committed so often.
    private static let longestWait = Duration.seconds(2)
    private static let refusalsShown = 20

    /// What the reading thread hands over.
    private struct Parcel: Sendable {
        var batch: TemplateBatch
        var rows: Int
        var refused: [Refusal]
    }

    private struct Refusal: Sendable {
        var row: Int
        var reason: String
    }

    let gallery: FaceGallery
    let console: Console
    var commitEvery = Self.rowsInTransaction

    /// Works through all rows; returns the exit code.
    ///
    /// A row that is zero, not finite, or has a name that no subject can have is refused, and the rest enrolled. Memory:
    /// one transaction.
    func run(_ input: sending any TemplateInput) throws -> ExitCode {
        let total = input.total
        let origin = input.origin
        let queue = BoundedQueue<Result<Parcel, any Error>>(capacity: 8)
        defer { queue.abandon() }
        read(input, into: queue)

        var summary = EnrollmentSummary(enrolled: 0, present: 0, refused: 0)
        var progress = Progress(total: total, noun: "templates")
        var transaction: [TemplateBatch] = []
        func commit() throws {
            let outcome = try gallery.enroll(transaction)
            summary.enrolled += outcome.added
            summary.present += outcome.present
            transaction.removeAll(keepingCapacity: true)
        }
        var waiting = 0
        var lastCommit = ContinuousClock.now
        var failure: (any Error)?
        while failure == nil, let next = queue.take() {
            switch next {
            case .failure(let error): failure = error
            case .success(let parcel):
                tell(parcel.refused, of: origin, after: summary.refused, &progress)
                summary.refused += parcel.refused.count
                transaction.append(parcel.batch)
                waiting += parcel.rows
                if waiting >= commitEvery || ContinuousClock.now - lastCommit > Self.longestWait {
                    try commit()
                    lastCommit = .now
                    progress.advance(by: waiting, refused: 0)
                    waiting = 0
                }
            }
        }
        // What was read before an input failed is as good as any.
        try commit()
        progress.clear()
        if summary.refused > Self.refusalsShown {
            console.note("refused: \(summary.refused - Self.refusalsShown) further rows")
        }
        try summary.print(on: console, noun: "template")
        try gallery.settle(telling: console)
        if let failure { throw failure }
        return summary.refused > 0 ? .badData : .done
    }

    /// Reads the whole input on a thread of its own.
    private func read(
        _ input: sending any TemplateInput, into queue: BoundedQueue<Result<Parcel, any Error>>
    ) {
        let dimension = gallery.settings.dimension
        let limit = min(Self.rowsInBatch, commitEvery)
        let input = Mutex(input)
        let thread = Thread {
            input.withLock { input in
                do {
                    while true {
                        var batch = try TemplateBatch(
                            dimension: dimension, origin: input.origin,
                            capacity: input.total == nil ? 0 : limit)
                        var refused: [Refusal] = []
                        let rows = try input.fill(&batch, limit: limit) { row, reason in
                            refused.append(Refusal(row: row, reason: reason))
                        }
                        guard rows > 0 else { break }
                        let parcel = Parcel(batch: batch, rows: rows, refused: refused)
                        guard queue.put(.success(parcel)) else { break }
                    }
                } catch { _ = queue.put(.failure(error)) }
            }
            queue.end()
        }
        thread.start()
    }

    private func tell(_ refused: [Refusal], of origin: String, after told: Int, _ progress: inout Progress) {
        guard !refused.isEmpty, told < Self.refusalsShown else { return }
        progress.clear()
        for refusal in refused.prefix(Self.refusalsShown - told) {
            console.note(printable("refused: \(origin): row \(refusal.row): \(refusal.reason)"))
        }
    }
}
