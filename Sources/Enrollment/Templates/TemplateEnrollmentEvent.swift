/// What an enrolment of given templates reports while it runs.
package enum TemplateEnrollmentEvent: Sendable {
    /// A row cannot be enrolled; the others are.
    case refused(RefusedRow, origin: String)
    /// What concerns the work as a whole.
    case job(JobEvent)
}
