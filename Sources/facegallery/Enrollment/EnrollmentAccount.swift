import Gallery
import TemplateStore

/// Keeps the account of a job, and tells what becomes of each photo: on standard output what is done, on standard
/// error and in the rejects file what is refused.
struct EnrollmentAccount {
    private struct Line: Encodable {
        var photo: String
        var subject: String
        var status: String
        var reference: Int64?
        var replaced: Int64?
        var duplicateOf: String?
        var similarity: Float?
        var line: Int?
        var reason: RefusalReason?
        var message: String?
        var measured: Double?
        var limit: Double?
    }

    private struct Summary: Encodable {
        var event = "summary"
        var enrolled: Int
        var present: Int
        var refused: Int
        var reasons: [RefusalReason: Int]
        var replaced: Int
        var keptOld: Int
        var updated: Int
        var similar: Int
        var dryRun: Bool
        var interrupted: Bool
    }

    /// Refusals shown one by one where a rejects file lists them all.
    private static let refusalsShown = 20

    private let console: Console
    private let rejects: RejectsFile?
    private let isDryRun: Bool
    private(set) var counts = JobProgress.Counts()
    private var reasons: [RefusalReason: Int] = [:]
    private var replaced = 0
    private var keptOld = 0
    private var updated = 0
    private var similar = 0
    private var firstNamedFailure: ExitCode?
    private var progress: JobProgress

    init(_ console: Console, rejects: RejectsFile?, isDryRun: Bool) {
        (self.console, self.rejects, self.isDryRun) = (console, rejects, isDryRun)
        progress = JobProgress(noun: "photos", console: console)
    }

    mutating func showProgress(total: Int?) throws(CommandFailure) { try progress.show(counts, total: total) }

    mutating func enrolled(
        _ photo: WorkedPhoto, as id: ReferenceID?, replaced old: ReferenceID?, twin: Twin?
    ) throws(CommandFailure) {
        counts.enrolled += 1
        if old != nil { replaced += 1 }
        progress.clear()
        let path = printable(photo.item.path)
        if let twin {
            similar += 1
            console.note(
                "similar: \(path): looks like '\(printable(twin.subject))' (similarity \(fixed(twin.similarity)))"
            )
        }
        if console.json {
            try console.print(
                json: Line(
                    photo: photo.item.path, subject: photo.subject, status: isDryRun ? "accepted" : "enrolled",
                    reference: id, replaced: old, duplicateOf: twin?.subject, similarity: twin?.similarity,
                    line: photo.item.line))
        } else {
            try console.print("\(isDryRun ? "accepted" : "enrolled")  \(photo.subject)  \(path)")
        }
    }

    mutating func present(_ photo: WorkedPhoto, isUpdated: Bool = false) throws(CommandFailure) {
        counts.present += 1
        if isUpdated { updated += 1 }
        guard console.json else { return }
        try console.print(
            json: Line(
                photo: photo.item.path, subject: photo.subject, status: isUpdated ? "updated" : "present",
                line: photo.item.line))
    }

    mutating func keptOld(_ photo: WorkedPhoto) throws(CommandFailure) {
        counts.present += 1
        keptOld += 1
        progress.clear()
        console.note("changed: \(printable(photo.item.path)): its old reference stays")
        guard console.json else { return }
        try console.print(
            json: Line(
                photo: photo.item.path, subject: photo.subject, status: "changed", line: photo.item.line))
    }

    mutating func refused(_ photo: WorkedPhoto, _ refusal: Refusal) throws(CommandFailure) {
        counts.refused += 1
        reasons[refusal.reason, default: 0] += 1
        if photo.item.isNamed, firstNamedFailure == nil { firstNamedFailure = refusal.exitCode }
        let line = Line(
            photo: photo.item.path, subject: photo.subject, status: "refused", duplicateOf: refusal.other,
            line: photo.item.line, reason: refusal.reason, message: refusal.message, measured: refusal.measured,
            limit: refusal.limit)
        try rejects?.append(line)
        if rejects == nil || counts.refused <= Self.refusalsShown {
            progress.clear()
            console.note("refused: \(printable(refusal.message))")
        } else if counts.refused == Self.refusalsShown + 1 {
            progress.clear()
            console.note("refused: further ones are in the rejects file")
        }
        if console.json { try console.print(json: line) }
    }

    /// Tells what was done in all; returns the exit code.
    mutating func close(total: Int?, interrupted: Bool) throws(CommandFailure) -> ExitCode {
        try progress.finish(counts, total: total)
        let enrolled = isDryRun ? "would be enrolled" : "enrolled"
        var text = "\(counts.enrolled) photo\(counts.enrolled == 1 ? "" : "s") \(enrolled), "
        text += "\(counts.present) enrolled before, \(counts.refused) refused"
        if !reasons.isEmpty {
            let list = reasons.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            text += " (" + list.map { "\($0.key.rawValue) \($0.value)" }.joined(separator: ", ") + ")"
        }
        if replaced > 0 { text += "; \(replaced) of them changed, and replaced what was there" }
        if keptOld > 0 { text += "; \(keptOld) changed, and left as they were" }
        if updated > 0 { text += "; \(updated) with new metadata or a new time" }
        if similar > 0 { text += "; \(similar) look like another subject" }
        console.note(text)
        if console.json {
            try console.print(
                json: Summary(
                    enrolled: counts.enrolled, present: counts.present, refused: counts.refused,
                    reasons: reasons, replaced: replaced, keptOld: keptOld, updated: updated, similar: similar,
                    dryRun: isDryRun, interrupted: interrupted))
        }
        if interrupted {
            console.note(
                "interrupted; what is told as enrolled is safe, and the same command goes on from here")
            return .tryAgain
        }
        if let firstNamedFailure { return firstNamedFailure }
        return counts.enrolled + counts.present == 0 ? .badData : .done
    }
}
