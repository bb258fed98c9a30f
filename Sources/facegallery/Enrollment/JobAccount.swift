import Enrollment
import FaceImage
import Wire

/// Shows a job of enrolment: how far it is, and what is refused, on standard error and in the rejects file.
struct JobAccount {
    /// Refusals shown one by one where a rejects file lists them all, or could.
    private static let refusalsShown = 20

    let console: Console
    private let noun: String
    private let rejects: RejectsFile?
    private let showsAllRefusals: Bool
    private var progress: JobProgress

    /// - Parameters:
    ///   - noun: what is enrolled, singular.
    ///   - showsAllRefusals: whether every refusal is shown where no rejects file takes them.
    init(noun: String, _ console: Console, rejects: RejectsFile?, showsAllRefusals: Bool) {
        (self.noun, self.console, self.rejects) = (noun, console, rejects)
        self.showsAllRefusals = showsAllRefusals && rejects == nil
        progress = JobProgress(noun: noun + "s", console: console)
    }

    /// Tells something on standard error, below the bar.
    mutating func note(_ text: String) {
        progress.clear()
        console.note(text)
    }

    /// Prints an answer on standard output, below the bar.
    mutating func print(_ line: String) throws(CommandFailure) {
        progress.clear()
        try console.print(line)
    }

    /// Lists a refusal, which is counted already.
    mutating func refuse(
        _ message: String, line: some Encodable, _ summary: EnrollmentSummary
    ) throws(CommandFailure) {
        try rejects?.append(line)
        if showsAllRefusals || summary.refused <= Self.refusalsShown {
            note("refused: \(printable(message))")
        } else if summary.refused == Self.refusalsShown + 1 {
            note(
                rejects == nil
                    ? "refused: further refusals are only counted; --rejects X.jsonl lists them all"
                    : "refused: further refusals are listed in the rejects file")
        }
        if console.json { try console.print(json: line) }
    }

    /// Tells what was done in all.
    private mutating func close(_ summary: EnrollmentSummary, total: Int?) throws(CommandFailure) {
        try progress.finish(summary, total: total)
        console.note(summary.text(noun: noun))
        if let text = summary.passedOver.text { console.note(Advice.withOptions(text)) }
        if console.json { try console.print(json: EnrollmentSummaryRecord(summary)) }
        guard summary.interrupted else { return }
        console.note(
            summary.dryRun
                ? "interrupted; nothing was written"
                : "interrupted: what was reported as enrolled is safe; run the same command again to continue")
    }

    /// Shows an event of the job as a whole.
    mutating func take(_ event: JobEvent, _ summary: EnrollmentSummary) throws(CommandFailure) {
        switch event {
        case .progress(let total): try progress.show(summary, total: total)
        case .finished(let total):
            try close(summary, total: total)
            // Nothing can be lost any more but time.
            StopRequest.endAtOnce()
        case .failed(let error):
            if summary.enrolled > 0, !summary.dryRun, !error.isOfGalleryGone {
                note("\(summary.enrolled) \(noun)s were enrolled before this, and are safe")
            }
            StopRequest.endAtOnce()
        case .indexNotSaved, .leavesThread:
            progress.clear()
            console.takeEnding(event)
        }
    }
}

extension Console {
    /// Shows how a job ends that has nothing else to report.
    func takeEnding(_ event: JobEvent) {
        switch event {
        case .indexNotSaved:
            note("the index could not be saved; what is enrolled is safe, and is found nevertheless")
        case .leavesThread: StopRequest.leaveThreads()
        case .progress, .finished, .failed: break
        }
    }
}
