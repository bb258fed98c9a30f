package import Gallery
internal import GalleryModel

/// Two subjects that look like one person: a line of `duplicates`.
public struct DuplicatePairRecord: Codable, Hashable, Sendable {
    /// One of the two, with the reference that is most like one of the other's.
    public struct Side: Codable, Hashable, Sendable {
        /// Its name.
        public var subject: String
        /// The reference.
        public var reference: Int64
        /// Where that came from.
        public var source: String

        /// A side as the engine has it.
        package init(_ side: SubjectPair.Side) {
            (subject, reference, source) = (side.subject, side.reference, side.source)
        }
    }

    /// Cosine of the two references.
    public var similarity: Float
    /// The side whose reference was enrolled earlier.
    public var first: Side
    /// The other.
    public var second: Side

    /// A pair as the engine has it.
    package init(_ pair: SubjectPair) {
        (similarity, first, second) = (pair.similarity, Side(pair.first), Side(pair.second))
    }
}
