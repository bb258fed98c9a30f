public import GalleryModel

/// How far a gallery has come: two equal positions of one gallery hold the same vectors.
///
/// A follower (an index) that remembers a position catches up with `forEachVector(after:)` and
/// `removals(after:)`.
public struct StorePosition: Sendable, Hashable, Codable {
    /// The highest id ever given, 0 in a new gallery.
    public var highestReference: ReferenceID
    /// Sequence number of the latest removal, 0 when there was none.
    public var removals: UInt64

    /// Collects the two numbers.
    public init(highestReference: ReferenceID, removals: UInt64) {
        self.highestReference = highestReference
        self.removals = removals
    }
}
