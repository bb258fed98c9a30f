internal import Evaluation
internal import FoundationEssentials
package import GalleryEvaluation

/// Error rates of a gallery: the line of `evaluate identification` and `evaluate self`.
public struct EvaluationRecord: Codable, Hashable, Sendable {
    /// `evaluation`.
    public var event: String
    /// When it was measured: ISO 8601, UTC.
    public var measured: String
    /// The gallery's network.
    public var network: String
    /// Where the probes came from: `given`, or `gallery` for the gallery's own references.
    public var probes: String
    /// Enrolled references.
    public var references: Int
    /// Enrolled subjects.
    public var subjects: Int
    /// Probes of enrolled people.
    public var mated: Int
    /// Probes of everybody else.
    public var nonMated: Int
    /// Probes of which no template could be made; they are counted in `mated` and `nonMated`.
    public var notAcquired: Int
    /// Those of enrolled people among them.
    public var matedNotAcquired: Int
    /// Whether all probes were searched; else the rates are those of a random part.
    public var complete: Bool
    /// Searches through the index.
    public var index: EvaluatedSearchesRecord?
    /// The same searches, compared with everybody.
    public var exact: EvaluatedSearchesRecord?
    /// Share of searches whose best similarity the index did not find.
    public var searchLoss: Double?
    /// Upper end of its 95 % interval.
    public var searchLossHigh: Double?
    /// Galleries of other sizes, random halves, fewer references.
    public var details: EvaluationDetailsRecord?
    /// Groups of people.
    public var groups: EvaluatedGroupsRecord?
    /// The most similar strangers.
    public var falseMatches: [WorstSearchRecord]?
    /// The misses with the most similar wrong candidate.
    public var misses: [WorstSearchRecord]?

    /// A report as the engine has it.
    ///
    /// - Parameter measured: seconds since 1970.
    package init(_ report: IdentificationReport, network: String, measured: Double, withWorst: Bool) {
        event = "evaluation"
        self.measured = EvaluationRecord.date(measured)
        self.network = network
        probes = report.isSelf ? "gallery" : "given"
        (references, subjects) = (report.references, report.subjects)
        (mated, nonMated) = (report.mated, report.nonMated)
        notAcquired = report.matedNotAcquired + report.nonMatedNotAcquired
        matedNotAcquired = report.matedNotAcquired
        complete = report.isComplete
        index = report.index.map(EvaluatedSearchesRecord.init)
        exact = report.exact.map(EvaluatedSearchesRecord.init)
        searchLoss = report.loss?.missed.value
        searchLossHigh = report.loss?.missed.interval.upperBound
        details = report.details.map(EvaluationDetailsRecord.init)
        groups = report.groups.map { EvaluatedGroupsRecord($0, fpir: report.groupTarget ?? 0) }
        falseMatches = withWorst ? report.falseMatches.map(WorstSearchRecord.init) : nil
        misses = withWorst ? report.misses.map(WorstSearchRecord.init) : nil
    }

    /// A time as the records write it.
    package static func date(_ seconds: Double) -> String {
        Date(timeIntervalSince1970: seconds.rounded(.down)).formatted(.iso8601)
    }
}

/// A search that went wrong.
public struct WorstSearchRecord: Codable, Hashable, Sendable {
    /// The probe: a photo's path, or the row of a file.
    public var probe: String
    /// Whom it shows; nil for a stranger without a name.
    public var person: String?
    /// The subject at rank one; nil if no template could be made.
    public var candidate: String?
    /// Where that subject's most similar reference came from.
    public var candidateSource: String?
    /// Cosine of the two.
    public var similarity: Float?

    init(_ search: WorstSearch) {
        (probe, person) = (search.probe, search.person)
        (candidate, candidateSource) = (search.candidate, search.candidateSource)
        similarity = search.similarity
    }
}
