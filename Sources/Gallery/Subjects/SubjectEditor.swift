public import GalleryModel

/// What was done, or would be done, to a subject.
public enum SubjectChange: Sendable, Equatable {
    /// The subject was removed, with so many references.
    case removed(String, references: Int)
    /// The subject has another name.
    case renamed(String, to: String)
    /// The subject became part of another one.
    case merged(String, into: String, MergeOutcome)
}

/// Removes, renames and merges subjects one by one, or says what that would do.
///
/// Each call is a change of its own. Names in the results are those that the gallery has, however they were typed.
public struct SubjectEditor: Sendable {
    private let gallery: FaceGallery
    private let isDryRun: Bool

    /// An editor of a gallery that was opened for writing, or, for a dry run, at all.
    ///
    /// A dry run judges each change by the gallery as it is, without the changes before it.
    public init(_ gallery: FaceGallery, isDryRun: Bool = false) {
        (self.gallery, self.isDryRun) = (gallery, isDryRun)
    }

    /// Removes a subject with all its references.
    ///
    /// - Throws: `.store` with `unknownSubject`.
    public func remove(_ name: String) throws(GalleryError) -> SubjectChange {
        let subject = try gallery.subject(named: name)
        if isDryRun { return .removed(subject.name, references: subject.referenceCount) }
        return .removed(subject.name, references: try gallery.remove(subject: subject.name))
    }

    /// Gives a subject another name.
    ///
    /// - Throws: `.store` with `unknownSubject`, `nameTaken` or `invalidName`.
    public func rename(_ name: String, to newName: String) throws(GalleryError) -> SubjectChange {
        let (old, new) = try gallery.read { state throws(StoreError) in
            guard let subject = try state.subject(named: name) else { throw .unknownSubject(name: name) }
            let new = try SubjectName.canonical(newName)
            if let other = try state.subject(named: new), other.number != subject.number {
                throw .nameTaken(name: new)
            }
            return (subject.name, new)
        }
        if !isDryRun { try gallery.rename(old, to: new) }
        return .renamed(old, to: new)
    }

    /// Moves all references of one subject to another, and removes the first.
    ///
    /// - Throws: `.store` with `unknownSubject` for either, or `misuse` if they are the same.
    public func merge(_ name: String, into target: String) throws(GalleryError) -> SubjectChange {
        let (old, into, expected) = try gallery.read { state throws(StoreError) in
            guard let old = try state.subject(named: name) else { throw .unknownSubject(name: name) }
            guard let into = try state.subject(named: target) else { throw .unknownSubject(name: target) }
            guard old.number != into.number else {
                throw .misuse(reason: "'\(old.name.shown)' cannot be merged into itself")
            }
            var digests = Set(try state.references(of: into.number).compactMap(\.sourceDigest))
            var outcome = MergeOutcome()
            for reference in try state.references(of: old.number) {
                let isNew = reference.sourceDigest.map { digests.insert($0).inserted } ?? true
                if isNew { outcome.moved += 1 } else { outcome.dropped += 1 }
            }
            return (old.name, into.name, outcome)
        }
        return .merged(old, into: into, isDryRun ? expected : try gallery.merge(old, into: into))
    }
}
