/// Three photos by index: two of one person, and one of somebody else.
public struct Triplet: Hashable, Sendable {
    /// A photo of a person.
    public var anchor: Int
    /// Another photo of the anchor's person.
    public var positive: Int
    /// A photo of somebody else.
    public var negative: Int

    /// The three indices.
    public init(anchor: Int, positive: Int, negative: Int) {
        self.anchor = anchor
        self.positive = positive
        self.negative = negative
    }
}
