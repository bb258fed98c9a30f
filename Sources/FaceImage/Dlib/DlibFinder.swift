/// dlib's frontal face detector and its five landmarks.
///
/// It finds faces that look at the camera, give or take 40 degrees. A score is above 0 (negative only for the last
/// resort below), rarely above 3, and no probability.
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
/// Each thread gets working memory of its own, which is kept for the next photo. Time grows with the photo up to 1,100
/// pixels on the longer side and hardly beyond.
public final class DlibFinder: FaceFinder {
    private let pool: SearcherPool

    /// Corners of the eyes and base of the nose.
    public let scheme = LandmarkScheme.eyeCornersAndNoseBase

    /// Loads dlib's `shape_predictor_5_face_landmarks.dat` from `path` in about 70 ms; the face detector is part of
    /// the program.
    ///
    /// - Throws: `DetectorError.missingModel` or `.notAModel`.
    public init(landmarkModel path: String) throws(DetectorError) {
        pool = SearcherPool(try DetectorModels(landmarkModel: path))
    }

    /// 40, or a twentieth of the photo's longer side.
    public func leastFace(width: Int, height: Int) -> Int { SearchPlan.leastFace(width: width, height: height) }

    /// As `FaceFinder` says; `Finding.scheme` is `.eyeCornersAndNoseBase`.
    public func findings(in photo: Photo) throws(DetectorError) -> [Finding] {
        try pool.withSearcher(for: photo.name) { searcher throws(DetectorError) in
            try FaceSearch(photo: photo, searcher: searcher).findings()
        }
    }
}
