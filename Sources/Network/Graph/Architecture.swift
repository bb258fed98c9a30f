/// The arrangements of layers this build knows, by the names that cards give them.
public enum Architecture: String, CaseIterable, Codable, Sendable, CustomStringConvertible {
    /// dlib's face network: 5.6 million parameters.
    case resNet29 = "resnet-29"
    /// A face network for small machines: 1 million parameters.
    case mobileFaceNet = "mobilefacenet"
    /// Two convolutions and a matrix, for whole photos: 7.4 million parameters at its default side.
    case siameseSmall = "siamese-small"

    /// The name in cards.
    public var description: String { rawValue }

    /// The layers, without weights.
    ///
    /// - Parameters:
    ///   - side: width and height of a chip, in pixels.
    ///   - dimension: numbers in a template, 1 or more.
    ///   - dropout: share of the values before the embedding that training leaves out, 0..<1; names of tensors and
    ///     what is computed outside training do not depend on it.
    /// - Throws: `badGraph` where the layers do not fit into `side`.
    public func graph(
        side: Int, dimension: Int = 128, dropout: Float = 0
    ) throws(NetworkError) -> Graph {
        switch self {
        case .resNet29: try Network.resNet29(side: side, dimension: dimension, dropout: dropout)
        case .mobileFaceNet: try Network.mobileFaceNet(side: side, dimension: dimension, dropout: dropout)
        case .siameseSmall: try Network.siameseSmall(side: side, dimension: dimension, dropout: dropout)
        }
    }

    /// What it is, in a few words.
    public var summary: String {
        switch self {
        case .resNet29: "dlib's face network: 29 convolutions with bridges"
        case .mobileFaceNet: "a face network for small machines: depthwise convolutions (Chen et al., 2018)"
        case .siameseSmall: "two 3×3 convolutions with 2×2 maxima and one matrix, for whole photos"
        }
    }

    /// The chip's side its authors chose, in pixels.
    public var defaultSide: Int {
        switch self {
        case .resNet29: 150
        case .mobileFaceNet: 112
        case .siameseSmall: 128
        }
    }

    /// How pixels become its input where a training says nothing else.
    public var defaultInput: NetworkCard.Input {
        switch self {
        case .resNet29:
            NetworkCard.Input(side: defaultSide, mean: [122.782, 117.001, 104.298], scale: 1 / 256)
        case .mobileFaceNet, .siameseSmall:
            NetworkCard.Input(side: defaultSide, mean: [127.5, 127.5, 127.5], scale: 1 / 128)
        }
    }
}
