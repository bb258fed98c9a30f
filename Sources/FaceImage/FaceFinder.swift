/// A face as a finder found it: where it is, before anything is cut out.
public struct Finding: Equatable, Sendable {
    /// In pixels of the photo.
    public var box: FaceBox
    /// The finder's confidence, on a scale of its own.
    public var score: Double
    /// The five points of `scheme`, in pixels of the photo.
    public var landmarks: [Landmark]
    /// What the five points are.
    public var scheme: LandmarkScheme
    /// Whether it may well be no face: the finder names it so that its user can decide.
    public var isDoubtful: Bool

    /// A finding from its parts.
    public init(
        box: FaceBox, score: Double, landmarks: [Landmark], scheme: LandmarkScheme = .eyeCornersAndNoseBase,
        isDoubtful: Bool = false
    ) {
        (self.box, self.score, self.landmarks, self.scheme) = (box, score, landmarks, scheme)
        self.isDoubtful = isDoubtful
    }
}

/// Finds the faces of a photo.
///
/// Any number of threads may use one at once.
public protocol FaceFinder: Sendable {
    /// The five points that its findings have.
    var scheme: LandmarkScheme { get }

    /// The smallest face that is found in a photo of this size: the shorter side of its box, in pixels of the photo.
    func leastFace(width: Int, height: Int) -> Int

    /// Every face of `photo` once, in no order; none if none is found.
    ///
    /// The photo's pixels have been counted by the caller.
    /// - Throws: `DetectorError.failed` or `.badOutput`.
    func findings(in photo: Photo) throws(DetectorError) -> [Finding]
}
