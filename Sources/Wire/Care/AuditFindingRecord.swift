package import Gallery
internal import GalleryModel

/// A reference that looks wrong: a line of `audit`.
public struct AuditFindingRecord: Codable, Hashable, Sendable {
    /// `like_everybody`, `like_nobody`, `hub` or `far_from_own`.
    public var reason: String
    /// The subject it is enrolled as.
    public var subject: String
    /// Its number.
    public var reference: Int64
    /// Where it came from.
    public var source: String
    /// What was measured: a cosine, of a hub the number of other subjects.
    public var value: Double
    /// What that should not have passed.
    public var limit: Double

    /// A finding as the engine has it.
    package init(_ finding: AuditFinding) {
        (reason, subject, reference) = (finding.reason.rawValue, finding.subject, finding.reference)
        (source, value, limit) = (finding.source, finding.value, finding.limit)
    }
}
