package import Enrollment
package import FaceImage

/// What became of a photo: a line of `embed`.
public struct EmbeddingRecord: Codable, Hashable, Sendable {
    /// The photo's path.
    public var photo: String
    /// The row of its template in the matrix, from 0; nil where it was refused.
    public var row: Int?
    /// The face's box, as in `FaceRecord`; nil where the photo was refused.
    public var box: [Int]?
    /// What speaks against the face; nil where enrolment would take it.
    public var warnings: [WarningRecord]?
    /// Why the photo was refused.
    public var reason: String?
    /// The reason in one line.
    public var message: String?
    /// What was measured, where the reason is a limit.
    public var measured: Double?
    /// The limit it missed.
    public var limit: Double?

    /// A photo with a row.
    package init(_ face: Face, of photo: String, row: Int, warnings: [WarningRecord]?) {
        (self.photo, self.row, box, self.warnings) = (photo, row, face.box.record, warnings)
    }

    /// A photo that was refused.
    package init(_ refusal: Refusal, of photo: String, message: String) {
        (self.photo, self.message, reason) = (photo, message, refusal.reason.rawValue)
        (measured, limit) = (refusal.measured, refusal.limit)
    }
}
