public import FaceImage
import Gallery

/// The limits on size, score, sharpness and pose of a face that is enrolled.
///
/// They judge the photo, not the person. `docs/enrolment.md` says what each limit costs and gains, and why two of them
/// are set by default.
public struct QualityGate: Sendable, Equatable {
    package static let standardFaceScore = 0.0
    package static let standardSharpness = 5.0

    /// The default limits of enrolment.
    ///
    /// - Parameter detectsFaces: false where photos are taken whole, which have no limits.
    public static func standard(detectsFaces: Bool) -> QualityGate {
        QualityGate(
            minFaceScore: detectsFaces ? standardFaceScore : nil,
            minSharpness: detectsFaces ? standardSharpness : nil)
    }

    /// Smallest shorter side of the face's box, in pixels of the photo.
    public var minFaceSize: Int?
    /// Smallest score of the face finder; faces above dlib's own limit have 0 or more.
    public var minFaceScore: Double?
    /// Smallest variance of the Laplacian of the face's chip.
    public var minSharpness: Double?
    /// How far the head may be turned to either side, in degrees.
    public var maxYaw: Double?

    /// Limits; nil is none.
    public init(
        minFaceSize: Int? = nil, minFaceScore: Double? = nil, minSharpness: Double? = nil, maxYaw: Double? = nil
    ) {
        (self.minFaceSize, self.minFaceScore) = (minFaceSize, minFaceScore)
        (self.minSharpness, self.maxYaw) = (minSharpness, maxYaw)
    }

    /// The first limit that a face misses; nil if it may be enrolled.
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
