/// Why faces could not be searched for.
///
/// That a photo shows no face is no error.
public enum DetectorError: Error, Sendable, Equatable {
    /// The landmark model's file is missing, not readable or empty.
    case missingModel(path: String, reason: String)
    /// The file is not a dlib landmark model of five points.
    case notAModel(path: String, reason: String)
    /// Chips of this size cannot be cut.
    case badChip(side: Int, padding: Double)
    /// The photo's pixel count does not follow from its width and height.
    case badPhoto(name: String, width: Int, height: Int, values: Int)
    /// The search failed; `reason` is dlib's own words.
    case failed(name: String, reason: String)
}

extension DetectorError: CustomStringConvertible {
    /// One line: what failed, with which input, and the remedy where there is one.
    public var description: String {
        switch self {
        case .missingModel(let path, let reason):
            "\(path): the landmark model was not loaded: \(reason); "
                + "name dlib's shape_predictor_5_face_landmarks.dat"
        case .notAModel(let path, let reason):
            "\(path): is not a landmark model: \(reason); name dlib's shape_predictor_5_face_landmarks.dat"
        case .badChip(let side, let padding):
            "chips of side \(side) with padding \(padding) cannot be cut; "
                + "a side of 16...2048 pixels and a padding of 0...4 can"
        case .badPhoto(let name, let width, let height, let values):
            "\(name): \(values) values are not a picture of \(width)x\(height) pixels "
                + "with three values each"
        case .failed(let name, let reason):
            "\(name): the search for faces failed: \(reason)"
        }
    }
}
