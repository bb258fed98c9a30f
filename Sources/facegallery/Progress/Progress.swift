/// Shows on standard error how far a job is: a bar on a terminal, a line every 5 seconds elsewhere.
struct Progress {
    private static let barWidth = 20
    private let noun: String
    private var pace = Pace()
    private var status = StatusLine()

    init(noun: String) { self.noun = noun }

    /// Shows how far the job is, where it is time for that.
    mutating func show(_ done: Int, of total: Int?, refused: Int = 0) {
        guard status.isDue else { return }
        let rate = pace.perSecond(done)
        var line = "\(done)" + (total.map { "/\($0)" } ?? "") + " \(noun), \(whole(rate)) a second"
        if let left = Pace.secondsLeft(done, of: total, at: rate) { line += ", \(duration(left)) left" }
        if refused > 0 { line += ", \(refused) refused" }
        if status.isTerminal, let total, total > 0 {
            let filled = min(Self.barWidth, Self.barWidth * done / total)
            let bar =
                String(repeating: "#", count: filled) + String(repeating: "·", count: Self.barWidth - filled)
            line = "[\(bar)] \(line)"
        }
        status.show(line)
    }

    /// Clears the line of a terminal, so that what follows stands alone.
    mutating func clear() { status.clear() }
}
