package import Gallery
internal import GalleryModel

/// What a change of the network did: the last line of `migrate`.
public struct MigrationSummaryRecord: Codable, Hashable, Sendable {
    /// `summary`.
    public var event: String
    /// The network that the gallery had.
    public var from: String
    /// The network that it has, or would have.
    public var to: String
    /// That network's fingerprint.
    public var fingerprint: String
    /// Numbers in a template of that network.
    public var dimension: Int
    /// References in the gallery when the work began.
    public var references: Int
    /// Templates that this run made.
    public var made: Int
    /// Those of them that were made from chips.
    public var madeFromChips: Int
    /// Templates that earlier runs had made.
    public var madeBefore: Int
    /// References that cannot be made again.
    public var missing: Int
    /// How many of those for which reason.
    public var reasons: [String: Int]
    /// References that were removed.
    public var dropped: Int
    /// Whether the gallery has the new network.
    public var done: Bool
    /// Whether nothing was to be changed.
    public var dryRun: Bool
    /// Whether it was stopped before the end.
    public var interrupted: Bool
    /// Cosine from which a search names somebody with that network; nil where its card cannot be read.
    public var identificationThreshold: Double?

    /// A report as the engine has it.
    package init(_ report: MigrationReport, isDryRun: Bool, identificationThreshold: Double?) {
        (event, from, to) = ("summary", report.from.networkName, report.to.networkName)
        (fingerprint, dimension) = (report.to.networkFingerprint, report.to.dimension)
        (references, made) = (report.references, report.made)
        (madeFromChips, madeBefore) = (report.madeFromChips, report.madeBefore)
        missing = report.missing.count
        reasons = [String: Int](
            uniqueKeysWithValues: report.missing.counts.map { ($0.key.rawValue, $0.value) })
        dropped = report.isDone ? report.missing.count : 0
        (done, dryRun, interrupted) = (report.isDone, isDryRun, report.isInterrupted)
        self.identificationThreshold = identificationThreshold
    }
}
