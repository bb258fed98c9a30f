import Glibc

/// Tells on standard error how far a job is: one line rewritten on a terminal, a line every 5 seconds elsewhere.
struct Progress {
    private let total: Int?
    private let noun: String
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let start = ContinuousClock.now
    private var lastShown = ContinuousClock.now
    private var done = 0
    private var refused = 0

    init(total: Int?, noun: String) {
        self.total = total
        self.noun = noun
    }

    mutating func advance(by count: Int = 1, refused: Int = 0) {
        done += count
        self.refused += refused
        let now = ContinuousClock.now
        guard now - lastShown >= (isTerminal ? .milliseconds(100) : .seconds(5)) else { return }
        lastShown = now
        show(end: isTerminal ? "\r" : "\n")
    }

    /// Clears the line of a terminal, so that what follows stands alone.
    func clear() {
        if isTerminal { put("\u{1B}[2K\r") }
    }

    private func show(end: String) {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let rate = Double(done) / max(seconds, 1e-3)
        var line = "\(done)\(total.map { "/\($0)" } ?? "") \(noun), \(Int(rate)) a second"
        if let total { line += ", \(Int(Double(total - done) / max(rate, 1e-3))) s left" }
        if refused > 0 { line += ", \(refused) refused" }
        put((isTerminal ? "\u{1B}[2K" : "") + line + end)
    }

    private func put(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
