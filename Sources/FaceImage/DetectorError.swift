/// Why faces could not be searched for.
///
/// A photo without a face is not an error.
public enum DetectorError: Error, Sendable, Equatable {
    /// The landmark model's file is missing, not readable or empty.
    case missingModel(path: String, reason: String)
    /// The file is not a dlib landmark model of five points.
    case notAModel(path: String, reason: String)
    /// Chips of this size cannot be cut.
    case badChip(side: Int, padding: Double)
    /// Five points of a chip to which no face can be aligned.
    case badTemplate(side: Int, points: Int)
    /// The photo's pixel count does not follow from its width and height.
    case badPhoto(name: String, width: Int, height: Int, values: Int)
    /// The search failed; `reason` is the message of dlib or of the network.
    case failed(name: String, reason: String)
    /// An output of the detection network is not YuNet's; `values` is nil if the output is missing.
    case badOutput(name: String, output: String, values: Int?, expected: Int)
}

extension DetectorError: CustomStringConvertible {
    /// One line: what failed, with which input, and the remedy if there is one.
    public var description: String {
        switch self {
        case .missingModel(let path, let reason):
            "\(path): the landmark model was not loaded: \(reason)"
        case .notAModel(let path, let reason):
            "\(path): is not a landmark model: \(reason); use dlib's shape_predictor_5_face_landmarks.dat"
        case .badChip(let side, let padding):
            "chips of side \(side) with padding \(padding) cannot be cut: "
                + "the side must be 16...2048 pixels and the padding 0...4"
        case .badTemplate(let side, let points):
            "a template of \(points) points in a chip of side \(side) cannot be used: five different points in or near "
                + "a chip of 16...2048 pixels are needed"
        case .badPhoto(let name, let width, let height, let values):
            "\(name): \(values) values are not a picture of \(width)x\(height) pixels "
                + "with three values each"
        case .failed(let name, let reason):
            "\(name): the search for faces failed: \(reason)"
        case .badOutput(let name, let output, let values, let expected):
            "\(name): the detection network "
                + (values.map { "gave \($0) values in its output \(output), not \(expected)" }
                    ?? "has no output \(output)")
                + "; use a YuNet network"
        }
    }
}
