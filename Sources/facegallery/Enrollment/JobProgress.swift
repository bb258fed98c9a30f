import Glibc

/// Tells how far a job is: a bar on a terminal, a line every 5 seconds elsewhere, with `--json` an event a second.
struct JobProgress {
    /// What a program is told on standard output.
    struct Event: Encodable {
        var event = "progress"
        var done: Int
        /// Null where it is not known yet, or never will be.
        var total: JSONNullable<Int>
        var enrolled: Int
        var present: Int
        var refused: Int
        var perSecond: Double
        var secondsLeft: JSONNullable<Double>
    }

    /// How a job stands.
    struct Counts {
        var enrolled = 0
        var present = 0
        var refused = 0
        var done: Int { enrolled + present + refused }
    }

    private static let barWidth = 20
    private let noun: String
    private let console: Console
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var lastShown = ContinuousClock.now
    /// A moment some seconds ago and what was done then: photos that are passed over go by a thousand times faster
    /// than others, so the speed since the start would say nothing.
    private var mark = (time: ContinuousClock.now, done: 0)
    private var nextMark: (time: ContinuousClock.Instant, done: Int)?
    private var isLineShown = false

    init(noun: String, console: Console) {
        (self.noun, self.console) = (noun, console)
    }

    /// Shows how far the job is, where it is time for that.
    mutating func show(_ counts: Counts, total: Int?) throws(CommandFailure) {
        let now = ContinuousClock.now
        let pause: Duration = console.json ? .seconds(1) : isTerminal ? .milliseconds(100) : .seconds(5)
        guard now - lastShown >= pause else { return }
        try tell(counts, total, now)
    }

    /// Shows how far the job has come.
    mutating func finish(_ counts: Counts, total: Int?) throws(CommandFailure) {
        if console.json { try tell(counts, total, .now) }
        clear()
    }

    /// Clears the line of a terminal, so that what follows stands alone.
    mutating func clear() {
        if isLineShown { put("\u{1B}[2K\r") }
        isLineShown = false
    }

    private mutating func tell(
        _ counts: Counts, _ total: Int?, _ now: ContinuousClock.Instant
    ) throws(CommandFailure) {
        lastShown = now
        let rate = Double(counts.done - mark.done) / max((now - mark.time) / .seconds(1), 1e-3)
        if let next = nextMark, now - next.time > .seconds(10) {
            (mark, nextMark) = (next, (now, counts.done))
        } else if nextMark == nil {
            nextMark = (now, counts.done)
        }
        let left = total.flatMap { rate > 0 ? Double(max(0, $0 - counts.done)) / rate : nil }
        if console.json {
            try console.print(
                json: Event(
                    done: counts.done, total: JSONNullable(total), enrolled: counts.enrolled,
                    present: counts.present, refused: counts.refused,
                    perSecond: (rate * 10).rounded() / 10,
                    secondsLeft: JSONNullable(left.map { ($0 * 10).rounded() / 10 })))
            return
        }
        var line = "\(counts.done)" + (total.map { "/\($0)" } ?? "") + " \(noun), \(Int(rate)) a second"
        if let left { line += ", \(duration(left)) left" }
        if counts.refused > 0 { line += ", \(counts.refused) refused" }
        if isTerminal, let total, total > 0 {
            let filled = min(Self.barWidth, Self.barWidth * counts.done / total)
            line =
                "[" + String(repeating: "#", count: filled)
                + String(repeating: "·", count: Self.barWidth - filled) + "] " + line
        }
        put(isTerminal ? "\u{1B}[2K\r" + line : line + "\n")
        isLineShown = isTerminal
    }

    private func put(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
