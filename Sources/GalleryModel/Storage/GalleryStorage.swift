/// A storage of templates, as the engine needs it: it says what is enrolled, changes it, and searches it.
///
/// A store and an index in this process are one such storage (`LocalStorage` of the module `Gallery`), the module
/// `GalleryTesting` has one in memory, and a distributed vector engine could be another. `StorageConformance` of
/// `GalleryTesting` checks that a storage keeps what these protocols promise.
///
/// Every call sees what was committed before it began, by any process. Safe from any number of threads.
public protocol GalleryStorage: GalleryDirectory, GalleryWriting, GallerySearchable {}

/// Says what is enrolled.
public protocol GalleryDirectory: Sendable {
    /// Dimension and network, fixed when the gallery was created.
    var settings: StoreSettings { get }

    /// Runs a closure on one committed state; all answers that it gets describe that state.
    func read<Answer>(
        _ question: (any GalleryReading) throws(StoreError) -> Answer
    ) throws(StoreError) -> Answer

    /// Calls `body` with every subject, in the order of their names' bytes, all of one state.
    ///
    /// - Throws: what `body` throws, after which it is not called again; `StoreError`.
    func forEachSubject(_ body: (Subject) throws -> Void) throws

    /// Calls `begin` with the number of references, then `body` with every reference, its subject's name and its
    /// template, in ascending id; all of one state.
    ///
    /// - Throws: what the closures throw, after which none is called again; `StoreError`.
    func forEachReference(
        begin: (Int) throws -> Void, _ body: (Reference, String, [Float]) throws -> Void
    ) throws

    /// How many subjects and references there are, both of one state.
    ///
    /// O(1).
    func size() throws(StoreError) -> GallerySize
}

/// How many are enrolled.
public struct GallerySize: Sendable, Hashable {
    /// Subjects, each of one reference or more.
    public var subjects: Int
    /// References.
    public var references: Int

    /// Collects the counts.
    public init(subjects: Int, references: Int) {
        (self.subjects, self.references) = (subjects, references)
    }
}

/// Changes what is enrolled.
///
/// Each call is one change, which is durable when the call returns: every later call of any process sees all of it. If
/// the call throws, nothing was changed.
///
/// Ids of references ascend in the order of enrolment, from 1. Neither ids nor numbers of subjects are used twice. A
/// subject is created with its first reference and removed with its last. `NewReference.check`,
/// `TemplateBatch.requireDimension` and `SubjectName.canonical` say for every storage what a gallery can contain.
public protocol GalleryWriting: Sendable {
    /// Updates references first, then adds others, and then removes those that were replaced.
    ///
    /// A reference whose source digest its subject already has is `present` and not added again. One that may not be
    /// shared, and whose digest a reference of another subject has, is `ofOther` and not added. A reference that is to
    /// be replaced is removed only if the other one was added or updated, and if it still has the source that it had
    /// when it was found.
    /// - Returns: the outcome of each, in the order given.
    /// - Throws: `badVector`, `invalidName`, `invalidReference`.
    func change(
        adding: [ReferenceAddition], updating: [ReferenceUpdate]
    ) throws(StoreError) -> (additions: [Addition], updates: [UpdateOutcome])

    /// Adds batches of given templates; templates that their subject already has, number for number, are skipped.
    ///
    /// - Throws: `misuse` for a batch of another dimension.
    func add(_ batches: [TemplateBatch]) throws(StoreError) -> BatchOutcome

    /// A rehearsal of what `add` would do with batches; it writes nothing.
    func rehearsal() -> any BatchRehearsing

    /// Adds references of an export, of which the first is number `first`, except those that were imported from it
    /// before.
    ///
    /// So an import that was interrupted can be run again. Among the references from before the latest import, one
    /// counts as present if its subject has the same source digest, or the same source and template.
    /// - Throws: `misuse` if `first` is beyond what was imported so far; as `NewReference.check`.
    func importReferences(
        _ references: [NewReference], of export: ExportNumber, from first: Int
    ) throws(StoreError) -> ImportCounts

    /// How many references of an export were imported so far; 0 if another export was imported later.
    func importedCount(of export: ExportNumber) throws(StoreError) -> Int

    /// Gives a subject another name, in its canonical form; the same name again changes nothing.
    ///
    /// `GalleryReading.subject(formerlyNamed:)` finds the subject by its old name from then on.
    /// - Throws: `unknownSubject`, `nameTaken`, `invalidName`.
    func rename(_ subject: String, to name: String) throws(StoreError)

    /// Moves all references of one subject to another, and removes the first.
    ///
    /// References whose digest the other subject already has are removed instead. The name of the first becomes a former
    /// name of the other, and so do its own former names.
    /// - Throws: `unknownSubject` for either; `misuse` if they are the same.
    @discardableResult
    func merge(_ subject: String, into target: String) throws(StoreError) -> MergeOutcome

    /// Keeps a note under a name, in place of the one before; `nil` removes it.
    ///
    /// - Throws: `misuse` for more than `GalleryNote.longest` bytes.
    func keep(_ bytes: [UInt8]?, as note: GalleryNote) throws(StoreError)

    /// Removes a subject with all its references; returns how many there were.
    ///
    /// - Throws: `unknownSubject`.
    func remove(subject: String) throws(StoreError) -> Int

    /// Removes one reference, and its subject with the last of them.
    ///
    /// - Throws: `unknownReference`.
    func remove(reference: ReferenceID) throws(StoreError)
}

/// Says what adding batches of given templates, one after the other, would do, without writing them.
///
/// Used by one thread at a time.
public protocol BatchRehearsing {
    /// What `GalleryWriting.add` would do with batches behind all that the rehearsal has seen.
    ///
    /// - Throws: as `GalleryWriting.add`.
    mutating func outcome(of batches: [TemplateBatch]) throws(StoreError) -> BatchOutcome
}

/// Searches what is enrolled.
public protocol GallerySearchable: Sendable {
    /// Runs a closure on one committed state that can be searched: hits, names and metadata come from that state.
    ///
    /// The closure may be called again, on a later state, if its first answer was not usable.
    func search<Answer>(
        _ question: (any GallerySearching) throws(StoreError) -> Answer
    ) throws(StoreError) -> Answer
}
