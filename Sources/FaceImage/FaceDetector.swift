import Glibc

/// Finds faces in photos and cuts them out as dlib's face networks expect them.
///
/// The search is dlib's frontal face detector, the alignment dlib's five landmarks and face chip: in photos
/// of up to 1,100 pixels every chip of dlib's own pipeline comes out, byte for byte. It finds faces that look
/// at the camera, give or take 40 degrees.
///
/// How small a face may be: the detector sees faces from 80 pixels on. A photo whose longest side is at most
/// 1,100 pixels is searched as it is, a larger one reduced to that. Where that finds nothing, it is searched
/// again at up to twice that scale, to at most 1,600 pixels on the longest side, and where that finds nothing
/// either, the surest of what lies a little below the detector's bar is taken (its score is negative). So a lone face is found from
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

    /// Loads dlib's `shape_predictor_5_face_landmarks.dat` from `path` in about 70 ms; the face detector
    /// is part of the program.
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

    /// The faces of `photo`, the largest first; none where none is found.
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
        for pass in searchPasses(width: photo.width, height: photo.height) where findings.isEmpty {
            findings = try pool.withSearcher(for: photo.name) { searcher throws(DetectorError) in
                try searcher.search(photo, pass)
            }
            if pass.takesSurestOnly, let surest = findings.max(by: { $0.score < $1.score }) {
                findings = [surest]
            }
        }
        var faces: [DetectedFace] = []
        for finding in largestFirst(withoutDuplicates(findings), width: photo.width, height: photo.height) {
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

/// One way to search a photo.
struct SearchPass: Equatable {
    /// The size at which the photo is searched, as a multiple of its own.
    let scale: Double
    /// The detector's score from which something is a face.
    let leastScore: Double

    /// Below the detector's own bar one finding is believed, not several.
    var takesSurestOnly: Bool { leastScore < 0 }
}

/// The ways in which a photo is searched, one after the other until something is found.
///
/// The last lowers the bar. Measured on 250×250 photos: of 19 that show a face and gave none, it finds 11; of
/// 2,000 enlarged patches beside a face it takes 13 for one, where the bar of 0 takes 5.
func searchPasses(width: Int, height: Int) -> [SearchPass] {
    let longest = Double(max(width, height))
    let first = min(1, 1_100 / longest)
    let second = min(2, 1_600 / longest)
    return [
        SearchPass(scale: first, leastScore: 0), SearchPass(scale: second, leastScore: 0),
        SearchPass(scale: first, leastScore: -0.5),
    ]
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

/// By the size of what the photo shows of them; of faces equally large the one nearest the middle first.
///
/// The detector knows sizes in steps of a fifth only, so faces of one step are equally large, and a face cut off
/// by the edge counts for the part that is there.
func largestFirst(_ findings: [Finding], width: Int, height: Int) -> [Finding] {
    func key(_ finding: Finding) -> (step: Int, nearness: Int, x: Int) {
        let box = finding.box
        let visibleWidth = max(1, min(box.x + box.width, width) - max(box.x, 0))
        let visibleHeight = max(1, min(box.y + box.height, height) - max(box.y, 0))
        let size = Double(visibleWidth * visibleHeight).squareRoot()
        let (dx, dy) = (2 * box.x + box.width - width, 2 * box.y + box.height - height)
        return (Int((log(size) / log(1.2)).rounded()), -(dx * dx + dy * dy), -box.x)
    }
    return findings.sorted { key($0) > key($1) }
}
