import Enrollment
import FaceImage
import Gallery
import GalleryModel
import Wire

/// Shows what becomes of photos: on standard output what is done, on standard error and in the rejects file what is
/// refused.
final class EnrollmentAccount {
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
                json: EnrollmentRecord(
                    present: photo, subject: subject, isUpdated: isUpdated, replaced: replaced))
        case .keptOld(let photo, let subject):
            job.note("changed: \(printable(photo.path)): its old reference stays")
            guard job.console.json else { return }
            try job.console.print(json: EnrollmentRecord(keptOld: photo, subject: subject))
        case .refused(let photo, let subject, let refusal):
            if photo.isNamed, firstNamedFailure == nil { firstNamedFailure = ExitCode(refusal.kind) }
            let message = Advice.line(refusal)
            let line = EnrollmentRecord(refused: photo, subject: subject, refusal, message: message)
            try job.refuse(message, line: line, summary)
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
        if let other = photo.similarName {
            job.note(
                "note: '\(printable(photo.subject))' and '\(printable(other))' are two subjects, but their names look the "
                    + "same; if they are one person, use merge")
        }
        for face in photo.doubtful {
            job.note(WarningRecord(doubtful: face).besideAnother(in: photo.photo.path))
        }
        if let face = photo.doubtfulFace {
            job.note(WarningRecord(doubtful: face).ofTheFace(in: photo.photo.path))
        }
        guard job.console.json else {
            return try job.print("\(isDryRun ? "accepted" : "enrolled")  \(printable(photo.subject))  \(path)")
        }
        try job.console.print(json: EnrollmentRecord(photo, isDryRun: isDryRun))
    }
}
