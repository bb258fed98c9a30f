// Where the points of one scheme are in chips that were made for the other: means over 363 photos of LFW in which both
// finders find one face. With them each network can be fed by either finder.

/// dlib's face chip, for points that dlib did not find.
enum DlibChip {
    /// The five points of `LandmarkScheme.eyesNoseAndMouth` in a chip of `side` pixels.
    static func points(side: Int, padding: Double) -> [Landmark] {
        let factor = Double(side) / (1 + 2 * padding)
        return places.map { Landmark(x: ($0.0 + padding) * factor, y: ($0.1 + padding) * factor) }
    }

    /// In sizes of the face, from the corner of dlib's mean face.
    ///
    /// They scatter by 0.02 (eyes) to 0.06 (tip of the nose).
    private static let places = [
        (0.2210, 0.1930), (0.7654, 0.2046), (0.4792, 0.5301), (0.2570, 0.7729), (0.7218, 0.7814),
    ]
}

extension FaceTemplate {
    /// Where dlib's points lie: the middles of the eyes' corners, left and right, and the base of the nose.
    ///
    /// They scatter by 2 to 3 pixels of ArcFace's chip. nil if the template's points coincide.
    var placesOfEyesAndNoseBase: [Landmark]? {
        let inArcFace = [(38.34, 53.94), (73.23, 53.26), (56.17, 80.51)]
        return SimilarityTransform(from: Self.arcFace.points, to: points).map { transform in
            inArcFace.map { transform(Landmark(x: $0.0, y: $0.1)) }
        }
    }
}
