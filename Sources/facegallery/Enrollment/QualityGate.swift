import ArgumentParsing
import FaceImage

/// How good a view of a face a photo must give to be enrolled.
///
/// The photo is judged, never the person. `docs/enrolment.md` has what each limit costs and gains, and why these two
/// are kept where none is asked for.
struct QualityGate: Sendable {
    private static let standardFaceScore = 0.0
    private static let standardSharpness = 5.0

    /// The limits that enrolment keeps where none is asked for.
    ///
    /// - Parameter detectsFaces: false where photos are taken whole, which have no limits.
    static func standard(detectsFaces: Bool) -> QualityGate {
        QualityGate(
            minFaceScore: detectsFaces ? standardFaceScore : nil,
            minSharpness: detectsFaces ? standardSharpness : nil)
    }

    /// Shorter side of the face's box, in pixels of the photo.
    var minFaceSize: Int?
    /// The detector's score; it is 0 and more for what passed its own bar.
    var minFaceScore: Double?
    /// Variance of the Laplacian of the face's chip.
    var minSharpness: Double?
    /// Degrees, to either side.
    var maxYaw: Double?

    static let options = [
        OptionSpecification(
            "--min-face-size", value: "PX", help: "Smallest face, shorter side in pixels (default: 0, any)."),
        OptionSpecification(
            "--min-face-score", value: "S",
            help: "Least score of the detector, -1 for any (default: 0, the detector's own bar)."),
        OptionSpecification(
            "--min-sharpness", value: "V",
            help: "Least sharpness of a face, 0 for any; most news photos have 37 or more (default: 5)."),
        OptionSpecification(
            "--max-yaw", value: "DEG", help: "How far a head may be turned, in degrees (default: 90, any)."),
    ]

    private init(minFaceScore: Double?, minSharpness: Double?) {
        (self.minFaceScore, self.minSharpness) = (minFaceScore, minSharpness)
    }

    /// - Parameter detectsFaces: where nothing is looked for, score and pose are unknown and no limit can be kept.
    init(_ arguments: ParsedArguments, detectsFaces: Bool) throws(UsageError) {
        minFaceSize = try arguments.integer("--min-face-size", in: 0...100_000)
        minFaceScore = try arguments.real("--min-face-score", in: -100...100)
        minSharpness = try arguments.real("--min-sharpness", in: 0...1e9)
        maxYaw = try arguments.real("--max-yaw", in: 0...90)
        if detectsFaces {
            minFaceScore = minFaceScore ?? Self.standardFaceScore
            minSharpness = minSharpness ?? Self.standardSharpness
            return
        }
        guard minFaceScore == nil, maxYaw == nil else {
            throw UsageError(
                "the gallery's network takes photos whole: leave --min-face-score and --max-yaw out",
                command: "enroll")
        }
    }

    /// The first limit that a face misses; nil where it may be enrolled.
    func refusal(of face: Face, in photo: String) -> Refusal? { refusals(of: face, in: photo).first }

    /// Every limit that a face misses.
    func refusals(of face: Face, in photo: String) -> [Refusal] {
        let quality = face.quality
        var refusals: [Refusal] = []
        if let limit = minFaceSize, quality.size < limit {
            refusals.append(
                Refusal(
                    .faceTooSmall, "\(photo): the face has \(quality.size) pixels, \(limit) are asked for",
                    measured: Double(quality.size), limit: Double(limit)))
        }
        if let limit = minFaceScore, face.score < limit {
            refusals.append(
                Refusal(
                    .lowScore,
                    "\(photo): the face's score is \(short(face.score)), \(short(limit)) is asked for",
                    measured: face.score, limit: limit))
        }
        if let limit = minSharpness, quality.sharpness < limit {
            refusals.append(
                Refusal(
                    .tooBlurred,
                    "\(photo): the face's sharpness is \(short(quality.sharpness)), \(short(limit)) is asked for",
                    measured: quality.sharpness, limit: limit))
        }
        if let limit = maxYaw, abs(quality.yaw) > limit {
            refusals.append(
                Refusal(
                    .pose,
                    "\(photo): the head is turned by \(short(abs(quality.yaw)))°, \(short(limit))° are allowed",
                    measured: abs(quality.yaw), limit: limit))
        }
        return refusals
    }
}
