import Glibc

/// A second look at a place of a photo: the face as large as YuNet places points best, and turned upright.
struct FaceLook: Equatable, Sendable {
    /// Pixels across and down of the look.
    let side: Int
    /// From pixels of the photo to pixels of the look.
    let transform: SimilarityTransform
    /// How the face stands that this look shows upright, in radians clockwise.
    let angle: Double

    /// A look at a candidate whose face is turned clockwise by `angle`.
    init(at candidate: YuNetCandidate, angle: Double, side: Int = YuNetPlan.lookSide) {
        self.side = side
        let scale = Double(side) / (YuNetPlan.lookRoom * max(candidate.width, candidate.height))
        let (a, b) = (scale * cos(angle), -scale * sin(angle))
        let (x, y) = (candidate.left + candidate.width / 2, candidate.top + candidate.height / 2)
        let middle = Double(side) / 2
        transform = SimilarityTransform(
            a: a, b: b, dx: middle - (a * x - b * y), dy: middle - (b * x + a * y))
        self.angle = angle
    }

    /// What the look shows; nil if the place is none of a photo's.
    func chip(of photo: Photo) -> FaceChip? { photo.warped(by: transform, side: side) }

    /// Writes the look's picture as `DetectionNetwork` takes it: blue, green, red of each pixel.
    static func write(_ chip: FaceChip, to picture: inout MutableSpan<Float>) {
        for at in stride(from: 0, to: chip.pixels.count, by: 3) {
            picture[at] = Float(chip.pixels[at + 2])
            picture[at + 1] = Float(chip.pixels[at + 1])
            picture[at + 2] = Float(chip.pixels[at])
        }
    }

    /// A candidate of the look, in pixels of the photo; nil if the look has no size.
    ///
    /// Its box stands upright in the photo, with the middle and the sides of the one in the look.
    func inPhoto(_ candidate: YuNetCandidate) -> YuNetCandidate? {
        guard let back = transform.inverse else { return nil }
        let middle = back(
            Landmark(x: candidate.left + candidate.width / 2, y: candidate.top + candidate.height / 2))
        let liesOnItsSide = abs(sin(angle)) > abs(cos(angle))
        let width = (liesOnItsSide ? candidate.height : candidate.width) * back.scale
        let height = (liesOnItsSide ? candidate.width : candidate.height) * back.scale
        return YuNetCandidate(
            left: middle.x - width / 2, top: middle.y - height / 2, width: width, height: height,
            score: candidate.score, points: candidate.points.map { back($0) })
    }
}
