/// A rectangle of whole pixels in a photo; it may reach beyond the photo's edges.
public struct FaceBox: Sendable, Equatable {
    /// Column of the left edge; 0 is the photo's first.
    public var x: Int
    /// Row of the top edge; 0 is the photo's first.
    public var y: Int
    /// Pixels across.
    public var width: Int
    /// Pixels down.
    public var height: Int

    /// A box from its top left corner and its size.
    public init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// Pixels inside; 0 where a side is not positive.
    public var area: Int { width > 0 && height > 0 ? width * height : 0 }

    /// Pixels that two boxes share.
    public func overlap(with other: FaceBox) -> Int {
        let across = min(x + width, other.x + other.width) - max(x, other.x)
        let down = min(y + height, other.y + other.height) - max(y, other.y)
        return across > 0 && down > 0 ? across * down : 0
    }

    /// The part of the box that is in a photo of this size; empty, at the nearest edge, if nothing of it is.
    public func clipped(width: Int, height: Int) -> FaceBox {
        let (left, top) = (min(max(0, x), width), min(max(0, y), height))
        let right = min(max(left, x.addingReportingOverflow(self.width).partialValue), width)
        let bottom = min(max(top, y.addingReportingOverflow(self.height).partialValue), height)
        return FaceBox(x: left, y: top, width: right - left, height: bottom - top)
    }

    /// The share of the smaller box that two finders' boxes of one face have in common, at least.
    private static let leastShareOfOneFace = 0.5

    /// Which of some findings is the face of this box, which another finder has drawn; nil if none is.
    package func nearest<Found>(among found: [Found], box: (Found) -> FaceBox) -> Found? {
        func share(_ other: FaceBox) -> Double {
            Double(overlap(with: other)) / Double(max(1, min(area, other.area)))
        }
        let nearest = found.max { share(box($0)) < share(box($1)) }
        return nearest.flatMap { share(box($0)) >= Self.leastShareOfOneFace ? $0 : nil }
    }
}

/// A point of a face, in pixels of the photo from its top left.
public struct Landmark: Sendable, Equatable {
    /// Columns from the left.
    public var x: Double
    /// Rows from the top.
    public var y: Double

    /// A point from its column and row.
    public init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }
}

/// How far a face can be trusted to be recognised; every figure is of the photo, none of the person.
public struct FaceQuality: Sendable, Equatable {
    /// The shorter side of the face's box, in pixels of the photo.
    public var size: Int
    /// Variance of the Laplacian of the chip's luma (0…255).
    ///
    /// Luma is (77 R + 150 G + 29 B) / 256; the Laplacian is the four neighbours less four times the pixel.
    /// 0 is a flat picture. Of 1,500 news photos of LFW a tenth are below 18, half above 37, a tenth above 77;
    /// a crisp portrait has hundreds.
    public var sharpness: Double
    /// How far the head is turned, in degrees: 0 at the camera, positive towards the right of the picture.
    ///
    /// A rough estimate from five landmarks, −90…90, good for telling a profile from a portrait.
    public var yaw: Double
    /// How far the head is tilted, in degrees: 0 is upright, positive clockwise as the picture is seen.
    ///
    /// From the line between the eyes; −180…180.
    public var roll: Double

    /// Figures that were measured elsewhere.
    public init(size: Int, sharpness: Double, yaw: Double, roll: Double) {
        self.size = size
        self.sharpness = sharpness
        self.yaw = yaw
        self.roll = roll
    }
}

/// A face where it was found.
public struct Face: Sendable, Equatable {
    /// The finder's box.
    public var box: FaceBox
    /// The finder's confidence; higher is surer.
    ///
    /// Not a probability. dlib's is above 0 and rarely above 3, YuNet's is 0…1.
    public var score: Double
    /// Five points, those of `scheme` in its order; none of a photo that was taken whole.
    public var landmarks: [Landmark]
    /// What the five points are.
    public var scheme: LandmarkScheme
    /// What speaks for and against recognising it.
    public var quality: FaceQuality
    /// Whether it may well be no face, by the finder's own judgement.
    public var isDoubtful: Bool

    /// A face from its parts.
    public init(
        box: FaceBox, score: Double, landmarks: [Landmark], scheme: LandmarkScheme = .eyeCornersAndNoseBase,
        quality: FaceQuality, isDoubtful: Bool = false
    ) {
        self.box = box
        self.score = score
        self.landmarks = landmarks
        self.scheme = scheme
        self.quality = quality
        self.isDoubtful = isDoubtful
    }

    /// A finding, measured with the help of its chip.
    init(_ finding: Finding, chip: FaceChip) {
        self.init(
            box: finding.box, score: finding.score, landmarks: finding.landmarks, scheme: finding.scheme,
            quality: FaceQuality(finding, chip: chip), isDoubtful: finding.isDoubtful)
    }
}

/// A face cut out, turned upright and scaled, as a face network takes it.
public struct FaceChip: Sendable, Equatable {
    /// Pixels across and down.
    public let side: Int
    /// Red, green and blue of every pixel, row by row from the top left: `3 * side * side` values.
    public let pixels: [UInt8]

    /// A chip from pixels: `3 * side * side` values, red, green, blue, row by row.
    public init(side: Int, pixels: [UInt8]) {
        self.side = side
        self.pixels = pixels
    }
}

/// A face of a photo, and its chip.
public struct DetectedFace: Sendable, Equatable {
    /// Where it is and how good it is.
    public let face: Face
    /// What of it is given to a network.
    public let chip: FaceChip

    /// A face with its chip.
    public init(face: Face, chip: FaceChip) {
        self.face = face
        self.chip = chip
    }
}
