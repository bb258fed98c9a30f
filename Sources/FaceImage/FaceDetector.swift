import Glibc

/// Finds faces in photos and cuts them out as dlib's face networks expect them.
///
/// The search is dlib's frontal face detector, the alignment dlib's five landmarks and face chip: in photos
/// of up to 1,100 pixels every chip of dlib's own pipeline comes out, byte for byte. It finds faces that look
/// at the camera, give or take 40 degrees.
///
/// How small a face may be: every face is found whose box has 40 pixels or more, and a twentieth of the photo's longer
/// side (`leastFace`), whatever else the photo shows. The detector sees faces from 80 pixels on, in a photo that is
/// reduced to 1,100 pixels on its longer side where it is larger. Smaller ones are screened for as if the photo had
/// twice its size, at most 1,600 pixels, and looked at a second time. Where nothing at all is found, the photo is
/// searched at that size as a whole, and where that finds nothing either, the surest of what lies a little below the
/// detector's bar is taken (its score is negative).
///
/// A finding that is unsure is also looked at turned by 90, 180 and 270 degrees. Where it scores higher so, the photo
/// stands on its head or lies on its side there: the face is given as it was found in the turned look, with its roll.
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

    /// The smallest face that is found in a photo of this size, in pixels of the photo.
    ///
    /// The shorter side of its box: 40, or a twentieth of the photo's longer side.
    public static func leastFace(width: Int, height: Int) -> Int {
        SearchPlan.leastFace(width: width, height: height)
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
        let findings = try pool.withSearcher(for: photo.name) { searcher throws(DetectorError) in
            try FaceSearch(photo: photo, searcher: searcher).findings()
        }
        var faces: [DetectedFace] = []
        for finding in largestFirst(findings, width: photo.width, height: photo.height) {
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
