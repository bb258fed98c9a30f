/// A place of a photo that a detector takes for a face.
///
/// A detector gives many for one face: `clustered` and `distinct` leave one.
struct Candidate: Equatable, Sendable {
    /// In pixels of the photo.
    var box: FaceBox
    /// The detector's confidence.
    var score: Double
}
