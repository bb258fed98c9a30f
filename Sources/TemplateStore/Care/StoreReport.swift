/// What `TemplateStore.verify` and `repair` found.
public struct StoreReport: Sendable, Hashable, Codable {
    /// The problems, one line each; empty for a sound gallery.
    ///
    /// At most `StoreReport.mostProblems` of them.
    public var problems: [String] = []
    /// The number of all problems, including those beyond the list.
    public var problemCount = 0
    /// What `repair` did, a line each; empty after `verify`.
    public var repairs: [String] = []
    /// Subjects looked at.
    public var subjects = 0
    /// References looked at.
    public var references = 0
    /// Removals in the log.
    public var removals = 0
    /// Pages of `data.mdb` in use.
    public var pages = 0

    /// How to repair the problems; empty for a sound gallery.
    public var remedies: Set<Remedy> = []

    /// How to repair a problem.
    public enum Remedy: String, Sendable, Hashable, Codable {
        /// `repair`, which makes everything again that can be derived.
        case repair
        /// To remove the references that the problems name, and to enrol their faces again.
        case enrolAgain
        /// A copy of the gallery.
        case copy
    }

    /// Nothing is wrong.
    public var isSound: Bool { problemCount == 0 }

    /// Longest list of problems.
    public static let mostProblems = 1000

    mutating func note(_ problem: String, remedy: Remedy = .repair) {
        problemCount += 1
        remedies.insert(remedy)
        if problems.count < StoreReport.mostProblems { problems.append(problem) }
    }
}
