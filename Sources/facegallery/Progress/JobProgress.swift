import Enrollment
import Wire

/// Tells how far a job of enrolment is: people by a bar or lines, programs that asked for JSON by an event a second.
struct JobProgress {
    private let console: Console
    private var line: Progress
    private var pace = Pace()
    private var lastEvent = ContinuousClock.now

    init(noun: String, console: Console) {
        self.console = console
        line = Progress(noun: noun)
    }

    /// Tells how far the job is, where it is time for that.
    mutating func show(_ summary: EnrollmentSummary, total: Int?) throws(CommandFailure) {
        if !console.json {
            line.show(summary.done, of: total, refused: summary.refused)
        } else if ContinuousClock.now - lastEvent >= .seconds(1) {
            try tell(summary, total)
        }
    }

    /// Tells how far the job has come.
    mutating func finish(_ summary: EnrollmentSummary, total: Int?) throws(CommandFailure) {
        if console.json { try tell(summary, total) }
        clear()
    }

    /// Clears the line of a terminal, so that what follows stands alone.
    mutating func clear() { line.clear() }

    private mutating func tell(_ summary: EnrollmentSummary, _ total: Int?) throws(CommandFailure) {
        lastEvent = .now
        let rate = pace.perSecond(summary.done)
        let left = Pace.secondsLeft(summary.done, of: total, at: rate)
        try console.print(
            json: EnrollmentProgressRecord(summary, total: total, perSecond: rate, secondsLeft: left))
    }
}
