internal import Files
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
        /// In which order the network takes the colours of a pixel; nil, as in format 1, for `rgb`.
        public var colors: Colors?

        /// Orders of the colours of a pixel.
        public enum Colors: String, CaseIterable, Codable, Sendable {
            /// Red, green, blue.
            case rgb
            /// Blue, green, red.
            case bgr
        }

        /// All fields, as they are read from a card.
        public init(side: Int, mean: [Float], scale: Float, colors: Colors? = nil) {
            (self.side, self.mean, self.scale, self.colors) = (side, mean, scale, colors)
        }
    }

    /// How a chip is cut out of a photo.
    public struct Alignment: Codable, Equatable, Sendable {
        /// Name of the method: `dlib-5-point`, `five-point-template`, `face-box` or `whole-photo`.
        public var kind: String
        /// Room around the face, as a share of its width; 0 for whole photos.
        public var padding: Double

        /// A face, turned upright and scaled by its eyes and nose.
        public static let fivePoint = "dlib-5-point"
        /// A face, moved, turned and scaled to the five points that margin-softmax networks are trained with.
        ///
        /// Eyes, nose and corners of the mouth come closest (least squares) to places that are fixed for 112 × 112
        /// pixels and grow with the side. `padding` is 0.
        public static let template = "five-point-template"
        /// The finder's box, with `padding` of its width and height on each side, cut off at the photo's edges and
        /// stretched to a square; the face is not turned.
        public static let box = "face-box"
        /// The whole photo, stretched to a square; no face is looked for.
        public static let wholePhoto = "whole-photo"
        /// All of them.
        public static let kinds = [fivePoint, template, box, wholePhoto]

        /// Whether the chip is the whole photo.
        public var isWholePhoto: Bool { kind == Self.wholePhoto }

        /// Both, as they are read from a card.
        public init(kind: String = Alignment.fivePoint, padding: Double = 0.25) {
            (self.kind, self.padding) = (kind, padding)
        }
    }

    /// The file of weights beside the card.
    public struct Weights: Codable, Equatable, Sendable {
        /// Its name, without a folder.
        public var file: String
        /// SHA-256 of its bytes, 64 lower-case hexadecimal digits.
        public var sha256: String

        /// Both; the digest of weights that are not written yet is zeros.
        public init(
            file: String = "weights.safetensors", sha256: String = String(repeating: "0", count: 64)
        ) {
            (self.file, self.sha256) = (file, sha256)
        }
    }

    /// The similarity (cosine, −1…1) from which two faces count as one person's.
    public struct Threshold: Codable, Equatable, Sendable {
        /// Cosine; higher is more alike.
        ///
        /// 1 where too little was measured to name another.
        public var similarity: Double
        /// Share of pairs of different people that reach `similarity`.
        public var falseMatchRate: Double
        /// On what that share was measured.
        public var measured: String

        /// All three, as they are read from a card.
        public init(similarity: Double, falseMatchRate: Double, measured: String) {
            self.similarity = similarity
            self.falseMatchRate = falseMatchRate
            self.measured = measured
        }
    }

    /// Version of this layout: 1, or 2 for a network that was imported.
    public var format: Int
    /// Name of the network, recorded by galleries.
    public var name: String
    /// Name of the layers' arrangement, for example `resnet-29`; `onnx` where the weights' file holds them too.
    public var architecture: String
    /// Numbers in a template.
    public var dimension: Int
    /// How pixels become input.
    public var input: Input
    /// How a chip is cut out.
    public var alignment: Alignment
    /// The weights.
    public var weights: Weights
    /// Terms of the weights.
    public var license: String
    /// Where the weights come from.
    public var source: String
    /// The published operating point of one comparison.
    public var threshold: Threshold
    /// The operating point of searches; nil if it is that of one comparison.
    public var identification: Identification?
    /// How the weights were trained; nil if that is not recorded.
    public var training: Training?
    /// Of an imported network, the name of the output that is the template.
    public var output: String?
    /// Of an imported network, whether a template is the mean of those of the chip and of its mirror image.
    public var mirrored: Bool?

    /// The format and architecture of imported networks.
    static let importedFormat = 2, importedArchitecture = "onnx"

    /// Whether the layers are read from an ONNX file.
    public var isImported: Bool { format == Self.importedFormat }

    /// A card for `NetworkDirectory.write`.
    public init(
        name: String, architecture: Architecture, dimension: Int, input: Input, alignment: Alignment,
        weights: Weights = Weights(), license: String, source: String, threshold: Threshold,
        training: Training? = nil
    ) {
        format = 1
        self.name = name
        self.architecture = architecture.rawValue
        self.dimension = dimension
        self.input = input
        self.alignment = alignment
        self.weights = weights
        self.license = license
        self.source = source
        self.threshold = threshold
        self.training = training
    }

    /// A card for `NetworkDirectory.write` of an imported network: the layers are in the file of weights.
    ///
    /// - Parameters:
    ///   - name: what the network is called.
    ///   - output: the name of the output that is the template.
    ///   - dimension: numbers in a template.
    ///   - input: size, colour order, mean and scale of what the network takes.
    ///   - alignment: how a face is cut out of a photo.
    ///   - mirrored: whether a template is the mean of those of the chip and of its mirror image.
    ///   - license: of the weights.
    ///   - source: where the weights are from.
    ///   - threshold: the similarity from which two templates match, and where that was measured.
    public init(
        importing name: String, output: String, dimension: Int, input: Input, alignment: Alignment,
        mirrored: Bool = false, license: String, source: String, threshold: Threshold
    ) {
        format = Self.importedFormat
        architecture = Self.importedArchitecture
        weights = Weights(file: Self.importedFile)
        (self.name, self.output, self.dimension, self.mirrored) = (name, output, dimension, mirrored)
        (self.input, self.alignment, self.threshold) = (input, alignment, threshold)
        (self.license, self.source) = (license, source)
    }

    /// The usual name of an imported network's file.
    static let importedFile = "network.onnx"

    /// Reads `card.json` of a network's directory and checks every field; the weights are not opened.
    ///
    /// - Throws: `unreadable` without such a file, `badCard` with the field that is wrong.
    public static func load(directory: String) throws(NetworkError) -> NetworkCard {
        let folder: OpenFolder
        do throws(FileError) { folder = try OpenFolder(directory) } catch {
            throw .unreadable(path: "\(directory)/\(fileName)", reason: error.reason)
        }
        return try load(from: folder).card
    }

    static let fileName = "card.json"

    /// The same, with the bytes of the card.
    static func load(from folder: OpenFolder) throws(NetworkError) -> (card: NetworkCard, bytes: [UInt8]) {
        let path = "\(folder.path)/\(fileName)"
        let bytes = try readFile(fileName, in: folder, limit: 1 << 20)
        return (try decode(bytes, path: path), bytes)
    }

    /// A card from a file of any name, for example one that is written for an import.
    ///
    /// - Throws: `unreadable` without such a file, `badCard` with the field that is wrong.
    public static func load(file path: String) throws(NetworkError) -> NetworkCard {
        try decode(readFile(path, limit: 1 << 20), path: path)
    }

    private static func decode(_ bytes: [UInt8], path: String) throws(NetworkError) -> NetworkCard {
        let card: NetworkCard
        do {
            card = try JSONDecoder().decode(NetworkCard.self, from: Data(bytes))
        } catch {
            throw .badCard(path: path, reason: Self.reason(of: error))
        }
        if let reason = card.fault { throw .badCard(path: path, reason: reason) }
        return card
    }

    private static func reason(of error: any Error) -> String {
        func place(_ path: [any CodingKey]) -> String { path.map(\.stringValue).joined(separator: ".") }
        switch error as? DecodingError {
        case .keyNotFound(let key, let context):
            return "\(place(context.codingPath + [key])) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "\(place(context.codingPath)) has the wrong type"
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            return "\(place(context.codingPath)) has an unknown value"
        default:
            return "it is not JSON"
        }
    }
}
