internal import Evaluation
package import GalleryEvaluation

/// Whether the index keeps the search loss that it promises.
public struct RecallRecord: Codable, Hashable, Sendable {
    /// Searches that were made both ways.
    public var probes: Int
    /// Those whose best similarity the index did not find.
    public var missed: Int
    /// Their share.
    public var searchLoss: Double
    /// Lower end of its 95 % interval.
    public var searchLossLow: Double
    /// Upper end.
    public var searchLossHigh: Double
    /// The share that is promised.
    public var promised: Double
    /// Whether the promise is refuted.
    public var refuted: Bool

    package init(_ report: RecallCheck.Report) {
        (probes, missed) = (report.missed.trials, report.missed.events)
        let interval = report.missed.interval
        (searchLoss, searchLossLow, searchLossHigh) = (
            report.missed.value, interval.lowerBound, interval.upperBound
        )
        (promised, refuted) = (report.promised, report.isRefuted)
    }
}
