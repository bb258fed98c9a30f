package import Gallery
package import GalleryEvaluation

/// What a check of a gallery found: the line of `check`.
public struct CheckRecord: Codable, Hashable, Sendable {
    /// Subjects that were checked.
    public var subjects: Int
    /// References that were checked.
    public var references: Int
    /// Whether nothing is wrong.
    public var sound: Bool
    /// A line for each problem.
    public var problems: [String]
    /// A line for each thing that is worth knowing and no damage.
    public var notes: [String]
    /// What mends the problems, in the order in which it is to be done: `restore`, `repair`, `enrol_again`,
    /// `replace_network`.
    public var remedies: [String]
    /// Whether the index keeps its search loss; nil where that was not asked.
    public var recall: RecallRecord?

    /// A report as the engine has it.
    package init(_ report: CheckReport, recall: RecallCheck.Report? = nil) {
        self.recall = recall.map(RecallRecord.init)
        (subjects, references, sound) = (report.subjects, report.references, report.isSound)
        (problems, notes) = (report.problems, report.notes)
        remedies = report.remedies.map(\.rawValue)
    }
}
