/// How often something happened among trials, with the interval that the number of trials allows.
public struct MeasuredRate: Sendable, Hashable {
    /// How often it happened, 0…`trials`.
    public let events: Int
    /// How often it could have happened, 1 or more.
    public let trials: Int

    /// Collects the counts.
    ///
    /// - Throws: `noTrials`, or `impossibleCount` where events are negative or more than the trials.
    public init(events: Int, trials: Int, of what: String = "trial") throws(EvaluationError) {
        guard trials > 0 else { throw .noTrials(of: what) }
        guard (0...trials).contains(events) else { throw .impossibleCount(events: events, trials: trials) }
        (self.events, self.trials) = (events, trials)
    }

    /// Events among trials, 0…1.
    public var value: Double { Double(events) / Double(trials) }

    /// The 95 % interval for independent trials.
    ///
    /// Wilson 1927, which holds for small counts and for none at all.
    public var interval: ClosedRange<Double> {
        Self.interval(events: Double(events), trials: Double(trials))
    }

    /// The same for counts that are not whole: `trials` may be the number of independent ones, which is smaller.
    static func interval(events: Double, trials: Double) -> ClosedRange<Double> {
        let z = 1.959_963_984_540_054
        let share = events / trials
        let centre = share + z * z / (2 * trials)
        let spread = z * (share * (1 - share) / trials + z * z / (4 * trials * trials)).squareRoot()
        let scale = 1 + z * z / trials
        // Rounding must not push the limit off none and all.
        let low = events == 0 ? 0 : max(0, (centre - spread) / scale)
        let high = events == trials ? 1 : min(1, (centre + spread) / scale)
        return low...high
    }
}
