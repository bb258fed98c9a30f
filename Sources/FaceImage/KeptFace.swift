/// A face kept for networks to come: a square cut of its photo as a JPEG, and where the face is in it.
///
/// The cut is upright and not turned, and has room for every alignment that there is: the square of ArcFace's template
/// with a fifth of its side on each side, in which dlib's chip lies too, and the finder's box with a quarter. It has the
/// photo's own pixels, unless that is more than `mostSide` of them; then it is reduced. Black is beyond the photo's
/// edges, as in chips.
public struct KeptFace: Sendable, Equatable {
    /// Pixels across and down of the largest cut.
    public static let mostSide = 224
    /// Bytes of a picture that are decoded at most.
    public static let mostBytes = 1 << 18
    /// Of the JPEG: 1...100.
    private static let quality: Int32 = 92
    /// Seconds of processor time that decoding may take; it takes about a millisecond.
    private static let mostSeconds = 5.0
    private static let leastSide = 16

    /// Pixels across and down of the picture.
    public let side: Int
    /// The finder's box, in pixels of the picture; what the photo fills of it where the photo was taken whole.
    public let box: FaceBox
    /// Five points in pixels of the picture; none where the photo was taken whole.
    public let landmarks: [Landmark]
    /// What the five points are.
    public let scheme: LandmarkScheme
    /// The picture as a JPEG file.
    public let jpeg: [UInt8]

    /// Whether the photo was taken whole, and no face was looked for.
    public var isWholePhoto: Bool { landmarks.isEmpty }

    /// Collects what was kept before.
    public init(side: Int, box: FaceBox, landmarks: [Landmark], scheme: LandmarkScheme, jpeg: [UInt8]) {
        (self.side, self.box, self.landmarks, self.scheme) = (side, box, landmarks, scheme)
        self.jpeg = jpeg
    }

    /// Cuts a face out of the photo that it was found in.
    ///
    /// O(pixels of the cut).
    /// - Throws: `PhotoError.decoderUnavailable` where libvips encodes no JPEG.
    public init(_ face: Face, in photo: Photo) throws(PhotoError) {
        let region = Self.region(of: face, in: photo)
        side = min(region.width, Self.mostSide)
        let scale = Double(side) / Double(region.width)
        // Edges stay edges: the middle of the first pixel is half a pixel from the edge.
        let place = SimilarityTransform(
            a: scale, b: 0, dx: (0.5 - Double(region.x)) * scale - 0.5,
            dy: (0.5 - Double(region.y)) * scale - 0.5)
        guard let picture = photo.warped(by: place, side: side), let jpeg = picture.jpeg(quality: Self.quality)
        else {
            throw .decoderUnavailable(name: photo.name, reason: "libvips could not write a face in it as JPEG")
        }
        self.jpeg = jpeg
        func scaled(_ length: Int) -> Int { Int((Double(length) * scale).rounded()) }
        box = FaceBox(
            x: scaled(face.box.x - region.x), y: scaled(face.box.y - region.y),
            width: max(1, scaled(face.box.width)), height: max(1, scaled(face.box.height)))
        landmarks = face.landmarks.map { place($0) }
        scheme = face.scheme
    }

    /// The square of a photo that is kept of a face.
    private static func region(of face: Face, in photo: Photo) -> FaceBox {
        let longer = max(photo.width, photo.height)
        guard !face.landmarks.isEmpty else {
            return FaceBox(x: 0, y: 0, width: max(longer, leastSide), height: max(longer, leastSide))
        }
        let box = face.box
        let (across, down) = (Double(box.width) / 4, Double(box.height) / 4)
        var points = [
            Landmark(x: Double(box.x) - across, y: Double(box.y) - down),
            Landmark(x: Double(box.x + box.width) + across, y: Double(box.y + box.height) + down),
        ]
        if let toPhoto = alignment(of: face)?.inverse {
            let (low, high) = (-0.2 * 112, 1.2 * 112)
            points += [(low, low), (low, high), (high, low), (high, high)].map {
                toPhoto(Landmark(x: $0.0, y: $0.1))
            }
        }
        let (xs, ys) = (points.map(\.x), points.map(\.y))
        let (left, right) = (xs.min() ?? 0, xs.max() ?? 0)
        let (top, bottom) = (ys.min() ?? 0, ys.max() ?? 0)
        // Points that nearly coincide lead far away; a face is not larger than twice its photo.
        let length = min(max(right - left, bottom - top, Double(leastSide)), 2 * Double(max(longer, leastSide)))
        let side = Int(length.rounded(.up))
        func start(_ low: Double, _ high: Double) -> Int {
            let middle = min(max((low + high) / 2, -Double(longer)), 2 * Double(longer))
            return Int((middle - length / 2).rounded(.down))
        }
        return FaceBox(x: start(left, right), y: start(top, bottom), width: side, height: side)
    }

    /// What brings a face to ArcFace's template.
    private static func alignment(of face: Face) -> SimilarityTransform? {
        let template = FaceTemplate.arcFace
        switch face.scheme {
        case .eyesNoseAndMouth: return SimilarityTransform(from: face.landmarks, to: template.points)
        case .eyeCornersAndNoseBase:
            guard let own = EyesAndNose(face.landmarks, face.scheme),
                let places = template.placesOfEyesAndNoseBase
            else { return nil }
            return SimilarityTransform(from: [own.left, own.right, own.nose], to: places)
        }
    }

    /// The picture, decoded as any photo is, within limits of its own; of a photo that was taken whole the part that is
    /// the photo.
    ///
    /// What was kept may come from somebody else's gallery: it is decoded as a JPEG or not at all.
    ///
    /// - Parameters:
    ///   - name: what errors call it.
    ///   - shouldStop: asked from any thread while the picture is decoded; true ends it.
    /// - Throws: as `Photo` does, and `.damaged` for another format or size.
    public func photo(
        name: String, shouldStop: @escaping @Sendable () -> Bool = { false }
    ) throws(PhotoError) -> Photo {
        guard PhotoFormat.of(firstBytes: jpeg) == .jpeg else {
            throw .damaged(name: name, reason: "it is not a JPEG")
        }
        let limits = DecodeLimits(bytes: Self.mostBytes, pixels: side * side, seconds: Self.mostSeconds)
        let photo = try Photo(.bytes(jpeg, name: name), limits: limits, shouldStop: shouldStop)
        guard photo.width == side, photo.height == side else {
            throw .damaged(
                name: name, reason: "it has \(photo.width)x\(photo.height) pixels instead of \(side)x\(side)")
        }
        guard isWholePhoto else { return photo }
        guard let whole = photo.part(box, padding: 0) else {
            throw .damaged(name: name, reason: "the photo in it has no place")
        }
        return whole
    }
}

extension FaceDetector {
    /// The face of a kept picture, cut out as this detector's alignment has it; nil if that cannot be.
    ///
    /// A network gets the points of the finder that it is used with: the kept ones if they are that finder's, else those
    /// that it finds in the picture now, and the kept ones where it finds none. The face's box and points are in pixels
    /// of the picture, its score is 0 where nothing was looked for.
    ///
    /// - Parameters:
    ///   - kept: the face and its points, as the gallery keeps them.
    ///   - picture: `KeptFace.photo`.
    /// - Throws: as `faces(in:)`.
    public func face(_ kept: KeptFace, in picture: Photo) throws(DetectorError) -> DetectedFace? {
        guard !kept.isWholePhoto, let finding = try finding(of: kept, in: picture),
            let chip = try alignment.chip(of: finding, from: picture)
        else { return nil }
        return DetectedFace(face: Face(finding, chip: chip), chip: chip)
    }

    private func finding(of kept: KeptFace, in picture: Photo) throws(DetectorError) -> Finding? {
        let own = Finding(box: kept.box, score: 0, landmarks: kept.landmarks, scheme: kept.scheme)
        if kept.scheme == finder.scheme { return own }
        if let nearest = kept.box.nearest(among: try finder.findings(in: picture), box: \.box) {
            return nearest
        }
        // Chips of another finder's box are no such chips.
        if case .box = alignment { return nil }
        return own
    }
}
