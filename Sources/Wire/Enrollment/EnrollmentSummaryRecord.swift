package import Enrollment
internal import FaceImage

/// What an enrolment did: its last line.
public struct EnrollmentSummaryRecord: Codable, Hashable, Sendable {
    /// What a walk through folders left out.
    public struct PassedOver: Codable, Hashable, Sendable {
        /// Files that are no photos, by the ending of their names.
        public var files: [String: Int]
        /// Folders that were not entered, by name.
        public var systemFolders: [String: Int]
        /// Files and folders that the user excludes.
        public var excluded: Int
    }

    /// `summary`.
    public var event: String
    /// New references.
    public var enrolled: Int
    /// What was enrolled before.
    public var present: Int
    /// What was not enrolled.
    public var refused: Int
    /// How often for which reason.
    public var reasons: [String: Int]
    /// References that took the place of another.
    public var replaced: Int
    /// Changed photos whose old reference stays.
    public var keptOld: Int
    /// References that were there, with new metadata, another time or place.
    public var updated: Int
    /// New references that look like another subject.
    public var similar: Int
    /// What was left out of folders.
    public var passedOver: PassedOver
    /// Whether nothing was written.
    public var dryRun: Bool
    /// Whether it was stopped before the end.
    public var interrupted: Bool

    /// A summary as the engine has it.
    package init(_ summary: EnrollmentSummary) {
        event = "summary"
        (enrolled, present, refused) = (summary.enrolled, summary.present, summary.refused)
        reasons = [String: Int](uniqueKeysWithValues: summary.reasons.map { ($0.key.rawValue, $0.value) })
        (replaced, keptOld) = (summary.replaced, summary.keptOld)
        (updated, similar) = (summary.updated, summary.similar)
        passedOver = PassedOver(
            files: summary.passedOver.files, systemFolders: summary.passedOver.systemFolders,
            excluded: summary.passedOver.excluded)
        (dryRun, interrupted) = (summary.dryRun, summary.interrupted)
    }
}
