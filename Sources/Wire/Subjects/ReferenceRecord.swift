package import GalleryModel

/// An enrolled reference without its template: a line of `subjects NAME`.
public struct ReferenceRecord: Codable, Hashable, Sendable {
    /// Its subject's name.
    public var subject: String
    /// Its number.
    public var reference: Int64
    /// Where the template came from; may be empty.
    public var source: String
    /// When it was enrolled, in seconds since 1970-01-01 00:00 UTC.
    public var enrolled: Double
    /// Quality of its photo; nil where none was measured.
    public var quality: QualityRecord?
    /// What else is known of it; nil where nothing is.
    public var metadata: [String: String]?

    /// A reference as the engine has it.
    package init(_ reference: Reference, subject: String) {
        (self.subject, self.reference, source) = (subject, reference.id, reference.source)
        (enrolled, quality) = (reference.enrolled, reference.quality.map(QualityRecord.init))
        metadata = reference.metadata.isEmpty ? nil : reference.metadata
    }
}
