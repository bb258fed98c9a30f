/// What a check of a gallery found.
public struct CheckReport: Sendable {
    /// Subjects that were checked.
    public let subjects: Int
    /// References that were checked, each in the store and in the index.
    public let references: Int
    /// One line a problem; empty for a sound gallery.
    public let problems: [String]
    /// One line for each thing that is worth knowing and no damage.
    public let notes: [String]

    /// What mends the problems, in the order in which it is to be done; empty for a sound gallery.
    public let remedies: [Remedy]

    /// What mends a problem.
    public enum Remedy: String, Sendable, CaseIterable {
        /// A copy of the gallery, such as a snapshot: nothing else mends damaged pages.
        case restore
        /// `FaceGallery.repair`.
        case repair
        /// To remove the references that the problems name, and to enrol their faces again.
        case enrolAgain = "enrol_again"
        /// The files of the gallery's network, from a snapshot or the network's directory.
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
