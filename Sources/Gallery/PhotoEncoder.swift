public import FaceImage
public import Network

/// A face of a photo with its template.
public struct EncodedFace: Sendable {
    /// Where the face is and how good a view of it the photo gives.
    public let face: Face
    /// Unit length, the network's dimension.
    public let template: [Float]
}

/// Photo in, templates out: the detector and one network.
///
/// Any number of threads may call one instance at once.
public final class PhotoEncoder: Sendable {
    /// The card of the network that makes the templates.
    public var card: NetworkCard { network.card }
    private let detector: FaceDetector
    private let network: EmbeddingNetwork
    /// The largest photo that is decoded.
    public let limits: DecodeLimits

    /// Loads the detector's model and a network.
    ///
    /// - Parameters:
    ///   - network: a name in the cache, or a path that holds a slash.
    ///   - models: where the models are kept.
    ///   - threads: threads that one photo may use in the network.
    ///   - limits: the largest photo that is decoded.
    /// - Throws: `.network` or `.detector`, naming the file that is missing or wrong.
    public init(
        network: String = ModelCache.defaultNetwork, models: ModelCache = .standard, threads: Int = 1,
        limits: DecodeLimits = .standard
    ) throws(GalleryError) {
        self.network = try wrap { () throws(NetworkError) in
            try EmbeddingNetwork(directory: models.directory(ofNetwork: network), threads: threads)
        }
        let card = self.network.card
        detector = try wrap { () throws(DetectorError) in
            try FaceDetector(
                landmarkModel: models.landmarkModel, chipSide: card.input.side, padding: card.alignment.padding)
        }
        self.limits = limits
    }

    /// Every face of a photo with its template, the largest first; empty where none is found.
    ///
    /// - Throws: `.photo` where the photo cannot be decoded.
    public func faces(in file: PhotoFile) throws(GalleryError) -> [EncodedFace] {
        try encode(detectedFaces(in: file))
    }

    /// The one face of a photo.
    ///
    /// - Parameter largest: take the largest where there are several.
    /// - Throws: `.photo`, `.noFace`, or `.severalFaces` unless `largest`.
    public func face(in file: PhotoFile, largest: Bool = false) throws(GalleryError) -> EncodedFace {
        let detected = try detectedFaces(in: file)
        guard let first = detected.first else { throw .noFace(photo: file.name) }
        guard largest || detected.count == 1 else {
            throw .severalFaces(photo: file.name, count: detected.count)
        }
        return try encode([first])[0]
    }

    private func detectedFaces(in file: PhotoFile) throws(GalleryError) -> [DetectedFace] {
        let photo = try wrap { () throws(PhotoError) in try Photo(file, limits: limits) }
        return try wrap { () throws(DetectorError) in try detector.faces(in: photo) }
    }

    private func encode(_ detected: [DetectedFace]) throws(GalleryError) -> [EncodedFace] {
        let templates = try wrap { () throws(NetworkError) in
            try network.templates(of: detected.map(\.chip.pixels))
        }
        let dimension = network.dimension
        return detected.indices.map { index in
            EncodedFace(
                face: detected[index].face,
                template: Array(templates[index * dimension..<(index + 1) * dimension]))
        }
    }
}
