/// How fast a job goes: over the last ten seconds or so, since what is skipped goes by a thousand times faster
/// than what is worked on.
struct Pace {
    private typealias Mark = (time: ContinuousClock.Instant, done: Int)

    private var mark: Mark = (.now, 0)
    private var nextMark: Mark?

    /// What is done a second, now that `done` is.
    mutating func perSecond(_ done: Int) -> Double {
        let now = ContinuousClock.now
        let rate = Double(done - mark.done) / max((now - mark.time) / .seconds(1), 1e-3)
        if let next = nextMark {
            if now - next.time > .seconds(10) { (mark, nextMark) = (next, (now, done)) }
        } else {
            nextMark = (now, done)
        }
        return rate
    }

    /// Seconds until `total` is done; nil if nobody can tell.
    static func secondsLeft(_ done: Int, of total: Int?, at perSecond: Double) -> Double? {
        guard let total, perSecond > 0 else { return nil }
        return Double(max(0, total - done)) / perSecond
    }
}
