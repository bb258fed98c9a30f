/// Which five points of a face a finder gives, and in which order.
///
/// Left and right are those of the picture as it is seen, when the face is upright.
public enum LandmarkScheme: String, Sendable, Equatable, Codable {
    /// dlib's: outer and inner corner of the eye on the right, outer and inner corner of the eye on the left, base of
    /// the nose.
    case eyeCornersAndNoseBase
    /// YuNet's: middle of the eye on the left, middle of the eye on the right, tip of the nose, left and right corner
    /// of the mouth.
    case eyesNoseAndMouth
}

/// The points that both schemes have in common.
///
/// `nose` is its base in one scheme and its tip in the other.
struct EyesAndNose: Equatable, Sendable {
    /// The middles of the eyes, on the left and on the right of an upright face as it is seen.
    let left: Landmark, right: Landmark
    let nose: Landmark

    /// nil if there are not five points.
    init?(_ landmarks: [Landmark], _ scheme: LandmarkScheme) {
        guard landmarks.count == 5 else { return nil }
        switch scheme {
        case .eyeCornersAndNoseBase:
            right = landmarks[0].middle(to: landmarks[1])
            left = landmarks[2].middle(to: landmarks[3])
            nose = landmarks[4]
        case .eyesNoseAndMouth:
            (left, right, nose) = (landmarks[0], landmarks[1], landmarks[2])
        }
    }

    var points: [Landmark] { [right, left, nose] }
    /// Pixels between the eyes.
    var eyeDistance: Double { left.distance(to: right) }
}

extension Landmark {
    func middle(to other: Landmark) -> Landmark { Landmark(x: (x + other.x) / 2, y: (y + other.y) / 2) }

    func distance(to other: Landmark) -> Double {
        let (dx, dy) = (x - other.x, y - other.y)
        return (dx * dx + dy * dy).squareRoot()
    }
}
