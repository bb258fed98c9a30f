/// Error rates of identification, as NIST FRTE 1:N defines them.
///
/// Photos in which no face was found are searches that failed: they stay in every denominator. Scores are kept and
/// sorted, so every rate is exact. Memory: as `IdentificationScores`. Any thread may use it.
public struct IdentificationRates: Sendable {
    let scores: IdentificationScores
    /// Descending by score.
    let mated: [IdentificationScores.Search]
    let nonMated: [IdentificationScores.Search]
    private let matedScores: [Float]
    private let nonMatedScores: [Float]
    /// Mated searches by the rank of their mate, cumulative: at [r] those with rank 1…r.
    private let foundByRank: [Int]

    /// The highest rank of which a hit rate is known.
    public static let mostRanks = 10_000

    /// Sorts the searches; O(n log n).
    public init(_ scores: IdentificationScores) {
        self.scores = scores
        mated = scores.mated.sorted { $0.score > $1.score }
        nonMated = scores.nonMated.sorted { $0.score > $1.score }
        matedScores = mated.map(\.score)
        nonMatedScores = nonMated.map(\.score)
        let highest = min(Self.mostRanks, Int(mated.lazy.map(\.rank).max() ?? 0))
        var counts = [Int](repeating: 0, count: highest + 1)
        for search in mated where (1...Self.mostRanks).contains(Int(search.rank)) {
            counts[Int(search.rank)] += 1
        }
        for rank in counts.indices.dropFirst() { counts[rank] += counts[rank - 1] }
        foundByRank = counts
    }

    /// Rates of some outcomes.
    ///
    /// - Throws: `notANumber`, `rankOutOfRange`.
    public init(_ outcomes: some Sequence<SearchOutcome>) throws(EvaluationError) {
        self.init(try IdentificationScores(outcomes))
    }

    /// Mated searches.
    public var matedCount: Int { mated.count }
    /// Non-mated searches.
    public var nonMatedCount: Int { nonMated.count }

    /// The share of mated searches whose subject is among the first `rank` candidates (CMC at that rank).
    ///
    /// - Throws: `noMatedSearch`, `rankOutOfRange`.
    public func hitRate(rank: Int) throws(EvaluationError) -> MeasuredRate {
        guard !mated.isEmpty else { throw .noMatedSearch }
        guard (1...Self.mostRanks).contains(rank) else { throw .rankOutOfRange(rank, most: Self.mostRanks) }
        return try MeasuredRate(
            events: foundByRank[min(rank, foundByRank.count - 1)], trials: mated.count)
    }

    /// FPIR: the share of non-mated searches that return a candidate at or above a threshold.
    ///
    /// - Throws: `noNonMatedSearch`.
    public func falsePositiveRate(threshold: Float) throws(EvaluationError) -> MeasuredRate {
        guard !nonMated.isEmpty else { throw .noNonMatedSearch }
        return try MeasuredRate(
            events: nonMatedScores.descendingCount(from: threshold), trials: nonMated.count)
    }

    /// FNIR: the share of mated searches whose subject is not at rank one at or above a threshold.
    ///
    /// - Throws: `noMatedSearch`.
    public func falseNegativeRate(threshold: Float) throws(EvaluationError) -> MeasuredRate {
        guard !mated.isEmpty else { throw .noMatedSearch }
        // What was not found has −∞ and is missed at every threshold.
        let found = matedScores.descendingCount(from: max(threshold, -Float.greatestFiniteMagnitude))
        return try MeasuredRate(events: mated.count - found, trials: mated.count)
    }

    /// The least threshold at which FPIR is at most `rate`.
    ///
    /// - Throws: `noNonMatedSearch`, `rateOutOfRange`; `rateTooSmall` where not even one false positive is allowed.
    public func threshold(falsePositiveRate rate: Double) throws(EvaluationError) -> FalseMatchThreshold {
        guard !nonMated.isEmpty else { throw .noNonMatedSearch }
        guard (0...1).contains(rate) else { throw .rateOutOfRange(rate) }
        guard FalseMatchThreshold.allowed(rate, of: nonMated.count) > 0 else {
            throw .rateTooSmall(asked: rate, smallest: smallestRate, trials: nonMated.count)
        }
        return try FalseMatchThreshold(sorted: nonMatedScores, rate: rate)
    }

    /// The smallest FPIR that these searches can tell: one false positive.
    public var smallestRate: Double { 1 / Double(max(1, nonMated.count)) }

    /// FNIR and FPIR at a threshold.
    public struct TradeOff: Sendable, Hashable {
        /// Cosine.
        public let threshold: Float
        /// FPIR there, 0…1.
        public let falsePositiveRate: Double
        /// FNIR there, 0…1.
        public let falseNegativeRate: Double
    }

    /// The DET curve: at most `points` thresholds, with FPIR even on a logarithmic axis from one false positive to all.
    ///
    /// O(points · log n).
    /// - Throws: `noMatedSearch`, `noNonMatedSearch`.
    public func detectionErrorTradeOff(points: Int = 200) throws(EvaluationError) -> [TradeOff] {
        guard !mated.isEmpty else { throw .noMatedSearch }
        guard !nonMated.isEmpty else { throw .noNonMatedSearch }
        var curve: [TradeOff] = []
        var last = -1
        for place in 0..<max(2, points) {
            let share = Double(place) / Double(max(2, points) - 1)
            let events = Int(exponential(share * logarithm(Double(nonMated.count))).rounded())
            guard events > last else { continue }
            last = events
            let found = try FalseMatchThreshold(
                sorted: nonMatedScores, rate: Double(events) / Double(nonMated.count))
            guard found.similarity != curve.last?.threshold else { continue }
            curve.append(
                TradeOff(
                    threshold: found.similarity, falsePositiveRate: found.rate.value,
                    falseNegativeRate: try falseNegativeRate(threshold: found.similarity).value))
        }
        return curve
    }

    /// How often similarities of searches lie in each part of a range.
    public struct Histogram: Sendable, Hashable {
        /// Where the first part begins.
        public let low: Double
        /// How wide a part is.
        public let width: Double
        /// Of mated searches whose subject is at rank one, by its similarity.
        public let mated: [Int]
        /// Of non-mated searches, by the best similarity.
        public let nonMated: [Int]
    }

    /// Counts similarities in equal parts of the range that they span.
    ///
    /// O(n + parts).
    public func histogram(parts: Int = 60) -> Histogram {
        let all = (matedScores + nonMatedScores).filter(\.isFinite)
        let low = Double(all.min() ?? -1)
        let high = Double(all.max() ?? 1)
        let width = max(1e-6, (high - low) / Double(max(1, parts)))
        func counts(_ scores: [Float]) -> [Int] {
            var counts = [Int](repeating: 0, count: max(1, parts))
            for score in scores where score.isFinite {
                counts[min(counts.count - 1, max(0, Int((Double(score) - low) / width)))] += 1
            }
            return counts
        }
        return Histogram(low: low, width: width, mated: counts(matedScores), nonMated: counts(nonMatedScores))
    }
}
