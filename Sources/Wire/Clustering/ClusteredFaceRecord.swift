internal import FaceImage

/// A face and the group of faces that it is in: a line of `cluster`, and of its `clusters.jsonl`.
public struct ClusteredFaceRecord: Codable, Hashable, Sendable {
    /// The number of the group, from 1, the largest first; nil where the face stands alone.
    @NullIfMissing public var cluster: Int?
    /// The photo's path; nil for a given template.
    public var photo: String?
    /// SHA-256 of the photo's file, 64 hexadecimal digits; nil for a given template.
    public var digest: String?
    /// The face; nil for a given template.
    public var face: FaceRecord?
    /// The row of a given template, from 0; nil for a photo.
    public var row: Int?

    /// A face of a photo.
    ///
    /// - Parameters:
    ///   - box: left, top, width and height.
    ///   - isDoubtful: whether it may well be no face.
    package init(
        cluster: Int?, photo: String, digest: String, box: [Int], score: Double, isDoubtful: Bool
    ) {
        (self.cluster, self.photo, self.digest) = (cluster, photo, digest)
        face = FaceRecord(box: box, score: score, isDoubtful: isDoubtful)
    }

    /// A given template.
    package init(cluster: Int?, row: Int) { (self.cluster, self.row) = (cluster, row) }
}

extension FaceRecord {
    fileprivate init(box: [Int], score: Double, isDoubtful: Bool) {
        (self.box, self.score) = (box, score)
        warnings = isDoubtful ? [WarningRecord(doubtfulScore: score)] : nil
    }
}
