public import GalleryModel

/// What an answer says about the probe.
public enum Decision: String, Sendable {
    /// The first candidate is similar enough, and clearly more so than the second.
    case match
    /// The first candidate is similar enough, but so is another subject within the margin.
    case ambiguous
    /// No subject is similar enough for a match, but the first one for a person to look at it. Only where a limit for
    /// that is set.
    case review
    /// No subject is similar enough.
    case unknown
}

/// How far the first candidate is from the threshold, in the measure of the network's own thresholds.
public enum Certainty: String, Sendable {
    /// Far above the threshold.
    case clear
    /// Above it, but not far.
    case close
    /// Below it, but not far: perhaps it is this subject.
    case perhaps
}

/// How the references of one subject become one similarity.
public enum Fusion: String, Sendable, CaseIterable {
    /// The similarity of the subject's most similar reference.
    case max
    /// The mean over all of the subject's references.
    case mean
}

/// A subject in an answer.
public struct Candidate: Sendable, Equatable {
    /// Place in the answer, from 1.
    public let rank: Int
    /// The subject's name.
    public let subject: String
    /// Cosine, −1…1, fused over the subject's references.
    public let similarity: Float
    /// The subject's reference that is most similar to the probe.
    public let reference: ReferenceID
    /// The metadata of that reference; `nil` if it was not asked for.
    public var metadata: [String: String]?
}

/// The ranked subjects for one probe.
public struct Answer: Sendable, Equatable {
    /// What the candidates amount to.
    public let decision: Decision
    /// Cosine at or above which a candidate matches; `nil` if none is known, and nothing can match.
    public let threshold: Double?
    /// How far the first candidate is from the threshold; `nil` far below it, or if that cannot be said.
    public let certainty: Certainty?
    /// What the gallery's calibration says of it; `nil` if there is none.
    public let calibrated: CalibratedAnswer?
    /// At most k subjects, most similar first; a subject appears once.
    public internal(set) var candidates: [Candidate]

    /// Makes an answer.
    public init(
        decision: Decision, threshold: Double?, certainty: Certainty? = nil,
        calibrated: CalibratedAnswer? = nil, candidates: [Candidate]
    ) {
        self.decision = decision
        self.threshold = threshold
        self.certainty = certainty
        self.calibrated = calibrated
        self.candidates = candidates
    }
}

/// The rule that turns ranked subjects into a decision.
public struct DecisionRule: Sendable, Equatable {
    /// Cosine at or above which a candidate matches.
    public var minSimilarity: Double?
    /// By how much the first candidate must lead the second, as a difference of cosines.
    public var minMargin: Double
    /// Cosine at or above which a candidate that does not match is to be looked at.
    public var review: Double?
    /// Cosine at or above which a candidate that does not match may nevertheless be the person; the same distance above
    /// the threshold a match is clear.
    public var perhaps: Double?

    /// Makes a rule; without a `minSimilarity` no probe matches.
    public init(minSimilarity: Double?, minMargin: Double = 0, review: Double? = nil, perhaps: Double? = nil) {
        self.minSimilarity = minSimilarity
        self.minMargin = minMargin
        (self.review, self.perhaps) = (review, perhaps)
    }

    /// The margin where none is set: a tenth of the distance between the threshold and 1, but at most 0.05.
    ///
    /// So it follows the network's scale. `Bench/margin.py` measures what it costs.
    public static func margin(at threshold: Double?) -> Double {
        guard let threshold else { return 0 }
        return min(0.05, max(0, (1 - threshold) / 10))
    }

    /// Decides by the similarities of the first two subjects, in descending order.
    ///
    /// Two subjects exactly as similar as one another are ambiguous even without a margin.
    public func decision(first: Float?, second: Float?) -> Decision {
        guard let first else { return .unknown }
        guard let minSimilarity, Double(first) >= minSimilarity else {
            return review.map { Double(first) >= $0 } ?? false ? .review : .unknown
        }
        guard let second else { return .match }
        let lead = Double(first) - Double(second)
        return lead < minMargin || lead == 0 ? .ambiguous : .match
    }

    /// How far a similarity is from the threshold; nil if that cannot be said, or it is far below.
    public func certainty(of similarity: Float?) -> Certainty? {
        guard let similarity, let minSimilarity else { return nil }
        let value = Double(similarity)
        guard let low = perhaps ?? review else { return nil }
        if value < minSimilarity { return value >= min(low, review ?? low) ? .perhaps : nil }
        guard let perhaps else { return nil }
        return value >= 2 * minSimilarity - perhaps ? .clear : .close
    }
}
