public import FaceImage
public import Network

/// YuNet, read from its ONNX file, as FaceImage's finder runs it.
///
/// Any number of threads may use one at once; what the network prepares for a size of picture, all of them share.
public struct YuNetNetwork: DetectionNetwork {
    private let network: TensorNetwork

    /// Takes a network that was read from YuNet's file.
    public init(_ network: TensorNetwork) { self.network = network }

    /// As `DetectionNetwork` says.
    ///
    /// - Throws: `NetworkError`.
    public func outputs(
        width: Int, height: Int, fill: (_ picture: inout MutableSpan<Float>) -> Void
    ) throws -> [String: [Float]] {
        let shape = Shape(channels: 3, height: height, width: width)
        return try network.run(count: 1, input: shape) { fill(&$1) }.values
    }
}

extension PhotoEncoder {
    /// The detector that cuts faces as a network's card wants them; nil where it takes photos whole.
    ///
    /// dlib's alignment goes with dlib's finder, so that every chip is the one that dlib's networks were trained on;
    /// a template of five points goes with YuNet.
    package static func detector(
        for card: NetworkCard, models: ModelCache, threads: Int
    ) throws(GalleryError) -> FaceDetector? {
        switch card.alignment.kind {
        case NetworkCard.Alignment.wholePhoto: return nil
        case NetworkCard.Alignment.template:
            let network = try wrap { () throws(NetworkError) in
                try TensorNetwork(onnx: models.yuNet, threads: threads)
            }
            return try wrap { () throws(DetectorError) in
                try FaceDetector(
                    finder: YuNetFinder(network: YuNetNetwork(network)),
                    alignment: .template(.arcFace.scaled(toSide: card.input.side)))
            }
        default:
            return try wrap { () throws(DetectorError) in
                try FaceDetector(
                    landmarkModel: models.landmarkModel, chipSide: card.input.side,
                    padding: card.alignment.padding)
            }
        }
    }
}
