public import FaceImage
public import Network

/// A face of a photo with its template.
public struct EncodedFace: Sendable {
    /// Where the face is and how good a view of it the photo gives.
    public let face: Face
    /// Unit length, the network's dimension.
    public let template: [Float]
}

/// The face of a photo that is enrolled or compared, and what else the photo shows.
public struct ChosenFace: Sendable {
    /// The largest of the faces that count.
    public let detected: DetectedFace
    /// Faces that count, this one among them: those that are not doubtful, or all where all are.
    public let count: Int
    /// What may be faces too and does not count, because the photo shows a face that is not doubtful.
    public let doubtful: [Face]
    /// Its picture, where that was asked for: what a gallery keeps of it for networks to come.
    public internal(set) var kept: KeptFace?

    /// - Parameter faces: the faces of a photo as a detector gives them; at least one.
    init(_ faces: [DetectedFace]) {
        let sure = faces.filter { !$0.face.isDoubtful }
        detected = sure.first ?? faces[0]
        count = sure.isEmpty ? faces.count : sure.count
        doubtful = sure.isEmpty ? [] : faces.map(\.face).filter(\.isDoubtful)
    }
}

/// All faces of a photo, before the network sees them.
public struct PhotoFaces: Sendable {
    /// Pixels across the photo.
    public let width: Int
    /// Pixels down.
    public let height: Int
    /// The largest first, doubtful ones last.
    public let faces: [DetectedFace]
    /// A picture of each face; empty if none was asked for.
    public let pictures: [KeptFace]
}

/// Photo in, templates out: the detector and one network.
///
/// A network whose card says `whole-photo` gets every photo whole, as one face, and no detector is loaded. Any number
/// of threads may call one instance at once.
public final class PhotoEncoder: Sendable {
    /// The card of the network that makes the templates.
    public var card: NetworkCard { siamese.card }
    /// The largest photo that is decoded.
    public let limits: DecodeLimits
    /// Asked while a photo is read and decoded; once true, that ends with `PhotoError.stopped`.
    public let shouldStop: @Sendable () -> Bool

    /// The network, for one photo and for two.
    private let siamese: SiameseNetwork
    /// nil if photos are taken whole.
    let detector: FaceDetector?

    /// Loads the detector's model and a network.
    ///
    /// - Parameters:
    ///   - network: a name in the cache, or a path that holds a slash.
    ///   - models: where the models are kept.
    ///   - threads: threads that one photo may use in the network.
    ///   - limits: the largest photo that is decoded.
    ///   - detectsFaces: false takes every photo whole, whatever the network's card says; stretched to the
    ///     network's square.
    ///   - finding: how faces are found, where not as the network's card has it.
    ///   - shouldStop: asked by any thread while it decodes a photo; true ends that.
    /// - Throws: `.badArgument` where `finding` does not go with the network; `.network` or `.detector`, naming the file that is missing or wrong.
    public init(
        network: String = ModelCache.defaultNetwork, models: ModelCache = .standard, threads: Int = 1,
        limits: DecodeLimits = .standard, detectsFaces: Bool = true, finding: FaceSearchChoice = .standard,
        shouldStop: @escaping @Sendable () -> Bool = { false }
    ) throws(GalleryError) {
        let siamese = try wrap { () throws(NetworkError) in
            try SiameseNetwork(directory: models.directory(ofNetwork: network), threads: threads)
        }
        let card = siamese.card
        detector =
            detectsFaces ? try Self.detector(for: card, models: models, threads: threads, choice: finding) : nil
        self.siamese = siamese
        self.limits = limits
        self.shouldStop = shouldStop
    }

    /// Every face of a photo with its template, the largest first, doubtful ones last; empty if none is found.
    ///
    /// - Throws: `.photo` where the photo cannot be decoded.
    public func faces(in file: PhotoFile) throws(GalleryError) -> [EncodedFace] {
        try encode(detectedFaces(in: decode(file)))
    }

    /// The one face of a photo.
    ///
    /// - Parameters:
    ///   - file: the bytes of the photo.
    ///   - largest: take the largest if there are several.
    /// - Throws: `.photo`, `.noFace`, or `.severalFaces` unless `largest`.
    public func face(in file: PhotoFile, largest: Bool = false) throws(GalleryError) -> EncodedFace {
        try encode([detectedFace(in: file, largest: largest)])[0]
    }

    /// Whether faces are looked for, or every photo is taken whole.
    public var detectsFaces: Bool { detector != nil }

    /// Whether the faces of two photos are one person's, by the Siamese network of this encoder's network.
    ///
    /// - Parameters:
    ///   - first: the bytes of one photo.
    ///   - second: the bytes of the other photo.
    ///   - largest: take the largest face where a photo shows several.
    ///   - minSimilarity: cosine from which they match; nil for the network's own threshold.
    /// - Throws: `.photo`, `.noFace`, or `.severalFaces` unless `largest`, for the first photo that has one.
    public func verify(
        _ first: PhotoFile, _ second: PhotoFile, largest: Bool = false, minSimilarity: Double? = nil
    ) throws(GalleryError) -> Verification {
        let one = try detectedFace(in: first, largest: largest)
        return try verify(one, detectedFace(in: second, largest: largest), minSimilarity: minSimilarity)
    }

    /// Whether two faces that were found before are one person's.
    ///
    /// - Parameters:
    ///   - one: a face that `detectedFace` returned.
    ///   - other: another one.
    ///   - minSimilarity: cosine from which they match; nil for the network's own threshold.
    /// - Throws: `.network` where one of them gives no template.
    public func verify(
        _ one: DetectedFace, _ other: DetectedFace, minSimilarity: Double? = nil
    ) throws(GalleryError) -> Verification {
        let comparison = try wrap { () throws(NetworkError) in
            try siamese.compare(one.chip.pixels, other.chip.pixels)
        }
        return Verification(
            similarity: comparison.distance.cosine, threshold: minSimilarity ?? card.threshold.similarity)
    }

    /// The one face of a photo with its chip, before the network sees it.
    ///
    /// A job that gathers faces this way gives them to the network in batches, which is faster than one by one.
    ///
    /// - Parameters:
    ///   - file: the bytes of the photo.
    ///   - largest: take the largest if there are several.
    /// - Throws: `.photo`, `.noFace`, or `.severalFaces` unless `largest`.
    public func detectedFace(
        in file: PhotoFile, largest: Bool = false
    ) throws(GalleryError) -> DetectedFace {
        try chosenFace(in: file, largest: largest).detected
    }

    /// The one face of a photo, and what else in it may be a face.
    ///
    /// - Parameters:
    ///   - file: the bytes of the photo.
    ///   - largest: take the largest if there are several.
    ///   - keepsPicture: cut its picture out of the photo, too, for a gallery that keeps chips.
    /// - Throws: `.photo`, `.noFace`, or `.severalFaces` unless `largest`.
    public func chosenFace(
        in file: PhotoFile, largest: Bool = false, keepsPicture: Bool = false
    ) throws(GalleryError) -> ChosenFace {
        let photo = try decode(file)
        var chosen = try chosenFace(in: photo, largest: largest)
        guard keepsPicture else { return chosen }
        chosen.kept = try wrap { () throws(PhotoError) in try KeptFace(chosen.detected.face, in: photo) }
        return chosen
    }

    /// The face of a photo that was found in a place before; without a place, the one face of the photo.
    ///
    /// - Throws: `.photo`; `.noFace` where no face is in that place; `.severalFaces`.
    package func chosenFace(
        in file: PhotoFile, at place: FaceBox?, largest: Bool, keepsPicture: Bool
    ) throws(GalleryError) -> ChosenFace {
        guard let place else { return try chosenFace(in: file, largest: largest, keepsPicture: keepsPicture) }
        let photo = try decode(file)
        let faces = try someFaces(in: photo)
        guard let found = place.nearest(among: faces, box: { $0.face.box }) else {
            throw .noFace(photo: photo.name, leastFace: min(place.width, place.height))
        }
        var chosen = ChosenFace([found])
        guard keepsPicture else { return chosen }
        chosen.kept = try wrap { () throws(PhotoError) in try KeptFace(found.face, in: photo) }
        return chosen
    }

    /// The one face of a photo that is decoded already.
    ///
    /// - Parameters:
    ///   - photo: the pixels of the photo.
    ///   - largest: take the largest if there are several.
    /// - Throws: `.noFace`, or `.severalFaces` unless `largest`.
    public func detectedFace(
        in photo: Photo, largest: Bool = false
    ) throws(GalleryError) -> DetectedFace {
        try chosenFace(in: photo, largest: largest).detected
    }

    private func chosenFace(in photo: Photo, largest: Bool) throws(GalleryError) -> ChosenFace {
        let chosen = ChosenFace(try someFaces(in: photo))
        guard largest || chosen.count == 1 else {
            throw .severalFaces(photo: photo.name, count: chosen.count)
        }
        return chosen
    }

    /// Every face of a photo with its chip, the largest first and doubtful ones last, before the network sees them; at
    /// least one.
    ///
    /// - Throws: `.photo`, or `.noFace` with the size that a face must have in this photo.
    public func detectedFaces(in file: PhotoFile) throws(GalleryError) -> [DetectedFace] {
        try someFaces(in: decode(file))
    }

    /// Every face of a photo before the network sees it, the largest first, and the photo's size; at least one face.
    ///
    /// - Parameters:
    ///   - file: the bytes of the photo.
    ///   - keepsPictures: cut the faces' pictures out of the photo, too.
    /// - Throws: `.photo`, or `.noFace` with the size that a face must have in this photo.
    public func photoFaces(
        in file: PhotoFile, keepsPictures: Bool = false
    ) throws(GalleryError) -> PhotoFaces {
        let photo = try decode(file)
        let faces = try someFaces(in: photo)
        var pictures: [KeptFace] = []
        if keepsPictures {
            pictures = try wrap { () throws(PhotoError) in
                try faces.map { face throws(PhotoError) in try KeptFace(face.face, in: photo) }
            }
        }
        return PhotoFaces(width: photo.width, height: photo.height, faces: faces, pictures: pictures)
    }

    private func decode(_ file: PhotoFile) throws(GalleryError) -> Photo {
        try wrap { () throws(PhotoError) in try Photo(file, limits: limits, shouldStop: shouldStop) }
    }

    /// Every face of a photo that is decoded already, the largest first; at least one.
    ///
    /// - Throws: `.noFace` with the size that a face must have in this photo.
    func someFaces(in photo: Photo) throws(GalleryError) -> [DetectedFace] {
        let detected = try detectedFaces(in: photo)
        // A photo that is taken whole is always one face.
        if let detector, detected.isEmpty {
            throw .noFace(
                photo: photo.name, leastFace: detector.leastFace(width: photo.width, height: photo.height))
        }
        return detected
    }

    private func detectedFaces(in photo: Photo) throws(GalleryError) -> [DetectedFace] {
        try wrap { () throws(DetectorError) in
            if let detector { return try detector.faces(in: photo) }
            return [try photo.wholeFace(side: card.input.side)]
        }
    }

    /// The templates of faces that were found before, in their order.
    ///
    /// - Throws: `.network` where one of them gives none.
    public func encode(_ detected: [DetectedFace]) throws(GalleryError) -> [EncodedFace] {
        let network = siamese.tower
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
