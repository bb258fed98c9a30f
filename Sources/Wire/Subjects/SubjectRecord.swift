package import GalleryModel

/// An enrolled subject: a line of `subjects`.
public struct SubjectRecord: Codable, Hashable, Sendable {
    /// The subject's name.
    public var subject: String
    /// References it has, 1 or more.
    public var references: Int

    /// A subject as the engine has it.
    package init(_ subject: Subject) {
        (self.subject, references) = (subject.name, subject.referenceCount)
    }
}
