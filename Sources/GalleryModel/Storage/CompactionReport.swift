/// What a compaction did.
public struct CompactionReport: Sendable, Hashable {
    /// Bytes that the gallery took on the disk before.
    public let bytesBefore: Int
    /// Bytes that it takes now.
    public let bytesAfter: Int

    /// Collects the numbers.
    public init(bytesBefore: Int, bytesAfter: Int) {
        (self.bytesBefore, self.bytesAfter) = (bytesBefore, bytesAfter)
    }
}
