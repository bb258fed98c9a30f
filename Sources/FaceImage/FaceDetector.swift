import Glibc

/// Finds faces in photos and cuts them out as a face network expects them: a finder and an alignment.
///
/// Any number of threads may use one detector at once.
public final class FaceDetector: Sendable {
    /// Where faces come from.
    public let finder: any FaceFinder
    /// How they become chips.
    public let alignment: FaceAlignment

    /// A detector of any finder's faces.
    ///
    /// - Throws: `DetectorError.badChip` for a side outside 16…2048 or a padding outside 0…4.
    public init(finder: any FaceFinder, alignment: FaceAlignment) throws(DetectorError) {
        try alignment.validate()
        (self.finder, self.alignment) = (finder, alignment)
    }

    /// dlib's pipeline: its frontal detector, its five landmarks, its face chip.
    ///
    /// In photos of up to 1,100 pixels every chip of dlib's own pipeline comes out, byte for byte. dlib's ResNet wants
    /// the defaults. The landmark model, `shape_predictor_5_face_landmarks.dat` at `path`, is loaded in about 70 ms.
    /// - Throws: `DetectorError.missingModel`, `.notAModel` or, for a side outside 16…2048 or a padding
    ///   outside 0…4, `.badChip`.
    public convenience init(
        landmarkModel path: String, chipSide: Int = 150, padding: Double = 0.25
    ) throws(DetectorError) {
        let alignment = FaceAlignment.dlib(side: chipSide, padding: padding)
        // Before the model is loaded, so that a wrong size is told where the model is missing too.
        try alignment.validate()
        try self.init(finder: DlibFinder(landmarkModel: path), alignment: alignment)
    }

    /// Pixels across and down of the chips.
    public var chipSide: Int { alignment.side }

    /// The smallest face that is found in a photo of this size, in pixels of the photo: the shorter side of its box.
    public func leastFace(width: Int, height: Int) -> Int { finder.leastFace(width: width, height: height) }

    /// The faces of `photo`, the largest first, doubtful ones after all others; none if none is found.
    ///
    /// Chips are cut from the photo as it is, at its full resolution. One thread works.
    /// - Throws: `DetectorError.badPhoto`, `.failed` or `.badOutput`.
    public func faces(in photo: Photo) throws(DetectorError) -> [DetectedFace] {
        guard photo.width > 0, photo.height > 0, photo.width <= Int(Int32.max) / photo.height,
            photo.pixels.count == 3 * photo.width * photo.height
        else {
            throw .badPhoto(
                name: photo.name, width: photo.width, height: photo.height, values: photo.pixels.count)
        }
        var faces: [DetectedFace] = []
        for finding in largestFirst(
            try finder.findings(in: photo), width: photo.width, height: photo.height)
        {
            guard let chip = try alignment.chip(of: finding, from: photo) else { continue }
            faces.append(DetectedFace(face: Face(finding, chip: chip), chip: chip))
        }
        return faces
    }
}

/// By the size of what the photo shows of them; of faces equally large the one nearest the middle first.
///
/// What is doubtful comes after all that is not, however large it is. Sizes within a step of a fifth, which are all
/// that dlib's detector knows, are equally large, and a face cut off by the edge counts for the part that is there.
func largestFirst(_ findings: [Finding], width: Int, height: Int) -> [Finding] {
    func key(_ finding: Finding) -> (sure: Int, step: Int, nearness: Int, x: Int) {
        let box = finding.box
        let visibleWidth = max(1, min(box.x + box.width, width) - max(box.x, 0))
        let visibleHeight = max(1, min(box.y + box.height, height) - max(box.y, 0))
        let size = Double(visibleWidth * visibleHeight).squareRoot()
        let (dx, dy) = (2 * box.x + box.width - width, 2 * box.y + box.height - height)
        return (
            finding.isDoubtful ? 0 : 1, Int((log(size) / log(1.2)).rounded()), -(dx * dx + dy * dy), -box.x
        )
    }
    return findings.sorted { key($0) > key($1) }
}
