internal import Evaluation
package import GalleryEvaluation

/// Error rates of searches in one mode.
public struct EvaluatedSearchesRecord: Codable, Hashable, Sendable {
    /// Probes that were searched.
    public var searched: Int
    /// Share of mated searches with the right subject first; nil if there is none.
    public var rank1: Double?
    /// Lower end of its 95 % interval over people.
    public var rank1Low: Double?
    /// Upper end.
    public var rank1High: Double?
    /// Hit rates by rank.
    public var cmc: [HitRateRecord]
    /// By descending FPIR; rates that the number of strangers cannot tell are left out.
    public var operatingPoints: [OperatingPointRecord]
    /// The smallest FPIR that the number of strangers can tell; nil if there is none.
    public var smallestFpir: Double?
    /// The DET curve.
    public var det: [TradeOffRecord]
    /// Median time of a search on one thread.
    public var secondsPerSearch: Double?
    /// Searches a second of all threads together.
    public var searchesPerSecond: Double

    package init(_ mode: ModeReport) {
        searched = mode.searched
        (rank1, rank1Low, rank1High) = (mode.rankOne?.value, mode.rankOne?.low, mode.rankOne?.high)
        cmc = mode.hits.map { HitRateRecord(rank: $0.rank, rate: $0.rate.value) }
        operatingPoints = mode.points.map(OperatingPointRecord.init)
        smallestFpir = mode.rates.nonMatedCount > 0 ? mode.rates.smallestRate : nil
        det = mode.curve.map {
            TradeOffRecord(
                fpir: $0.falsePositiveRate, fnir: $0.falseNegativeRate, threshold: Double($0.threshold))
        }
        secondsPerSearch = mode.secondsPerSearch
        searchesPerSecond = mode.searchesPerSecond
    }
}

/// A point of the CMC.
public struct HitRateRecord: Codable, Hashable, Sendable {
    /// From 1.
    public var rank: Int
    /// Share of mated searches whose subject is among so many candidates.
    public var rate: Double
}

/// A point of the DET curve.
public struct TradeOffRecord: Codable, Hashable, Sendable {
    /// Share of non-mated searches that return a candidate.
    public var fpir: Double
    /// Share of mated searches that do not return the right one first.
    public var fnir: Double
    /// Cosine from which a candidate counts.
    public var threshold: Double
}

/// FNIR and threshold at an FPIR.
public struct OperatingPointRecord: Codable, Hashable, Sendable {
    /// FPIR that was asked for.
    public var fpir: Double
    /// FPIR at the threshold, never higher.
    public var measuredFpir: Double
    /// The least cosine that keeps it.
    public var threshold: Double
    /// Lower end of its 95 % interval over people.
    public var thresholdLow: Double
    /// Upper end.
    public var thresholdHigh: Double
    /// FNIR there.
    public var fnir: Double
    /// Lower end of its 95 % interval over people.
    public var fnirLow: Double
    /// Upper end.
    public var fnirHigh: Double

    init(_ point: SubjectBootstrap.OperatingPoint) {
        (fpir, measuredFpir) = (point.target, point.falsePositives.value)
        (threshold, thresholdLow, thresholdHigh) = (
            point.threshold.value, point.threshold.low, point.threshold.high
        )
        let missed = point.falseNegativeRate
        (fnir, fnirLow, fnirHigh) = (missed.value, missed.low, missed.high)
    }
}
