internal import Evaluation
package import GalleryEvaluation

/// Error rates of pairs of photos: the line of `evaluate pairs`.
public struct PairEvaluationRecord: Codable, Hashable, Sendable {
    /// `pairs`.
    public var event: String
    /// When it was measured: ISO 8601, UTC.
    public var measured: String
    /// The network that made the templates.
    public var network: String
    /// Pairs of photos.
    public var pairs: Int
    /// Pairs of one person.
    public var mated: Int
    /// Pairs of two people.
    public var nonMated: Int
    /// Pairs with a photo of which no template could be made; they are wrong at every threshold.
    public var notAcquired: Int
    /// Share of pairs judged rightly, mean over folds; nil of a single fold.
    public var accuracy: Double?
    /// Standard error over folds.
    public var standardError: Double?
    /// Mean of the thresholds of the folds.
    public var threshold: Double?
    /// Folds.
    public var folds: Int?
    /// Where as many pairs of two people match as pairs of one person do not.
    public var equalErrorRate: Double
    /// The threshold there.
    public var equalErrorThreshold: Double
    /// By descending false match rate.
    public var matchRates: [MatchRateRecord]
    /// The smallest false match rate that the number of pairs can tell.
    public var smallestFmr: Double
    /// Whether all photos were read; else the rates are those of a part of the pairs.
    public var complete: Bool

    /// A report as the engine has it.
    ///
    /// - Parameter measured: seconds since 1970.
    package init(_ report: PairReport, network: String, measured: Double, isComplete: Bool) {
        event = "pairs"
        self.measured = EvaluationRecord.date(measured)
        self.network = network
        (pairs, mated, nonMated) = (report.pairs, report.mated, report.nonMated)
        notAcquired = report.notAcquired
        (accuracy, standardError) = (report.accuracy?.mean, report.accuracy?.standardError)
        (threshold, folds) = (report.accuracy?.threshold, report.accuracy?.folds)
        (equalErrorRate, equalErrorThreshold) = (report.equalErrorRate, report.equalErrorThreshold)
        matchRates = report.points.map(MatchRateRecord.init)
        smallestFmr = report.smallestRate
        complete = isComplete
    }
}

/// The true match rate at a false match rate.
public struct MatchRateRecord: Codable, Hashable, Sendable {
    /// False match rate that was asked for.
    public var fmr: Double
    /// The least cosine that keeps it.
    public var threshold: Double
    /// Share of pairs of one person that match there.
    public var tmr: Double
    /// Lower end of its 95 % interval.
    public var tmrLow: Double
    /// Upper end.
    public var tmrHigh: Double

    init(_ point: VerificationRates.Point) {
        (fmr, threshold) = (point.target, Double(point.falseMatches.similarity))
        let interval = point.trueMatches.interval
        (tmr, tmrLow, tmrHigh) = (point.trueMatches.value, interval.lowerBound, interval.upperBound)
    }
}
