/// The similarity of a pair and what it truly is.
public struct ScoredPair: Sendable, Hashable {
    /// Cosine, −1…1; `nil` if a photo gave no template.
    public let similarity: Float?
    /// Whether both photos are of one person.
    public let isMated: Bool
    /// The part of the data that it belongs to.
    public let fold: Int

    /// Collects the facts.
    public init(similarity: Float?, isMated: Bool, fold: Int = 0) {
        self.similarity = similarity
        self.isMated = isMated
        self.fold = fold
    }
}
