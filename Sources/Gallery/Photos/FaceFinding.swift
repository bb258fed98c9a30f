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
        let shape = TensorShape(channels: 3, height: height, width: width)
        return try network.run(count: 1, input: shape) { fill(&$1) }.values
    }
}

/// Who finds faces.
public enum FinderKind: String, CaseIterable, Sendable {
    /// YuNet: the finder of networks with `five-point-template` and `face-box`.
    case yunet
    /// dlib's frontal detector: the finder of networks with `dlib-5-point`.
    case dlib
}

/// How faces are found, where not as the network's card has it.
public struct FaceSearchChoice: Sendable, Equatable {
    /// The finder; nil for the one that belongs to the network's alignment.
    public var finder: FinderKind?
    /// Whether photos are searched in all four turns, for those that were turned without a note in the file.
    public var anyRotation: Bool
    /// The longer side in pixels at which YuNet looks at the whole photo once; nil for its own search.
    ///
    /// For comparisons with programs that use it so.
    public var singleLook: Int?

    /// As the card has it.
    public static let standard = FaceSearchChoice()

    /// A choice.
    public init(finder: FinderKind? = nil, anyRotation: Bool = false, singleLook: Int? = nil) {
        (self.finder, self.anyRotation, self.singleLook) = (finder, anyRotation, singleLook)
    }
}

extension PhotoEncoder {
    /// The detector that cuts faces as a network's card wants them; nil if it takes photos whole.
    ///
    /// dlib's alignment goes with dlib's finder, so that every chip is the one that dlib's networks were trained on; all
    /// others go with YuNet. Another finder may be chosen where the chip can be made of its points.
    ///
    /// - Throws: `.badArgument` for a choice that this network cannot have; `.network` or `.detector`, naming the file
    ///   that is missing or wrong.
    package static func detector(
        for card: NetworkCard, models: ModelCache, threads: Int, choice: FaceSearchChoice = .standard
    ) throws(GalleryError) -> FaceDetector? {
        let kind = card.alignment.kind
        if card.alignment.isWholePhoto {
            guard choice == .standard else {
                throw .badArgument("\(card.name) takes whole photos, so no face finder can be chosen")
            }
            return nil
        }
        let finder = choice.finder ?? (kind == NetworkCard.Alignment.fivePoint ? .dlib : .yunet)
        guard finder == .yunet || kind != NetworkCard.Alignment.box else {
            throw .badArgument(
                "\(card.name) needs YuNet's box around a face; dlib's box is smaller, and ends at brows and chin"
            )
        }
        guard finder == .yunet || !choice.anyRotation else {
            throw .badArgument(
                "dlib's finder cannot search photos in all four rotations; YuNet can (`detector` yunet)")
        }
        let found: any FaceFinder
        switch finder {
        case .dlib:
            found = try wrap { () throws(DetectorError) in try DlibFinder(landmarkModel: models.landmarkModel) }
        case .yunet:
            let network = try wrap { () throws(NetworkError) in
                try TensorNetwork(onnx: models.yuNet, threads: threads)
            }
            found = YuNetFinder(
                network: YuNetNetwork(network), anyRotation: choice.anyRotation, singleLook: choice.singleLook)
        }
        return try wrap { () throws(DetectorError) in
            try FaceDetector(finder: found, alignment: alignment(of: card))
        }
    }

    /// How a card wants faces to be cut out.
    private static func alignment(of card: NetworkCard) throws(DetectorError) -> FaceAlignment {
        let (side, padding) = (card.input.side, card.alignment.padding)
        return switch card.alignment.kind {
        case NetworkCard.Alignment.template: .template(try .arcFace.scaled(toSide: side))
        case NetworkCard.Alignment.box: .box(side: side, padding: padding)
        default: .dlib(side: side, padding: padding)
        }
    }
}
