package import GalleryModel

/// What a compaction did: the line of `compact`.
public struct CompactionRecord: Codable, Hashable, Sendable {
    /// Bytes that the gallery took on the disk before.
    public var bytesBefore: Int
    /// Bytes that it takes now.
    public var bytesAfter: Int

    /// A report as the engine has it.
    package init(_ report: CompactionReport) {
        (bytesBefore, bytesAfter) = (report.bytesBefore, report.bytesAfter)
    }
}
