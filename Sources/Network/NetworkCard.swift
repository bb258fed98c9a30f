internal import FoundationEssentials

/// What a network's `card.json` says: how to feed it, which weights it has, how far to trust its answers.
///
/// A value; safe to share between threads.
public struct NetworkCard: Codable, Equatable, Sendable {
    /// How pixels become the network's input: `(pixel - mean) × scale`, per channel.
    public struct Input: Codable, Equatable, Sendable {
        /// Width and height of a chip, in pixels.
        public var side: Int
        /// Subtracted from red, green and blue (0…255).
        public var mean: [Float]
        /// Multiplied after the mean is subtracted.
        public var scale: Float

        /// All three, as they are read from a card.
        public init(side: Int, mean: [Float], scale: Float) {
            (self.side, self.mean, self.scale) = (side, mean, scale)
        }
    }

    /// How a face is cut out of a photo.
    public struct Alignment: Codable, Equatable, Sendable {
        /// Name of the method, for example `dlib-5-point`.
        public var kind: String
        /// Room around the face, as a share of its width.
        public var padding: Double
    }

    /// The file of weights beside the card.
    public struct Weights: Codable, Equatable, Sendable {
        /// Its name, without a folder.
        public var file: String
        /// SHA-256 of its bytes, 64 lower-case hexadecimal digits.
        public var sha256: String
    }

    /// The similarity (cosine, −1…1) from which two faces count as one person's.
    public struct Threshold: Codable, Equatable, Sendable {
        /// Cosine; higher is more alike.
        public var similarity: Double
        /// Share of pairs of different people that reach `similarity`.
        public var falseMatchRate: Double
        /// On what that share was measured.
        public var measured: String
    }

    /// Version of this layout: 1.
    public var format: Int
    /// Name of the network, recorded by galleries.
    public var name: String
    /// Name of the layers' arrangement, for example `resnet-29`.
    public var architecture: String
    /// Numbers in a template.
    public var dimension: Int
    /// How pixels become input.
    public var input: Input
    /// How a face is cut out.
    public var alignment: Alignment
    /// The weights.
    public var weights: Weights
    /// Terms of the weights.
    public var license: String
    /// Where the weights come from.
    public var source: String
    /// The published operating point.
    public var threshold: Threshold

    /// What tells this network's templates from any other's: the SHA-256 of the weights, in hexadecimal.
    public var fingerprint: String { weights.sha256 }

    /// Reads `card.json` of a network's directory and checks every field; the weights are not opened.
    ///
    /// - Throws: `unreadable` without such a file, `badCard` with the field that is wrong.
    public static func load(directory: String) throws(NetworkError) -> NetworkCard {
        let path = directory + "/card.json"
        let bytes = try readFile(path, limit: 1 << 20)
        let card: NetworkCard
        do {
            card = try JSONDecoder().decode(NetworkCard.self, from: Data(bytes))
        } catch {
            throw .badCard(path: path, reason: Self.reason(of: error))
        }
        if let reason = card.fault { throw .badCard(path: path, reason: reason) }
        return card
    }

    private var fault: String? {
        if format != 1 { return "format \(format); this build reads format 1" }
        if name.isEmpty { return "name is empty" }
        if !(1...4096).contains(dimension) { return "dimension \(dimension) is outside 1...4096" }
        if !(16...1024).contains(input.side) { return "input.side \(input.side) is outside 16...1024" }
        if input.mean.count != 3 { return "input.mean has \(input.mean.count) numbers, not 3" }
        if !input.mean.allSatisfy(\.isFinite) { return "input.mean is not finite" }
        if !input.scale.isFinite || input.scale <= 0 { return "input.scale \(input.scale) is not above 0" }
        if !(0...4).contains(alignment.padding) {
            return "alignment.padding \(alignment.padding) is outside 0...4"
        }
        if weights.file.isEmpty || weights.file.contains("/") || weights.file.hasPrefix(".") {
            return "weights.file \"\(weights.file)\" is not the plain name of a file"
        }
        let digits = Set("0123456789abcdef")
        if weights.sha256.count != 64 || !weights.sha256.allSatisfy(digits.contains) {
            return "weights.sha256 is not 64 lower-case hexadecimal digits"
        }
        if !(-1...1).contains(threshold.similarity) {
            return "threshold.similarity \(threshold.similarity) is not a cosine"
        }
        if !(0...1).contains(threshold.falseMatchRate) {
            return "threshold.falseMatchRate \(threshold.falseMatchRate) is not a share"
        }
        return nil
    }

    private static func reason(of error: any Error) -> String {
        func place(_ path: [any CodingKey]) -> String { path.map(\.stringValue).joined(separator: ".") }
        switch error as? DecodingError {
        case .keyNotFound(let key, let context):
            return "\(place(context.codingPath + [key])) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "\(place(context.codingPath)) has the wrong type"
        default:
            return "it is not JSON"
        }
    }
}
