import Enrollment

/// Shows how given templates are enrolled, and what is refused.
final class TemplateAccount {
    private struct RefusalLine: Encodable {
        let status = "refused"
        var file: String
        var row: Int
        var reason: RefusalReason
        var message: String
        var measured: Double?
        var limit: Double?
    }

    private var job: JobAccount

    init(_ console: Console, rejects: RejectsFile?) {
        job = JobAccount(noun: "template", console, rejects: rejects, showsAllRefusals: false)
    }

    /// Shows an event.
    func take(_ event: TemplateEnrollmentEvent, _ summary: EnrollmentSummary) throws(CommandFailure) {
        switch event {
        case .refused(let row, let origin):
            let message = "\(origin): row \(row.row): \(row.fault)"
            let line = RefusalLine(
                file: origin, row: row.row, reason: row.reason, message: message, measured: row.measured,
                limit: row.limit)
            try job.refuse(message, line: line, summary)
        case .job(let event): try job.take(event, summary)
        }
    }
}
