/// What one search of a gallery gave, for the error rates of NIST FRTE 1:N.
public struct SearchOutcome: Sendable, Hashable {
    /// Number of the person that the probe shows, the same for all their probes; nil: a person of its own.
    public var person: Int?
    /// Whether the probe's subject is enrolled.
    public var isMated: Bool
    /// Rank of the probe's own subject, from 1; `nil` for a non-mated search, or a mate that is not in the answer.
    public var mateRank: Int?
    /// Similarity of the candidate at rank one; `nil` if there is none, as when no face was found.
    public var topSimilarity: Float?
    /// Similarity of the probe's own subject; nil where it is unknown.
    public var mateSimilarity: Float?
    /// Whether a face was found in the probe, and a template made.
    public var isAcquired: Bool

    /// Collects the facts.
    public init(
        mateRank: Int?, topSimilarity: Float?, isMated: Bool, person: Int? = nil, mateSimilarity: Float? = nil,
        isAcquired: Bool? = nil
    ) {
        (self.mateRank, self.topSimilarity, self.isMated) = (mateRank, topSimilarity, isMated)
        (self.person, self.mateSimilarity) = (person, mateSimilarity)
        self.isAcquired = isAcquired ?? (topSimilarity != nil)
    }

    /// A search that returned no candidate because the probe gave no template.
    public static func notAcquired(isMated: Bool, person: Int? = nil) -> SearchOutcome {
        SearchOutcome(
            mateRank: nil, topSimilarity: nil, isMated: isMated, person: person, isAcquired: false)
    }
}
