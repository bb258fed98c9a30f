package import Gallery

/// What a snapshot holds: the line of `snapshot` and of `restore`.
public struct SnapshotRecord: Codable, Hashable, Sendable {
    /// Subjects in it.
    public var subjects: Int
    /// References in it.
    public var references: Int
    /// Bytes of all its files.
    public var bytes: Int
    /// Whether the index is in it.
    public var index: Bool

    /// A report as the engine has it.
    package init(_ report: SnapshotReport) {
        (subjects, references) = (report.subjects, report.references)
        (bytes, index) = (report.bytes, report.hasIndex)
    }
}
