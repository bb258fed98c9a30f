package import FaceImage
package import GalleryModel

/// How good a photo of a face is for recognition.
public struct QualityRecord: Codable, Hashable, Sendable {
    /// Shorter side of the face's box, in pixels of the photo.
    public var faceSize: Int
    /// Sharpness, 0 or more.
    public var sharpness: Double
    /// Turn of the head to its side, in degrees.
    public var yaw: Double
    /// Tilt of the head, in degrees.
    public var roll: Double
    /// The finder's score; higher is surer.
    public var score: Double

    /// What a gallery keeps of a reference's photo.
    package init(_ quality: ReferenceQuality) {
        (faceSize, sharpness) = (quality.faceSize, quality.sharpness)
        (yaw, roll, score) = (quality.yaw, quality.roll, quality.score)
    }

    /// What was measured of a face.
    package init(_ face: Face) {
        (faceSize, sharpness) = (face.quality.size, face.quality.sharpness)
        (yaw, roll, score) = (face.quality.yaw, face.quality.roll, face.score)
    }
}
