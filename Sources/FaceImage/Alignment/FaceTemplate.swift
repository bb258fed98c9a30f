/// Where the five points of a face are in a chip, for networks that were trained on faces aligned so.
public struct FaceTemplate: Sendable, Equatable {
    /// Pixels across and down of the chip.
    public let side: Int
    /// Five points in the order of `LandmarkScheme.eyesNoseAndMouth`, in pixels of the chip.
    ///
    /// The middle of its first pixel is 0, 0.
    public let points: [Landmark]

    /// A template from five points.
    ///
    /// - Throws: `DetectorError.badTemplate` for a side outside 16…2048, another number of points, points that are not
    ///   finite or farther than four sides from the chip, or points that coincide.
    public init(side: Int, points: [Landmark]) throws(DetectorError) {
        guard 16...2048 ~= side, points.count == 5 else {
            throw .badTemplate(side: side, points: points.count)
        }
        let reach = -4 * Double(side)...5 * Double(side)
        // NaN is in no range.
        guard points.allSatisfy({ reach ~= $0.x && reach ~= $0.y }), points[0].distance(to: points[1]) >= 1
        else {
            throw .badTemplate(side: side, points: points.count)
        }
        (self.side, self.points) = (side, points)
    }

    private init(known side: Int, points: [(Double, Double)]) {
        self.side = side
        self.points = points.map { Landmark(x: $0.0, y: $0.1) }
    }

    /// The chip of 112 × 112 pixels that SFace, ArcFace and most margin-softmax networks take.
    ///
    /// J. Deng et al., “ArcFace: Additive angular margin loss for deep face recognition” (2019).
    public static let arcFace = FaceTemplate(
        known: 112,
        points: [
            (38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041),
        ])

    /// The same place of the face in a chip of another size.
    ///
    /// - Throws: as `init(side:points:)`.
    public func scaled(toSide side: Int) throws(DetectorError) -> FaceTemplate {
        let factor = Double(side) / Double(self.side)
        // Edges stay edges: the middle of the first pixel is half a pixel from the edge.
        return try FaceTemplate(
            side: side,
            points: points.map { Landmark(x: ($0.x + 0.5) * factor - 0.5, y: ($0.y + 0.5) * factor - 0.5) })
    }
}

/// How a face becomes a chip.
public enum FaceAlignment: Sendable, Equatable {
    /// dlib's face chip of `side` pixels: eyes and nose at the mean face's, `padding` around it as a share of its size.
    ///
    /// dlib's own networks take 150 pixels and 0.25.
    case dlib(side: Int, padding: Double)
    /// The least-squares similarity that brings the five points to those of a template.
    case template(FaceTemplate)
    /// The finder's box stretched to `side` pixels, with `padding` of its width and height on each side.
    ///
    /// What would be beyond the photo's edges is left out before the box is stretched. The face is not turned.
    case box(side: Int, padding: Double)

    /// Pixels across and down of the chips.
    public var side: Int {
        switch self {
        case .dlib(let side, _), .box(let side, _): side
        case .template(let template): template.side
        }
    }

    /// - Throws: `DetectorError.badChip` for a side or padding that cannot be cut.
    func validate() throws(DetectorError) {
        let (side, padding): (Int, Double)
        switch self {
        case .template: return
        case .dlib(let one, let other), .box(let one, let other): (side, padding) = (one, other)
        }
        // NaN fails the comparison too.
        guard 16...2048 ~= side, padding >= 0, padding <= 4 else {
            throw .badChip(side: side, padding: padding)
        }
    }

    /// The chip of a face; nil if its points span no area.
    func chip(of finding: Finding, from photo: Photo) throws(DetectorError) -> FaceChip? {
        if case .box(let side, let padding) = self {
            return try photo.part(finding.box, padding: padding)?.stretched(toSide: side)
        }
        switch (self, finding.scheme) {
        case (.box, _): return nil
        case (.dlib(let side, let padding), .eyeCornersAndNoseBase):
            return try cutChip(of: finding, from: photo, side: side, padding: padding)
        case (.template(let template), .eyesNoseAndMouth):
            return SimilarityTransform(from: finding.landmarks, to: template.points)
                .flatMap { photo.warped(by: $0, side: template.side) }
        case (.dlib(let side, let padding), .eyesNoseAndMouth):
            let places = DlibChip.points(side: side, padding: padding)
            return SimilarityTransform(from: finding.landmarks, to: places)
                .flatMap { photo.warped(by: $0, side: side) }
        case (.template(let template), .eyeCornersAndNoseBase):
            guard let face = EyesAndNose(finding.landmarks, finding.scheme),
                let places = template.placesOfEyesAndNoseBase
            else { return nil }
            return SimilarityTransform(from: [face.left, face.right, face.nose], to: places)
                .flatMap { photo.warped(by: $0, side: template.side) }
        }
    }
}

extension Photo {
    /// A box of the photo with room around it, as far as the photo reaches; nil if they share no pixel.
    func part(_ box: FaceBox, padding: Double) -> Photo? {
        let (across, down) = (padding * Double(box.width), padding * Double(box.height))
        let left = max(0, Int((Double(box.x) - across).rounded()))
        let top = max(0, Int((Double(box.y) - down).rounded()))
        let right = min(width, Int((Double(box.x + box.width) + across).rounded()))
        let bottom = min(height, Int((Double(box.y + box.height) + down).rounded()))
        guard left < right, top < bottom else { return nil }
        var part: [UInt8] = []
        part.reserveCapacity(3 * (right - left) * (bottom - top))
        for row in top..<bottom {
            part += pixels[3 * (row * width + left)..<3 * (row * width + right)]
        }
        return Photo(name: name, width: right - left, height: bottom - top, pixels: part)
    }
}
