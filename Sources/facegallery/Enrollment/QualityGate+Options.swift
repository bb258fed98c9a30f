import ArgumentParsing
import Enrollment

extension QualityGate {
    static let options = [
        OptionSpecification(
            "--min-face-size", value: "PX", help: "Smallest face, shorter side in pixels (default: 0, any)."),
        OptionSpecification(
            "--min-face-score", value: "S",
            help: "Smallest score of the face finder, -1 for any (default: 0, the finder's own limit)."),
        OptionSpecification(
            "--min-sharpness", value: "V",
            help: "Smallest sharpness, 0 for any (default: 5; most news photos have 37 or more)."),
        OptionSpecification(
            "--max-yaw", value: "DEG",
            help: "How far a head may be turned to either side, in degrees (default: 90, any)."),
    ]

    /// - Parameter detectsFaces: where nothing is looked for, score and pose are unknown and no limit can be kept.
    init(_ arguments: ParsedArguments, detectsFaces: Bool) throws(UsageError) {
        self.init(
            minFaceSize: try arguments.integer("--min-face-size", in: 0...100_000),
            minFaceScore: try arguments.real("--min-face-score", in: -100...100),
            minSharpness: try arguments.real("--min-sharpness", in: 0...1e9),
            maxYaw: try arguments.real("--max-yaw", in: 0...90))
        if detectsFaces {
            minFaceScore = minFaceScore ?? Self.standardFaceScore
            minSharpness = minSharpness ?? Self.standardSharpness
            return
        }
        guard minFaceScore == nil, maxYaw == nil else {
            throw UsageError(
                "the gallery's network takes whole photos: leave out --min-face-score and --max-yaw",
                command: "enroll")
        }
    }
}
