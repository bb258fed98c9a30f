package import Evaluation
package import Gallery

/// A calibration of a gallery: the line of `calibrate`, and a part of that of `stats`.
public struct CalibrationRecord: Codable, Hashable, Sendable {
    /// When it was measured: ISO 8601, UTC.
    public var measured: String
    /// Where the scores of strangers came from: `given`, or `gallery` for its own references.
    public var source: String
    /// How the tail of the scores is modelled.
    public var method: String
    /// Searches for strangers.
    public var scores: Int
    /// Similarities of probes with their own subject; nil where nobody has two references: then answers have no
    /// probability.
    public var matedScores: Int?
    /// Subjects of the gallery then.
    public var subjects: Int
    /// References of the gallery then.
    public var references: Int
    /// Share of searches for strangers that may name somebody.
    public var targetFPIR: Double
    /// Cosine from which a candidate matches, in the gallery as it is now.
    public var threshold: Double
    /// Lower end of its 95 % interval.
    public var thresholdLow: Double
    /// Upper end.
    public var thresholdHigh: Double
    /// Share of searches for strangers that a person may have to look at; nil for none.
    public var reviewFPIR: Double?
    /// Cosine from which a person should look; nil without `reviewFPIR`.
    public var review: Double?
    /// The smallest share that so many searches can tell.
    public var smallestFPIR: Double
    /// Share of probes that probabilities assume to show enrolled people.
    public var prior: Double
    /// Why it should be measured again; nil if it need not be.
    public var outdated: String?

    /// A calibration, for a gallery of so many references.
    package init(
        _ calibration: GalleryCalibration, references now: Int, fingerprint: String
    ) throws(EvaluationError) {
        measured = EvaluationRecord.date(calibration.measured)
        (source, method) = (calibration.source.rawValue, GalleryCalibration.method)
        (scores, matedScores) = (calibration.strangers.count, calibration.mates?.count)
        (subjects, references) = (calibration.subjects, calibration.references)
        targetFPIR = calibration.targetFPIR
        threshold = try calibration.threshold(references: now)
        let interval = try calibration.strangers.thresholdInterval(falsePositiveRate: targetFPIR, in: now)
        (thresholdLow, thresholdHigh) = (interval.lowerBound, interval.upperBound)
        reviewFPIR = calibration.reviewFPIR
        if let reviewFPIR { review = try calibration.threshold(target: reviewFPIR, references: now) }
        smallestFPIR = calibration.strangers.smallestRate(in: now)
        prior = calibration.prior
        outdated = calibration.outdated(references: now, fingerprint: fingerprint)
    }
}
