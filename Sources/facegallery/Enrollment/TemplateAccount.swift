import Enrollment
import Wire

/// Shows how given templates are enrolled, and what is refused.
final class TemplateAccount {
    private var job: JobAccount

    init(_ console: Console, rejects: RejectsFile?) {
        job = JobAccount(noun: "template", console, rejects: rejects, showsAllRefusals: false)
    }

    /// Shows an event.
    func take(_ event: TemplateEnrollmentEvent, _ summary: EnrollmentSummary) throws(CommandFailure) {
        switch event {
        case .refused(let row, let origin):
            let line = TemplateRefusalRecord(row, of: origin)
            try job.refuse(line.message, line: line, summary)
        case .job(let event): try job.take(event, summary)
        }
    }
}
