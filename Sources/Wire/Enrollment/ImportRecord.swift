package import GalleryModel

/// What an import did: the line of `import`.
public struct ImportRecord: Codable, Hashable, Sendable {
    /// New references.
    public var enrolled: Int
    /// References that were there before.
    public var present: Int

    /// The counts of an import.
    package init(_ counts: ImportCounts) { (enrolled, present) = (counts.added, counts.present) }
}
