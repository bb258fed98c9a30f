import FaceImage

/// Keeps the account of a job of enrolment: counts, tells how far it is, and lists what is refused, on standard error
/// and in the rejects file.
struct JobAccount {
    /// Refusals shown one by one where a rejects file lists them all, or could.
    private static let refusalsShown = 20

    let console: Console
    var summary = EnrollmentSummary()
    private let noun: String
    private let rejects: RejectsFile?
    private let showsAllRefusals: Bool
    private var progress: JobProgress

    /// - Parameters:
    ///   - noun: what is enrolled, singular.
    ///   - showsAllRefusals: whether every refusal is shown where no rejects file takes them.
    init(noun: String, _ console: Console, rejects: RejectsFile?, isDryRun: Bool, showsAllRefusals: Bool) {
        (self.noun, self.console, self.rejects) = (noun, console, rejects)
        self.showsAllRefusals = showsAllRefusals && rejects == nil
        progress = JobProgress(noun: noun + "s", console: console)
        summary.dryRun = isDryRun
    }

    mutating func showProgress(total: Int?) throws(CommandFailure) { try progress.show(summary, total: total) }

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

    /// Counts and lists a refusal.
    mutating func refuse(
        _ reason: RefusalReason, _ message: String, line: some Encodable
    ) throws(CommandFailure) {
        summary.refuse(reason)
        try rejects?.append(line)
        if showsAllRefusals || summary.refused <= Self.refusalsShown {
            note("refused: \(printable(message))")
        } else if summary.refused == Self.refusalsShown + 1 {
            note(
                rejects == nil
                    ? "refused: further ones are only counted; --rejects X.jsonl lists them"
                    : "refused: further ones are in the rejects file")
        }
        if console.json { try console.print(json: line) }
    }

    /// Tells what was done in all.
    mutating func close(total: Int?, interrupted: Bool) throws(CommandFailure) {
        summary.interrupted = interrupted
        try progress.finish(summary, total: total)
        console.note(summary.text(noun: noun))
        if let text = summary.passedOver.text { console.note(text) }
        if console.json { try console.print(json: summary) }
        guard interrupted else { return }
        console.note(
            summary.dryRun
                ? "interrupted; nothing was written"
                : "interrupted; what is told as enrolled is safe, and the same command goes on from here")
    }
}
