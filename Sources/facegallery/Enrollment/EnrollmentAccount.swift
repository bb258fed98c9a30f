import FaceImage
import Gallery
import TemplateStore

/// Keeps the account of a job that enrols photos, and tells what becomes of each: on standard output what is done, on
/// standard error and in the rejects file what is refused.
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
        /// What is doubtful: the enrolled face, or what beside it may be a face too; left out where nothing is.
        var warnings: [FaceWarning]?
    }

    private let isDryRun: Bool
    private var job: JobAccount
    private var firstNamedFailure: ExitCode?

    init(_ console: Console, rejects: RejectsFile?, isDryRun: Bool) {
        self.isDryRun = isDryRun
        job = JobAccount(
            noun: "photo", console, rejects: rejects, isDryRun: isDryRun, showsAllRefusals: true)
    }

    /// Photos enrolled so far.
    var enrolledCount: Int { job.summary.enrolled }

    mutating func showProgress(total: Int?) throws(CommandFailure) { try job.showProgress(total: total) }

    mutating func enrolled(
        _ photo: WorkedPhoto, as id: ReferenceID?, replaced old: ReferenceID?, twin: Twin?
    ) throws(CommandFailure) {
        job.summary.enrolled += 1
        if old != nil { job.summary.replaced += 1 }
        let path = printable(photo.item.path)
        if let twin {
            job.summary.similar += 1
            job.note(
                "similar: \(path): looks like '\(printable(twin.subject))' (similarity \(fixed(twin.similarity)))"
            )
        }
        var warnings = photo.doubtful.map(FaceWarning.init(doubtful:))
        for warning in warnings { job.note(warning.besideAnother(in: photo.item.path)) }
        if let face = photo.doubtfulFace {
            warnings.append(FaceWarning(doubtful: face))
            job.note(warnings[warnings.count - 1].ofTheFace(in: photo.item.path))
        }
        if job.console.json {
            try job.console.print(
                json: Line(
                    photo: photo.item.path, subject: photo.subject, status: isDryRun ? "accepted" : "enrolled",
                    reference: id, replaced: old, duplicateOf: twin?.subject, similarity: twin?.similarity,
                    line: photo.item.line, warnings: warnings.isEmpty ? nil : warnings))
        } else {
            try job.print("\(isDryRun ? "accepted" : "enrolled")  \(printable(photo.subject))  \(path)")
        }
    }

    mutating func present(
        _ photo: WorkedPhoto, isUpdated: Bool = false, replaced old: ReferenceID? = nil
    ) throws(CommandFailure) {
        job.summary.present += 1
        if isUpdated { job.summary.updated += 1 }
        if old != nil { job.summary.replaced += 1 }
        guard job.console.json else { return }
        try job.console.print(
            json: Line(
                photo: photo.item.path, subject: photo.subject, status: isUpdated ? "updated" : "present",
                replaced: old, line: photo.item.line))
    }

    mutating func keptOld(_ photo: WorkedPhoto) throws(CommandFailure) {
        job.summary.present += 1
        job.summary.keptOld += 1
        job.note("changed: \(printable(photo.item.path)): its old reference stays")
        guard job.console.json else { return }
        try job.console.print(
            json: Line(
                photo: photo.item.path, subject: photo.subject, status: "changed", line: photo.item.line))
    }

    mutating func refused(_ photo: WorkedPhoto, _ refusal: Refusal) throws(CommandFailure) {
        if photo.item.isNamed, firstNamedFailure == nil { firstNamedFailure = refusal.exitCode }
        let line = Line(
            photo: photo.item.path, subject: photo.subject, status: "refused", duplicateOf: refusal.other,
            line: photo.item.line, reason: refusal.reason, message: refusal.message, measured: refusal.measured,
            limit: refusal.limit)
        try job.refuse(refusal.reason, refusal.message, line: line)
    }

    /// Tells what was done in all; returns the exit code.
    mutating func close(
        total: Int?, passedOver: PassedOver, interrupted: Bool
    ) throws(CommandFailure) -> ExitCode {
        job.summary.passedOver = passedOver
        try job.close(total: total, interrupted: interrupted)
        if interrupted { return .tryAgain }
        if let firstNamedFailure { return firstNamedFailure }
        return job.summary.enrolled + job.summary.present == 0 ? .badData : .done
    }
}
