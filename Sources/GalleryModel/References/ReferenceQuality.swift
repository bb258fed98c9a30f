/// How good the photo of a reference was for recognition.
public struct ReferenceQuality: Sendable, Hashable, Codable {
    /// Shorter side of the face's box, in pixels of the photo; 0...2_147_483_647.
    public var faceSize: Int
    /// Sharpness: variance of the Laplacian of the face's chip, corrected for light.
    public var sharpness: Double
    /// How far the head is turned to its side, in degrees.
    public var yaw: Double
    /// How far the head is tilted in the picture, in degrees.
    public var roll: Double
    /// The face finder's raw score; higher is more certain.
    ///
    /// Comparable only within one finder.
    public var score: Double

    /// Collects the measurements.
    public init(faceSize: Int, sharpness: Double, yaw: Double, roll: Double, score: Double) {
        self.faceSize = faceSize
        self.sharpness = sharpness
        self.yaw = yaw
        self.roll = roll
        self.score = score
    }
}

extension ReferenceQuality {
    /// Sharpness that no photo exceeds.
    private static let sharpnesses = 0.0...1e12
    /// Degrees.
    private static let angles = -360.0...360.0
    private static let scores = -1e6...1e6

    /// Why no photo has such a quality, with the range that it misses; nil for one that a gallery can hold.
    package var fault: String? {
        if !(0...Int(Int32.max)).contains(faceSize) {
            return "its face size is \(faceSize) pixels; 0...\(Int32.max) are allowed"
        }
        for (name, number, range) in [
            ("sharpness", sharpness, Self.sharpnesses), ("yaw", yaw, Self.angles),
            ("roll", roll, Self.angles), ("score", score, Self.scores),
        ] where !range.contains(number) {
            return "its \(name) is \(number); \(range.lowerBound)...\(range.upperBound) is allowed"
        }
        return nil
    }
}

extension ReferenceQuality {
    package var isFinite: Bool { [sharpness, yaw, roll, score].allSatisfy(\.isFinite) }
}
