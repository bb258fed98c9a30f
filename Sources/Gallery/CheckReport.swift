/// What a check of a gallery found.
public struct CheckReport: Sendable {
    /// Subjects that were checked.
    public let subjects: Int
    /// References that were checked, each in the store and in the index.
    public let references: Int
    /// One line per problem; empty for a sound gallery.
    public let problems: [String]
    /// One line for each thing that is worth knowing but not damage.
    public let notes: [String]

    /// How to repair the problems, in the order in which to do it; empty for a sound gallery.
    public let remedies: [Remedy]

    /// How to repair a problem.
    public enum Remedy: String, Sendable, CaseIterable {
        /// Restore a copy of the gallery, such as a snapshot: damaged pages cannot be repaired otherwise.
        case restore
        /// Call `FaceGallery.repair`.
        case repair
        /// Remove the references that the problems name, and enrol their faces again.
        case enrolAgain = "enrol_again"
        /// Copy the files of the gallery's network back, from a snapshot or the network's directory.
        case replaceNetwork = "replace_network"
    }

    init(
        subjects: Int, references: Int, problems: [String], notes: [String] = [], remedies: Set<Remedy> = []
    ) {
        (self.subjects, self.references) = (subjects, references)
        (self.problems, self.notes) = (problems, notes)
        self.remedies = Remedy.allCases.filter(remedies.contains)
    }

    /// Whether nothing is wrong.
    public var isSound: Bool { problems.isEmpty }
}
