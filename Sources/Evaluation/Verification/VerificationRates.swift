/// Error rates of pairs at a threshold.
///
/// Pairs with a photo that gave no template (failures to acquire) match at no threshold and stay in every count.
public struct VerificationRates: Sendable {
    /// Similarities of pairs of one person, and of two, descending; −∞ where there is none.
    private let mated: [Float]
    private let nonMated: [Float]
    /// Pairs with a photo that gave no template.
    public let notAcquired: Int

    /// Sorts the similarities; O(n log n).
    ///
    /// - Throws: `noPairs` where a kind is missing, `notANumber`.
    public init(_ pairs: some Sequence<ScoredPair>) throws(EvaluationError) {
        var (mated, nonMated, failures): ([Float], [Float], Int) = ([], [], 0)
        for pair in pairs {
            if pair.similarity?.isNaN == true { throw .notANumber }
            if pair.similarity == nil { failures += 1 }
            if pair.isMated {
                mated.append(pair.similarity ?? -.infinity)
            } else {
                nonMated.append(pair.similarity ?? -.infinity)
            }
        }
        guard !mated.isEmpty else { throw .noPairs(ofOnePerson: true) }
        guard !nonMated.isEmpty else { throw .noPairs(ofOnePerson: false) }
        mated.sort(by: >)
        nonMated.sort(by: >)
        (self.mated, self.nonMated, notAcquired) = (mated, nonMated, failures)
    }

    /// Pairs of one person.
    public var matedPairs: Int { mated.count }
    /// Pairs of two people.
    public var nonMatedPairs: Int { nonMated.count }

    /// The true match rate at the threshold that a false match rate asks for.
    public struct Point: Sendable, Equatable {
        /// The false match rate that was asked for.
        public let target: Double
        /// The threshold, and the false match rate that it really has.
        public let falseMatches: FalseMatchThreshold
        /// The share of pairs of one person at or above the threshold.
        public let trueMatches: MeasuredRate
    }

    /// The true match rate at a false match rate.
    ///
    /// - Throws: `rateOutOfRange`; `rateTooSmall` where not even one of the pairs of two people may match.
    public func point(falseMatchRate rate: Double) throws(EvaluationError) -> Point {
        guard (0...1).contains(rate) else { throw .rateOutOfRange(rate) }
        guard FalseMatchThreshold.allowed(rate, of: nonMated.count) > 0 else {
            throw .rateTooSmall(asked: rate, smallest: 1 / Double(nonMated.count), trials: nonMated.count)
        }
        let threshold = try FalseMatchThreshold(sorted: nonMated, rate: rate)
        return Point(
            target: rate, falseMatches: threshold,
            trueMatches: try MeasuredRate(
                events: mated.descendingCount(from: threshold.similarity), trials: mated.count))
    }

    /// The rate at which as many pairs of two people match as pairs of one person do not, with its threshold.
    ///
    /// Both rates are step functions of the threshold. Where they cross between two similarities, both are
    /// interpolated linearly. O(n).
    public var equalErrorRate: (rate: Double, threshold: Float) {
        var (m, n) = (0, 0)
        var before = (miss: 1.0, falseMatch: 0.0)
        while m < mated.count || n < nonMated.count {
            let threshold = max(
                m < mated.count ? mated[m] : -.infinity, n < nonMated.count ? nonMated[n] : -.infinity)
            guard threshold > -.infinity else { break }
            while m < mated.count, mated[m] >= threshold { m += 1 }
            while n < nonMated.count, nonMated[n] >= threshold { n += 1 }
            let now = (
                miss: 1 - Double(m) / Double(mated.count), falseMatch: Double(n) / Double(nonMated.count)
            )
            if now.falseMatch >= now.miss {
                let (gapBefore, gapNow) = (before.miss - before.falseMatch, now.falseMatch - now.miss)
                let share = gapBefore + gapNow > 0 ? gapBefore / (gapBefore + gapNow) : 0
                return (before.falseMatch + share * (now.falseMatch - before.falseMatch), threshold)
            }
            before = now
        }
        // Failures to acquire keep the miss rate above the false match rate at every threshold.
        return ((before.miss + before.falseMatch) / 2, -1)
    }
}
