public import FaceImage
import Gallery

/// How good a view of a face a photo must give to be enrolled.
///
/// The photo is judged, never the person. `docs/enrolment.md` has what each limit costs and gains, and why these two
/// are kept where none is asked for.
public struct QualityGate: Sendable, Equatable {
    package static let standardFaceScore = 0.0
    package static let standardSharpness = 5.0

    /// The limits that enrolment keeps where none is asked for.
    ///
    /// - Parameter detectsFaces: false where photos are taken whole, which have no limits.
    public static func standard(detectsFaces: Bool) -> QualityGate {
        QualityGate(
            minFaceScore: detectsFaces ? standardFaceScore : nil,
            minSharpness: detectsFaces ? standardSharpness : nil)
    }

    /// Shorter side of the face's box, in pixels of the photo.
    public var minFaceSize: Int?
    /// The detector's score; it is 0 and more for what passed its own bar.
    public var minFaceScore: Double?
    /// Variance of the Laplacian of the face's chip.
    public var minSharpness: Double?
    /// Degrees, to either side.
    public var maxYaw: Double?

    /// Limits; nil is none.
    public init(
        minFaceSize: Int? = nil, minFaceScore: Double? = nil, minSharpness: Double? = nil, maxYaw: Double? = nil
    ) {
        (self.minFaceSize, self.minFaceScore) = (minFaceSize, minFaceScore)
        (self.minSharpness, self.maxYaw) = (minSharpness, maxYaw)
    }

    /// The first limit that a face misses; nil where it may be enrolled.
    public func refusal(of face: Face, in photo: String) -> Refusal? { refusals(of: face, in: photo).first }

    /// Every limit that a face misses.
    public func refusals(of face: Face, in photo: String) -> [Refusal] {
        let quality = face.quality
        var refusals: [Refusal] = []
        if let limit = minFaceSize, quality.size < limit {
            refusals.append(
                Refusal(
                    .faceTooSmall,
                    "\(photo): the face has \(quality.size) pixels, at least \(limit) are needed",
                    measured: Double(quality.size), limit: Double(limit)))
        }
        if let limit = minFaceScore, face.score < limit {
            refusals.append(
                Refusal(
                    .lowScore,
                    "\(photo): the face's score is \(short(face.score)), at least \(short(limit)) is needed",
                    measured: face.score, limit: limit))
        }
        if let limit = minSharpness, quality.sharpness < limit {
            refusals.append(
                Refusal(
                    .tooBlurred,
                    "\(photo): the face's sharpness is \(short(quality.sharpness)), at least \(short(limit)) is needed",
                    measured: quality.sharpness, limit: limit))
        }
        if let limit = maxYaw, abs(quality.yaw) > limit {
            refusals.append(
                Refusal(
                    .pose,
                    "\(photo): the head is turned by \(short(abs(quality.yaw)))°, at most \(short(limit))° are allowed",
                    measured: abs(quality.yaw), limit: limit))
        }
        return refusals
    }
}
