/// Intervals from drawing people again: all searches of a person are drawn together, as they are alike.
///
/// Photos of one person succeed and fail together, so an interval over photos would be too narrow. Mated and non-mated
/// people are drawn apart, each as many as there are, with repetition. Efron 1979; the 95 % interval lies between the
/// 2.5 and 97.5 % quantiles of the draws. The same seed gives the same intervals.
public struct SubjectBootstrap: Sendable {
    /// Where chance begins.
    public var seed: UInt64
    /// How many draws; nil for 1,000, or fewer (200 at least) where there are more than 50,000 searches.
    public var draws: Int?

    /// Collects the settings.
    public init(seed: UInt64 = 1, draws: Int? = nil) { (self.seed, self.draws) = (seed, draws) }

    /// A rate with the interval that drawing people again gives.
    public struct Interval: Sendable, Hashable {
        /// Of the whole data.
        public let value: Double
        /// 95 % of the draws lie within.
        public let low: Double
        /// 95 % of the draws lie within.
        public let high: Double
    }

    /// A point of the DET curve with its intervals.
    public struct OperatingPoint: Sendable, Hashable {
        /// FPIR that was asked for.
        public let target: Double
        /// The least threshold that keeps it, with its interval.
        public let threshold: Interval
        /// FPIR at that threshold.
        public let falsePositives: MeasuredRate
        /// FNIR at that threshold.
        public let falseNegatives: MeasuredRate
        /// The interval of FNIR, in which the threshold moves with the draw.
        public let falseNegativeRate: Interval
    }

    /// Operating points of all rates that the searches can tell, and rank-1, with intervals.
    ///
    /// O(n log n + draws · n). A rate of no event, or of nothing but events, is the same in every draw: its interval is
    /// Wilson's for as many trials as there are people.
    /// - Throws: `noMatedSearch`, `noNonMatedSearch`, `rateOutOfRange`.
    public func run(
        _ rates: IdentificationRates, falsePositiveRates targets: [Double]
    ) throws(EvaluationError) -> (points: [OperatingPoint], rankOne: Interval?) {
        for target in targets where !(0...1).contains(target) { throw .rateOutOfRange(target) }
        let told = targets.filter { FalseMatchThreshold.allowed($0, of: rates.nonMatedCount) > 0 }
            .sorted(by: <)
        var samples = Samples(points: told.count)
        let searches = rates.matedCount + rates.nonMatedCount
        let draws = draws ?? max(200, min(1_000, 50_000_000 / max(1, searches)))
        var random = RandomBits(seed: seed)
        var matedWeights = [Int32](repeating: 0, count: rates.scores.matedPeople)
        var nonMatedWeights = [Int32](repeating: 0, count: rates.scores.nonMatedPeople)
        for _ in 0..<draws {
            Self.draw(into: &matedWeights, &random)
            Self.draw(into: &nonMatedWeights, &random)
            let thresholds = Self.thresholds(rates.nonMated, nonMatedWeights, told)
            Self.take(rates.mated, matedWeights, thresholds, into: &samples)
        }
        var points: [OperatingPoint] = []
        for (place, target) in told.enumerated() {
            let found = try rates.threshold(falsePositiveRate: target)
            guard !rates.mated.isEmpty else { throw .noMatedSearch }
            let missed = try rates.falseNegativeRate(threshold: found.similarity)
            points.append(
                OperatingPoint(
                    target: target,
                    threshold: Self.interval(Double(found.similarity), &samples.thresholds[place]),
                    falsePositives: found.rate, falseNegatives: missed,
                    falseNegativeRate: Self.interval(
                        missed, &samples.missRates[place], people: rates.scores.matedPeople)))
        }
        var rankOne: Interval?
        if rates.matedCount > 0 {
            rankOne = Self.interval(
                try rates.hitRate(rank: 1), &samples.rankOne, people: rates.scores.matedPeople)
        }
        return (points.reversed(), rankOne)
    }

    /// What the draws gave.
    private struct Samples {
        var thresholds: [[Double]]
        var missRates: [[Double]]
        var rankOne: [Double] = []

        init(points: Int) {
            thresholds = Array(repeating: [], count: points)
            missRates = Array(repeating: [], count: points)
        }
    }

    private static func draw(into weights: inout [Int32], _ random: inout RandomBits) {
        for place in weights.indices { weights[place] = 0 }
        for _ in weights.indices { weights[random.below(weights.count)] += 1 }
    }

    /// The threshold of each rate, for rates in ascending order.
    private static func thresholds(
        _ searches: [IdentificationScores.Search], _ weights: [Int32], _ rates: [Double]
    ) -> [Float] {
        var total = 0
        for search in searches { total += Int(weights[Int(search.person)]) }
        var thresholds: [Float] = []
        var (place, above) = (0, 0)
        for rate in rates {
            let allowed = FalseMatchThreshold.allowed(rate, of: total)
            while place < searches.count, above + Int(weights[Int(searches[place].person)]) <= allowed {
                above += Int(weights[Int(searches[place].person)])
                place += 1
            }
            thresholds.append(
                place < searches.count ? searches[place].score.nextUp : max(-1, searches.last?.score ?? -1))
        }
        return thresholds
    }

    /// Takes a draw's miss rates; thresholds descend.
    private static func take(
        _ searches: [IdentificationScores.Search], _ weights: [Int32], _ thresholds: [Float],
        into samples: inout Samples
    ) {
        var (place, found) = (0, 0)
        var foundAt: [Int] = []
        for threshold in thresholds {
            while place < searches.count, searches[place].score >= threshold, searches[place].score > -.infinity
            {
                found += Int(weights[Int(searches[place].person)])
                place += 1
            }
            foundAt.append(found)
        }
        var (total, first) = (0, 0)
        for search in searches {
            let weight = Int(weights[Int(search.person)])
            total += weight
            if search.rank == 1 { first += weight }
        }
        guard total > 0 else { return }
        for (place, found) in foundAt.enumerated() {
            samples.missRates[place].append(Double(total - found) / Double(total))
            samples.thresholds[place].append(Double(thresholds[place]))
        }
        samples.rankOne.append(Double(first) / Double(total))
    }

    private static func interval(
        _ rate: MeasuredRate, _ samples: inout [Double], people: Int
    ) -> Interval {
        let drawn = interval(rate.value, &samples)
        guard rate.events == 0 || rate.events == rate.trials else { return drawn }
        let wilson = MeasuredRate.interval(
            events: rate.events == 0 ? 0 : Double(max(1, people)), trials: Double(max(1, people)))
        return Interval(value: rate.value, low: wilson.lowerBound, high: wilson.upperBound)
    }

    private static func interval(_ value: Double, _ samples: inout [Double]) -> Interval {
        samples.sort()
        guard !samples.isEmpty else { return Interval(value: value, low: value, high: value) }
        func quantile(_ share: Double) -> Double {
            let place = share * Double(samples.count - 1)
            let low = Int(place)
            let next = samples[min(samples.count - 1, low + 1)]
            guard samples[low].isFinite, next.isFinite else { return samples[low] }
            return samples[low] + (place - Double(low)) * (next - samples[low])
        }
        return Interval(value: value, low: quantile(0.025), high: quantile(0.975))
    }
}
