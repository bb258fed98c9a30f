public import TemplateStore
public import VectorIndex

/// Counts of a gallery.
public struct GalleryStatistics: Sendable {
    /// Enrolled subjects.
    public let subjects: Int
    /// Enrolled references.
    public let references: Int
    /// Bytes on disk, store and snapshots.
    public let bytes: Int
    /// The index as it was saved, or stands in this process.
    ///
    /// It may be behind the references, and is empty where there is none yet.
    public let index: IndexStatistics
    /// Files and folders that killed processes left in the gallery; the next opening that may write removes them.
    public let leftovers: Int
    /// Bytes of those.
    public let leftoverBytes: Int
    /// A change of the network that is not finished.
    public let migration: UnfinishedMigration?
    /// Pictures of faces; nil where the gallery keeps none.
    public let chips: ChipStatistics?
}

/// What the engine asks of whatever holds its templates.
///
/// Narrow on purpose: a store with an index in this process is one answer (`LocalStorage`), a distributed vector
/// engine could be another. Every call sees what was committed before it began, by any process. Safe from any
/// number of threads.
public protocol GalleryStorage: Sendable {
    /// Dimension and network.
    var settings: StoreSettings { get }

    /// Runs a question on one committed state: all that it is answered is true of that state.
    func read<Answer>(
        _ question: (any GalleryReading) throws(GalleryError) -> Answer
    ) throws(GalleryError) -> Answer

    /// Runs a question on one committed state that can be searched.
    ///
    /// The question may be asked again, on a later state, where its first answer was no good.
    func search<Answer>(
        _ question: (any GallerySearching) throws(GalleryError) -> Answer
    ) throws(GalleryError) -> Answer

    /// Updates and adds references in one durable transaction, in this order.
    ///
    /// A reference that another replaces leaves in the same transaction, and only if that other one was added, or
    /// updated.
    func change(
        adding: [ReferenceAddition], updating: [ReferenceUpdate]
    ) throws(GalleryError) -> (additions: [Addition], updates: [UpdateOutcome])

    /// Adds batches of given templates in one durable transaction; templates that their subject has already are left
    /// out.
    func add(_ batches: [TemplateBatch]) throws(GalleryError) -> BatchOutcome

    /// What would become of batches, behind those that the rehearsal has seen; nothing is written.
    func rehearse(
        _ batches: [TemplateBatch], _ rehearsal: inout BatchRehearsal
    ) throws(GalleryError) -> BatchOutcome

    /// Adds references of an export in one durable transaction, without those that were taken from it before.
    func importReferences(
        _ references: [NewReference], of export: ExportNumber, from first: Int
    ) throws(GalleryError) -> ImportCounts

    /// How many references of an export were taken so far; 0 where another was imported later.
    func importedCount(of export: ExportNumber) throws(GalleryError) -> Int

    /// Calls `body` with every subject, sorted by name.
    func forEachSubject(_ body: (Subject) throws -> Void) throws

    /// Calls `begin` with the number of references, then `body` with every reference, its subject's name and its
    /// template, in ascending id; all of one state.
    func forEachReference(
        begin: (Int) throws -> Void, _ body: (Reference, String, [Float]) throws -> Void
    ) throws

    /// Every pair of subjects whose best similarity reaches a threshold, best first.
    func duplicates(_ search: DuplicateSearch) throws(GalleryError) -> DuplicateReport

    /// Looks for references that look like nobody's or everybody's, or like others than their subject.
    func audit(_ search: AuditSearch) throws(GalleryError) -> AuditReport

    /// Gives a subject another name, which must be free.
    func rename(_ subject: String, to name: String) throws(GalleryError)

    /// Moves all references of one subject to another, and removes the first.
    func merge(_ subject: String, into target: String) throws(GalleryError)

    /// Removes a subject with all its references; returns how many there were.
    func remove(subject: String) throws(GalleryError) -> Int

    /// Removes one reference, and its subject with the last of them.
    func remove(reference: ReferenceID) throws(GalleryError)

    /// Counts and sizes.
    func statistics() throws(GalleryError) -> GalleryStatistics

    /// Whether what is derived agrees with what is stored, and both with their checksums.
    func check() throws(GalleryError) -> CheckReport

    /// Makes everything that is derived anew, from what is stored.
    func repair() throws(GalleryError)

    /// Leaves what the next process needs to open quickly; called when a job is done.
    func settle() throws(GalleryError)

    /// Takes in what was enrolled, and saves it beside the work where it is much; called now and then by long jobs.
    func keepPace()

    /// Saves what can be saved without a training; called by a job that is told to end.
    func part() throws(GalleryError) -> Parting

    /// Waits until what was trained or taken in for an answer is saved for others; called before a process ends.
    func share()

    /// Writes an index file of the templates that `faiss.read_index` opens, with reference ids as labels.
    func exportFaiss(to path: String) throws(GalleryError)
}

extension GalleryStorage {
    /// Does nothing.
    public func keepPace() {}

    /// Does nothing.
    public func part() -> Parting { .saved }

    /// Does nothing.
    public func share() {}
}

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
    public enum Remedy: String, Sendable, CaseIterable, Codable {
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
