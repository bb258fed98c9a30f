/// What `TemplateStore.verify` and `repair` found.
public struct StoreReport: Sendable, Hashable, Codable {
    /// What is wrong, a line each; empty for a sound gallery.
    ///
    /// At most `StoreReport.mostProblems` of them.
    public var problems: [String] = []
    /// All problems, those beyond the list included.
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

    /// Nothing is wrong.
    public var isSound: Bool { problemCount == 0 }

    /// Longest list of problems.
    public static let mostProblems = 1000

    mutating func note(_ problem: String) {
        problemCount += 1
        if problems.count < StoreReport.mostProblems { problems.append(problem) }
    }
}
