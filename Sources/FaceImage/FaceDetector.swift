/// Finds faces in photos and cuts them out as dlib's face networks expect them.
///
/// The search is dlib's frontal face detector, the alignment dlib's five landmarks and face chip: same
/// photo, same chip as dlib's own pipeline. It finds faces that look at the camera, give or take 40 degrees.
///
/// How small a face may be: the detector sees faces from 80 pixels on. A photo whose longest side is at most
/// 1,100 pixels is searched as it is, a larger one reduced to that. Where that finds nothing, it is searched
/// again at up to twice that scale, to at most 1,600 pixels on the longest side. So a lone face is found from
/// 40 pixels in photos up to 800 pixels, and from a twentieth of the longest side in larger ones.
///
/// Any number of threads may use one detector at once; each gets working memory of its own, which is kept for
/// the next photo.
public final class FaceDetector: Sendable {
    /// Pixels across and down of the chips.
    public let chipSide: Int
    /// Room around the face in a chip, as a share of the face's size on every side.
    public let padding: Double

    private let pool: SearcherPool

    /// Loads dlib's `shape_predictor_5_face_landmarks.dat` from `path`, and the face detector, in about a
    /// third of a second.
    ///
    /// dlib's ResNet wants the defaults: chips of 150 pixels with a padding of 0.25.
    /// - Throws: `DetectorError.missingModel`, `.notAModel` or, for a side outside 16…2048 or a padding
    ///   outside 0…4, `.badChip`.
    public init(landmarkModel path: String, chipSide: Int = 150, padding: Double = 0.25) throws(DetectorError) {
        // NaN fails the comparison too.
        guard 16...2048 ~= chipSide, padding >= 0, padding <= 4 else {
            throw .badChip(side: chipSide, padding: padding)
        }
        self.chipSide = chipSide
        self.padding = padding
        pool = SearcherPool(try DetectorModels(landmarkModel: path))
    }

    /// The faces of `photo`, the largest box first; none where none is found.
    ///
    /// Chips are cut from the photo as it is, at its full resolution. One thread works; time grows with the
    /// photo up to 1,100 pixels on the longest side and hardly beyond.
    /// - Throws: `DetectorError.badPhoto` or `.failed`.
    public func faces(in photo: Photo) throws(DetectorError) -> [DetectedFace] {
        guard photo.width > 0, photo.height > 0, photo.width <= Int(Int32.max) / photo.height,
            photo.pixels.count == 3 * photo.width * photo.height
        else {
            throw .badPhoto(
                name: photo.name, width: photo.width, height: photo.height, values: photo.pixels.count)
        }
        var findings: [Finding] = []
        for scale in searchScales(width: photo.width, height: photo.height) where findings.isEmpty {
            findings = try pool.withSearcher(for: photo.name) { searcher throws(DetectorError) in
                try searcher.search(photo, scale: scale)
            }
        }
        var faces: [DetectedFace] = []
        for finding in largestFirst(withoutDuplicates(findings)) {
            guard let chip = try cutChip(of: finding, from: photo, side: chipSide, padding: padding) else {
                continue
            }
            let quality = FaceQuality(box: finding.box, landmarks: finding.landmarks, chip: chip)
            let face = Face(
                box: finding.box, score: finding.score, landmarks: finding.landmarks, quality: quality)
            faces.append(DetectedFace(face: face, chip: chip))
        }
        return faces
    }
}

/// The scales at which a photo is searched, one after the other until something is found.
func searchScales(width: Int, height: Int) -> [Double] {
    let longest = Double(max(width, height))
    let first = min(1, 1_100 / longest)
    let second = min(2, 1_600 / longest)
    return [first, second]
}

/// Every face once: of two boxes that share most of the smaller or a third of both, the surer stays.
func withoutDuplicates(_ findings: [Finding]) -> [Finding] {
    var kept: [Finding] = []
    for finding in findings.sorted(by: { $0.score > $1.score }) {
        let repeats = kept.contains { other in
            let shared = Double(finding.box.overlap(with: other.box))
            let (one, two) = (Double(finding.box.area), Double(other.box.area))
            return shared > 0.6 * min(one, two) || shared > (one + two - shared) / 3
        }
        if !repeats { kept.append(finding) }
    }
    return kept
}

/// By area; of equal boxes the surer first, so that the order never depends on chance.
private func largestFirst(_ findings: [Finding]) -> [Finding] {
    findings.sorted { ($0.box.area, $0.score, $1.box.x) > ($1.box.area, $1.score, $0.box.x) }
}
