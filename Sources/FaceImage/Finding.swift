/// A place of a photo that a detector takes for a face.
///
/// A detector gives many for one face: `clustered` and `distinct` leave one.
struct Candidate: Equatable, Sendable {
    /// In pixels of the photo.
    var box: FaceBox
    /// The detector's confidence, 0 at its own bar.
    var score: Double
}

/// A face as a detector found it: where it is, before anything is cut out.
struct Finding: Equatable, Sendable {
    /// In pixels of the photo.
    var box: FaceBox
    /// The detector's confidence, 0 at its own bar.
    var score: Double
    /// The five points of `Face.landmarks`, in pixels of the photo.
    var landmarks: [Landmark]
}
