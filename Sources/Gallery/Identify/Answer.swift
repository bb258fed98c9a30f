public import GalleryModel

/// What an answer says about the probe.
public enum Decision: String, Sendable {
    /// The first candidate is similar enough, and clearly more so than the second.
    case match
    /// The first candidate is similar enough, but so is another subject within the margin.
    case ambiguous
    /// No subject is similar enough.
    case unknown
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
    /// At most k subjects, most similar first; a subject appears once.
    public internal(set) var candidates: [Candidate]

    /// Makes an answer.
    public init(decision: Decision, threshold: Double?, candidates: [Candidate]) {
        self.decision = decision
        self.threshold = threshold
        self.candidates = candidates
    }
}

/// The rule that turns ranked subjects into a decision.
public struct DecisionRule: Sendable, Equatable {
    /// Cosine at or above which a candidate matches.
    public var minSimilarity: Double?
    /// By how much the first candidate must lead the second, as a difference of cosines.
    public var minMargin: Double

    /// Makes a rule; without a `minSimilarity` every probe is unknown.
    public init(minSimilarity: Double?, minMargin: Double = 0) {
        self.minSimilarity = minSimilarity
        self.minMargin = minMargin
    }

    /// Decides by the similarities of the first two subjects, in descending order.
    ///
    /// Two subjects exactly as similar as one another are ambiguous even without a margin.
    public func decision(first: Float?, second: Float?) -> Decision {
        guard let first, let minSimilarity, Double(first) >= minSimilarity else { return .unknown }
        guard let second else { return .match }
        let lead = Double(first) - Double(second)
        return lead < minMargin || lead == 0 ? .ambiguous : .match
    }
}
