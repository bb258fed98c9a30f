package import Gallery

/// Whether two faces are one person's: the line of `verify`.
public struct VerificationRecord: Codable, Hashable, Sendable {
    /// The first photo's path.
    public var first: String
    /// The second photo's path; nil where a subject was compared.
    public var second: String?
    /// The subject that was compared.
    public var subject: String?
    /// Cosine, −1…1.
    public var similarity: Float
    /// Cosine at or above which they match; nil where none is known.
    public var threshold: Double?
    /// `match` or `non-match`.
    public var decision: String
    /// What speaks against the photos' faces; nil where enrolment would take both.
    public var warnings: [PhotoWarnings]?

    /// What speaks against the face of one photo.
    public struct PhotoWarnings: Codable, Hashable, Sendable {
        /// The photo's path.
        public var photo: String
        /// Why enrolment would refuse it.
        public var reasons: [WarningRecord]

        /// The warnings of a photo.
        package init(photo: String, reasons: [WarningRecord]) {
            (self.photo, self.reasons) = (photo, reasons)
        }
    }

    /// A comparison with another photo, or with a subject.
    package init(
        _ result: Verification, of first: String, with other: String, isSubject: Bool,
        warnings: [PhotoWarnings] = []
    ) {
        self.first = first
        (second, subject) = isSubject ? (nil, other) : (other, nil)
        (similarity, threshold) = (result.similarity, result.threshold)
        decision = result.isMatch ? "match" : "non-match"
        self.warnings = warnings.isEmpty ? nil : warnings
    }
}
