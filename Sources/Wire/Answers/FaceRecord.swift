package import FaceImage
internal import Gallery

/// A face where it was found in a photo.
public struct FaceRecord: Codable, Hashable, Sendable {
    /// Left, top, width and height in pixels of the upright photo: the part of the box that is in the photo.
    public var box: [Int]
    /// The finder's score; higher is surer.
    public var score: Double
    /// What speaks against the face; nil where enrolment would take it.
    public var warnings: [WarningRecord]?
    /// Column and row of five points, in pixels; nil where details were not asked for.
    public var landmarks: [[Double]]?
    /// What was measured of the face; nil where details were not asked for.
    public var quality: QualityRecord?

    /// A face as the engine has it.
    ///
    /// - Parameters:
    ///   - photo: the photo's size; nil leaves the box as it is.
    ///   - isDetailed: whether landmarks and quality are told.
    package init(
        _ face: Face, photo: (width: Int, height: Int)? = nil, warnings: [WarningRecord]? = nil,
        isDetailed: Bool = false
    ) {
        box = photo.map { face.box.clipped(width: $0.width, height: $0.height).record } ?? face.box.record
        score = face.score
        self.warnings = warnings
        guard isDetailed else { return }
        landmarks = face.landmarks.map { [$0.x, $0.y] }
        quality = QualityRecord(face)
    }
}

extension FaceBox {
    /// Left, top, width and height.
    var record: [Int] { [x, y, width, height] }
}
