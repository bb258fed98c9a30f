import Glibc

/// Shows on standard error how far a job is: a bar on a terminal, a line every 5 seconds elsewhere.
struct Progress {
    private static let barWidth = 20
    private let noun: String
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var pace = Pace()
    private var lastShown = ContinuousClock.now
    private var isBarShown = false

    init(noun: String) { self.noun = noun }

    /// Shows how far the job is, where it is time for that.
    mutating func show(_ done: Int, of total: Int?, refused: Int = 0) {
        let now = ContinuousClock.now
        guard now - lastShown >= (isTerminal ? .milliseconds(100) : .seconds(5)) else { return }
        lastShown = now
        let rate = pace.perSecond(done)
        var line = "\(done)" + (total.map { "/\($0)" } ?? "") + " \(noun), \(Int(rate)) a second"
        if let left = Pace.secondsLeft(done, of: total, at: rate) { line += ", \(duration(left)) left" }
        if refused > 0 { line += ", \(refused) refused" }
        if isTerminal, let total, total > 0 {
            let filled = min(Self.barWidth, Self.barWidth * done / total)
            let bar =
                String(repeating: "#", count: filled) + String(repeating: "·", count: Self.barWidth - filled)
            line = "[\(bar)] \(line)"
        }
        put(isTerminal ? "\u{1B}[2K\r" + line : line + "\n")
        isBarShown = isTerminal
    }

    /// Clears the line of a terminal, so that what follows stands alone.
    mutating func clear() {
        if isBarShown { put("\u{1B}[2K\r") }
        isBarShown = false
    }

    private func put(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
