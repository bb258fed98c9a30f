package import Enrollment
internal import FaceImage
internal import GalleryModel

/// What became of a photo: a line of `enroll`, and of its rejects file.
public struct EnrollmentRecord: Codable, Hashable, Sendable {
    /// The photo's path.
    public var photo: String
    /// Whom it shows.
    public var subject: String
    /// `enrolled`, `accepted` in a dry run, `present`, `updated`, `changed` or `refused`.
    public var status: String
    /// The new reference; nil where there is none.
    public var reference: Int64?
    /// The reference that was removed, as another photo took its place.
    public var replaced: Int64?
    /// The other subject that has this face or this photo, or the path at which this photo is enrolled already.
    public var duplicateOf: String?
    /// Another subject whose name looks the same; told with the first photo of a subject.
    public var similarName: String?
    /// Cosine with that subject.
    public var similarity: Float?
    /// The line of the manifest, from 1.
    public var line: Int?
    /// Why it was refused.
    public var reason: String?
    /// The reason in one line.
    public var message: String?
    /// What was measured, where the reason is a limit.
    public var measured: Double?
    /// The limit it missed.
    public var limit: Double?
    /// What is doubtful: the enrolled face, or what beside it may be a face too.
    public var warnings: [WarningRecord]?

    private init(_ photo: PhotoItem, _ subject: String, _ status: String) {
        (self.photo, self.subject, self.status, line) = (photo.path, subject, status, photo.line)
    }

    /// A photo that was enrolled, or would be if the run were not dry.
    package init(_ enrolled: EnrolledPhoto, isDryRun: Bool) {
        self.init(enrolled.photo, enrolled.subject, isDryRun ? "accepted" : "enrolled")
        (reference, replaced) = (enrolled.reference, enrolled.replaced)
        (duplicateOf, similarity) = (enrolled.twin?.subject, enrolled.twin?.similarity)
        similarName = enrolled.similarName
        let doubtful = enrolled.doubtful + (enrolled.doubtfulFace.map { [$0] } ?? [])
        if !doubtful.isEmpty { warnings = doubtful.map(WarningRecord.init(doubtful:)) }
    }

    /// A photo that was enrolled before.
    package init(present photo: PhotoItem, subject: String, isUpdated: Bool, replaced: Int64?) {
        self.init(photo, subject, isUpdated ? "updated" : "present")
        self.replaced = replaced
    }

    /// A photo that has changed, and whose old reference stays.
    package init(keptOld photo: PhotoItem, subject: String) { self.init(photo, subject, "changed") }

    /// A photo that was refused.
    ///
    /// - Parameter message: the reason in one line.
    package init(refused photo: PhotoItem, subject: String, _ refusal: Refusal, message: String) {
        self.init(photo, subject, "refused")
        (duplicateOf, reason, self.message) = (refusal.other, refusal.reason.rawValue, message)
        (measured, limit) = (refusal.measured, refusal.limit)
    }
}
