package import Gallery
package import GalleryModel

/// What became of a subject: a line of `remove`, `rename` and `merge`.
public struct SubjectChangeRecord: Codable, Hashable, Sendable {
    /// `removed`, `renamed`, `merged` or `failed`.
    public var change: String
    /// The subject, by its name before the change; nil for a reference whose subject is not known.
    public var subject: String?
    /// The new name, or the subject that got its references.
    public var target: String?
    /// References that were removed with it, or moved to the target; nil if it was renamed, or the change failed.
    public var references: Int?
    /// References that were removed because the target has the same photos; nil if it was not merged.
    public var dropped: Int?
    /// The single reference that was removed.
    public var reference: Int64?
    /// Whether nothing was changed, because that was asked for.
    public var dryRun: Bool
    /// Why it failed.
    public var error: FailureRecord?

    /// What was done, or would be.
    package init(_ change: SubjectChange, dryRun: Bool) {
        self.dryRun = dryRun
        switch change {
        case .removed(let name, let references):
            (self.change, subject, self.references) = ("removed", name, references)
        case .renamed(let name, let new): (self.change, subject, target) = ("renamed", name, new)
        case .merged(let name, let target, let outcome):
            (self.change, subject, self.target) = ("merged", name, target)
            (references, dropped) = (outcome.moved, outcome.dropped)
        }
    }

    /// A single reference that was removed.
    package init(removed id: ReferenceID, subject: String?) {
        (change, self.subject, references, reference) = ("removed", subject, 1, id)
        dryRun = false
    }

    /// A change that failed, of the names that were given.
    package init(failed names: [String], _ error: FailureRecord, dryRun: Bool) {
        (change, subject) = ("failed", names.first)
        target = names.count > 1 ? names[1] : nil
        (self.error, self.dryRun) = (error, dryRun)
    }
}
