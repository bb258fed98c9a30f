/// What an enrolment of given templates tells while it works.
package enum TemplateEnrollmentEvent: Sendable {
    /// A row cannot be enrolled; the others are.
    case refused(RefusedRow, origin: String)
    /// Some rows more are done; of how many, where that is known.
    case progress(total: Int?)
    /// Every row is done, or the work was stopped; the index is brought up to date next.
    case finished(total: Int?)
    /// The work ends with an error, which is thrown next; what was told as enrolled is safe.
    case failed(any Error)
    /// The index could not be saved; what is enrolled is safe, and found all the same.
    case indexNotSaved
    /// A thread is still at work whose result nobody waits for.
    case leavesThread
}
