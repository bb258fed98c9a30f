import Enrollment
import FaceImage
import Gallery
import GalleryModel

/// Shows what becomes of photos: on standard output what is done, on standard error and in the rejects file what is
/// refused.
final class EnrollmentAccount {
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

    private var job: JobAccount
    /// What the command ends with where a photo that the user named was refused, by the first of them.
    private var firstNamedFailure: ExitCode?

    init(_ console: Console, rejects: RejectsFile?) {
        job = JobAccount(noun: "photo", console, rejects: rejects, showsAllRefusals: true)
    }

    /// Shows an event.
    func take(_ event: EnrollmentEvent, _ summary: EnrollmentSummary) throws(CommandFailure) {
        switch event {
        case .enrolled(let photo): try show(photo, isDryRun: summary.dryRun)
        case .present(let photo, let subject, let isUpdated, let replaced):
            guard job.console.json else { return }
            try job.console.print(
                json: Line(
                    photo: photo.path, subject: subject, status: isUpdated ? "updated" : "present",
                    replaced: replaced, line: photo.line))
        case .keptOld(let photo, let subject):
            job.note("changed: \(printable(photo.path)): its old reference stays")
            guard job.console.json else { return }
            try job.console.print(
                json: Line(photo: photo.path, subject: subject, status: "changed", line: photo.line))
        case .refused(let photo, let subject, let refusal):
            if photo.isNamed, firstNamedFailure == nil { firstNamedFailure = ExitCode(refusal.kind) }
            let line = Line(
                photo: photo.path, subject: subject, status: "refused", duplicateOf: refusal.other,
                line: photo.line, reason: refusal.reason, message: Advice.line(refusal),
                measured: refusal.measured, limit: refusal.limit)
            try job.refuse(Advice.line(refusal), line: line, summary)
        case .job(let event): try job.take(event, summary)
        }
    }

    /// What the command ends with.
    func exitCode(_ summary: EnrollmentSummary) -> ExitCode {
        if summary.interrupted { return .tryAgain }
        if let firstNamedFailure { return firstNamedFailure }
        return summary.enrolled + summary.present == 0 ? .badData : .done
    }

    private func show(_ photo: EnrolledPhoto, isDryRun: Bool) throws(CommandFailure) {
        let path = printable(photo.photo.path)
        if let twin = photo.twin {
            job.note(
                "similar: \(path): looks like '\(printable(twin.subject))' (similarity \(fixed(twin.similarity)))"
            )
        }
        var warnings = photo.doubtful.map(FaceWarning.init(doubtful:))
        for warning in warnings { job.note(warning.besideAnother(in: photo.photo.path)) }
        if let face = photo.doubtfulFace {
            warnings.append(FaceWarning(doubtful: face))
            job.note(warnings[warnings.count - 1].ofTheFace(in: photo.photo.path))
        }
        guard job.console.json else {
            return try job.print("\(isDryRun ? "accepted" : "enrolled")  \(printable(photo.subject))  \(path)")
        }
        try job.console.print(
            json: Line(
                photo: photo.photo.path, subject: photo.subject, status: isDryRun ? "accepted" : "enrolled",
                reference: photo.reference, replaced: photo.replaced, duplicateOf: photo.twin?.subject,
                similarity: photo.twin?.similarity, line: photo.photo.line,
                warnings: warnings.isEmpty ? nil : warnings))
    }
}
