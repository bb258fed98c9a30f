public import Evaluation

/// How similar strangers and enrolled people are in a gallery, as `calibrate` measured it: from it follow the threshold
/// for any share of false positives and any size of the gallery, and the probability of a match.
public struct GalleryCalibration: Sendable, Hashable, Codable {
    /// Where the scores of strangers came from.
    public enum Source: String, Sendable, Codable {
        /// Photos or templates of strangers that the user gave.
        case given
        /// The gallery's own references, each searched without its own subject.
        case gallery
    }

    /// The best similarity of a stranger, for any number of references.
    public var strangers: StrangerScores
    /// The similarity of a probe with its own subject; nil where nobody has two references.
    public var mates: MateScores?
    /// Share of searches for strangers that may name somebody (FPIR), above 0 and below 1.
    public var targetFPIR: Double
    /// The same for answers that a person should look at; nil for none.
    public var reviewFPIR: Double?
    /// Share of probes that is assumed to show enrolled people, above 0 and below 1.
    public var prior: Double
    /// When it was measured, in seconds since 1970-01-01 00:00 UTC.
    public var measured: Double
    /// Subjects of the gallery then.
    public var subjects: Int
    /// References of the gallery then.
    public var references: Int
    /// Fingerprint of the network then.
    public var fingerprint: String
    /// Where the scores of strangers came from.
    public var source: Source

    /// Collects the parts.
    public init(
        strangers: StrangerScores, mates: MateScores?, targetFPIR: Double, reviewFPIR: Double? = nil,
        prior: Double = 0.5, measured: Double, subjects: Int, references: Int, fingerprint: String,
        source: Source
    ) {
        (self.strangers, self.mates, self.targetFPIR, self.reviewFPIR) = (
            strangers, mates, targetFPIR, reviewFPIR
        )
        (self.prior, self.measured, self.subjects, self.references) = (prior, measured, subjects, references)
        (self.fingerprint, self.source) = (fingerprint, source)
    }

    /// How the tail of the scores is modelled.
    public static let method =
        "generalised Pareto tail of the best scores, followed with the number of references"

    /// A gallery so many times as large, or as small, is too far from what was measured.
    public static let outdatedFactor = 10

    /// Refuses numbers that no calibration has.
    ///
    /// - Throws: `EvaluationError`: `rateOutOfRange`, or `rateTooSmall` for a target that the scores cannot tell.
    public func check() throws(EvaluationError) {
        for rate in [targetFPIR, prior] + (reviewFPIR.map { [$0] } ?? []) where !(rate > 0 && rate < 1) {
            throw .rateOutOfRange(rate)
        }
        try requireTold(targetFPIR)
    }

    /// Refuses a share of false positives that is smaller than one of the strangers that were searched.
    ///
    /// - Throws: `rateOutOfRange`, `rateTooSmall`.
    public func requireTold(_ rate: Double) throws(EvaluationError) {
        guard rate > 0, rate < 1 else { throw .rateOutOfRange(rate) }
        let smallest = strangers.smallestRate(in: references)
        guard rate >= smallest * (1 - 1e-9) else {
            throw .rateTooSmall(asked: rate, smallest: smallest, trials: strangers.count)
        }
    }

    /// Why it should be measured again, for a gallery as it is now; nil if it need not be.
    public func outdated(references now: Int, fingerprint: String) -> String? {
        if fingerprint != self.fingerprint { return "the gallery's network was changed" }
        let factor = Self.outdatedFactor
        if now >= factor * max(1, references) {
            return "the gallery has grown from \(references) to \(now) references"
        }
        if now * factor <= references {
            return "the gallery has shrunk from \(references) to \(now) references"
        }
        return nil
    }

    /// The cosine from which a candidate matches, in a gallery of so many references.
    ///
    /// - Parameters:
    ///   - references: how many references the gallery has.
    ///   - target: the share of false positives; nil for the calibration's own.
    /// - Throws: `rateOutOfRange`.
    public func threshold(
        target: Double? = nil, references: Int
    ) throws(EvaluationError) -> Double {
        try strangers.threshold(falsePositiveRate: target ?? targetFPIR, in: references)
    }

    /// The probability that the best candidate of a search is the right person; nil where no similarity of mates was
    /// known.
    public func probability(ofBest similarity: Double, references: Int) -> Double? {
        guard let mates,
            let probability = try? MatchProbability(strangers: strangers, mates: mates, prior: prior)
        else { return nil }
        return probability.ofBest(similarity, in: references)
    }
}

/// What a calibration says of an answer.
public struct CalibratedAnswer: Sendable, Equatable {
    /// Share of searches for strangers that reach the threshold; nil if the threshold is not the calibration's.
    public let targetFPIR: Double?
    /// The probability that the first candidate is the right person, 0…1; nil if it cannot be said.
    public let probability: Double?
    /// The share of probes that `probability` assumes to show enrolled people.
    public let prior: Double?

    /// Collects the parts.
    public init(targetFPIR: Double?, probability: Double?, prior: Double?) {
        (self.targetFPIR, self.probability, self.prior) = (targetFPIR, probability, prior)
    }
}
