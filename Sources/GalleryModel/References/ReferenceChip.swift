/// A picture of the face that a reference's template was made from, with box and points, so that every network can cut
/// its own chip out of it.
///
/// The store keeps it with its reference and does not decode the picture.
public struct ReferenceChip: Sendable, Hashable {
    /// Which five points of a face are given.
    public enum Points: UInt16, Sendable {
        /// There are none: the picture is a whole photo.
        case none = 0
        /// dlib's: corners of the eyes and base of the nose.
        case eyeCornersAndNoseBase = 1
        /// YuNet's: middles of the eyes, tip of the nose, corners of the mouth.
        case eyesNoseAndMouth = 2
    }

    /// Width and height of the picture in pixels; within `sides`.
    public var side: Int
    /// The face's box: left, top, width and height in pixels of the picture.
    public var box: SIMD4<Int32>
    /// Which points these are.
    public var scheme: Points
    /// Columns and rows of five points in pixels of the picture, or none.
    public var points: [SIMD2<Float>]
    /// The picture as a JPEG file; its size in bytes is within `pictureSizes`.
    public var picture: [UInt8]

    /// Widths that a picture may have, in pixels.
    public static let sides = 16...1024
    /// Sizes that a picture may have, in bytes.
    public static let pictureSizes = 1...(1 << 18)

    /// Collects the parts; `NewReference.check` says whether a gallery can store them.
    public init(
        side: Int, box: SIMD4<Int32>, scheme: Points, points: [SIMD2<Float>], picture: [UInt8]
    ) {
        (self.side, self.box, self.scheme, self.points, self.picture) = (side, box, scheme, points, picture)
    }
}

extension ReferenceChip {
    /// Points of a face.
    package static let pointCount = 5
    /// Places that a face can have in its picture, which it may reach beyond.
    private static let places = Float(-65_536)...65_536

    /// Why no reference can have such a chip; nil for one that can be stored.
    package var fault: String? {
        if !Self.pictureSizes.contains(picture.count) {
            return "its chip has \(picture.count) bytes; \(Self.pictureSizes) are allowed"
        }
        return hasSoundNumbers ? nil : "the side, the box or the points of its chip are impossible"
    }

    /// Whether side, box and points are a face's.
    package var hasSoundNumbers: Bool {
        Self.sides.contains(side) && points.count == (scheme == .none ? 0 : Self.pointCount)
            && (0..<4).allSatisfy { Self.places.contains(Float(box[$0])) } && box[2] > 0 && box[3] > 0
            && points.allSatisfy { Self.places.contains($0.x) && Self.places.contains($0.y) }
    }
}

/// How many chips a gallery keeps.
public struct ChipStatistics: Sendable, Hashable {
    /// References that have a chip.
    public let count: Int
    /// Bytes of the pages that contain them.
    public let bytes: Int

    /// Collects the counts.
    public init(count: Int, bytes: Int) { (self.count, self.bytes) = (count, bytes) }
}
