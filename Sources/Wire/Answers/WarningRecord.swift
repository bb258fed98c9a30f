package import Enrollment
package import FaceImage
internal import Gallery

/// A limit of enrolment that a face misses and that is used all the same: to search, to compare, or for a matrix.
public struct WarningRecord: Codable, Hashable, Sendable {
    /// Why enrolment would refuse it, in the words of refusals.
    public var reason: String
    /// What was measured, where the reason is a limit.
    public var measured: Double?
    /// The limit it missed.
    public var limit: Double?

    /// Why enrolment would refuse a face.
    package init(_ refusal: Refusal) {
        (reason, measured, limit) = (refusal.reason.rawValue, refusal.measured, refusal.limit)
    }

    /// A finding that may be no face.
    package init(doubtful face: Face) { self.init(doubtfulScore: face.score) }

    /// The same of a face of which the score alone is known.
    init(doubtfulScore score: Double) {
        (reason, measured) = (RefusalReason.doubtfulFace.rawValue, score)
        limit = YuNetFinder.sureScore
    }

    /// A photo with several faces, of which the largest is used.
    package init(severalFaces count: Int) {
        (reason, measured, limit) = (RefusalReason.severalFaces.rawValue, Double(count), 1)
    }
}
