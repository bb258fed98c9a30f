public import GalleryModel
internal import Synchronization

/// A storage in memory, for tests of programs that use a gallery, and as the shortest example of a storage.
///
/// It keeps every promise of `GalleryStorage` but that of surviving its process. Searches compare everything.
///
/// ```swift
/// let storage = try MemoryStorage(StoreSettings(dimension: 128, networkName: "sface", networkFingerprint: "…"))
/// let gallery = FaceGallery(storage: storage, name: "test", card: nil)
/// ```
public final class MemoryStorage: GalleryStorage {
    /// Dimension and network.
    public let settings: StoreSettings
    /// A value: a question works on the copy of the moment when it was asked.
    private let records = Mutex(MemoryRecords())

    /// An empty gallery.
    ///
    /// - Throws: `invalidSettings`.
    public init(_ settings: StoreSettings) throws(StoreError) {
        try settings.check()
        self.settings = settings
    }

    /// Runs a question on one committed state.
    public func read<Answer>(
        _ question: (any GalleryReading) throws(StoreError) -> Answer
    ) throws(StoreError) -> Answer { try question(MemoryReading(records: now, dimension: settings.dimension)) }

    /// Runs a question on one committed state that can be searched.
    public func search<Answer>(
        _ question: (any GallerySearching) throws(StoreError) -> Answer
    ) throws(StoreError) -> Answer { try question(MemoryReading(records: now, dimension: settings.dimension)) }

    /// Calls `body` with every subject, in the order of their names' bytes.
    public func forEachSubject(_ body: (Subject) throws -> Void) throws {
        for subject in now.sortedSubjects { try body(subject) }
    }

    /// Calls `begin` with the number of references, then `body` with every reference in ascending id.
    public func forEachReference(
        begin: (Int) throws -> Void, _ body: (Reference, String, [Float]) throws -> Void
    ) throws {
        let records = now
        try begin(records.references.count)
        for id in records.references.keys.sorted() {
            guard let entry = records.references[id], let name = records.names[entry.reference.subject] else {
                continue
            }
            try body(entry.reference, name, entry.template)
        }
    }

    /// How many are enrolled.
    public func size() -> GallerySize {
        let records = now
        return GallerySize(subjects: records.names.count, references: records.references.count)
    }

    private var now: MemoryRecords { records.withLock { $0 } }

    /// Makes one change: what throws does so before anything is changed.
    private func write<Result>(
        _ change: (inout MemoryRecords) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try records.withLock { records throws(StoreError) in try change(&records) }
    }
}

extension MemoryStorage {
    /// Updates references first, then adds others, and then removes those that were replaced.
    public func change(
        adding additions: [ReferenceAddition], updating updates: [ReferenceUpdate]
    ) throws(StoreError) -> (additions: [Addition], updates: [UpdateOutcome]) {
        for (item, addition) in additions.enumerated() {
            try addition.reference.check(for: settings, item: item)
        }
        for update in updates {
            try NewReference.check(metadata: update.metadata)
            if let move = update.move { try NewReference.check(source: move.to) }
        }
        return try write { records in records.change(adding: additions, updating: updates) }
    }

    /// Adds batches of given templates, without those that their subject has already.
    public func add(_ batches: [TemplateBatch]) throws(StoreError) -> BatchOutcome {
        for batch in batches { try batch.requireDimension(settings.dimension) }
        return try write { records in
            var outcome = BatchOutcome()
            for batch in batches {
                for item in 0..<batch.count { outcome = outcome + records.add(batch[item]) }
            }
            return outcome
        }
    }

    /// A rehearsal of what `add` would do.
    public func rehearsal() -> any BatchRehearsing { MemoryRehearsal(storage: self) }

    /// Adds references of an export, but those that were taken from it before.
    public func importReferences(
        _ references: [NewReference], of export: ExportNumber, from first: Int
    ) throws(StoreError) -> ImportCounts {
        for (item, reference) in references.enumerated() { try reference.check(for: settings, item: item) }
        return try write { records throws(StoreError) in
            try records.importReferences(references, of: export, from: first)
        }
    }

    /// How many references of an export were taken so far.
    public func importedCount(of export: ExportNumber) -> Int {
        let latest = now.latestImport
        return latest?.export == export ? latest?.taken ?? 0 : 0
    }

    /// Gives a subject another name, which must be free.
    public func rename(_ subject: String, to name: String) throws(StoreError) {
        try write { records throws(StoreError) in try records.rename(subject, to: name) }
    }

    /// Moves all references of one subject to another, and removes the first.
    @discardableResult
    public func merge(_ subject: String, into target: String) throws(StoreError) -> MergeOutcome {
        try write { records throws(StoreError) in try records.merge(subject, into: target) }
    }

    /// Keeps a note; `nil` removes it.
    public func keep(_ bytes: [UInt8]?, as note: GalleryNote) throws(StoreError) {
        try note.check(bytes)
        try write { records in records.notes[note] = bytes }
    }

    /// Removes a subject with all its references; returns how many there were.
    public func remove(subject: String) throws(StoreError) -> Int {
        try write { records throws(StoreError) in
            let number = try records.requireSubject(subject)
            let ids = records.members[number] ?? []
            for id in ids { records.remove(id) }
            return ids.count
        }
    }

    /// Removes one reference, and its subject with the last of them.
    public func remove(reference: ReferenceID) throws(StoreError) {
        try write { records throws(StoreError) in
            guard records.references[reference] != nil else { throw .unknownReference(id: reference) }
            records.remove(reference)
        }
    }
}

/// Rehearses batches on a copy of its own, in which it adds them.
private struct MemoryRehearsal: BatchRehearsing {
    let storage: MemoryStorage
    private var added: [NewReference] = []

    init(storage: MemoryStorage) { self.storage = storage }

    mutating func outcome(of batches: [TemplateBatch]) throws(StoreError) -> BatchOutcome {
        for batch in batches { try batch.requireDimension(storage.settings.dimension) }
        var records = storage.copy()
        for reference in added { _ = records.add(reference) }
        var outcome = BatchOutcome()
        for batch in batches {
            for item in 0..<batch.count {
                added.append(batch[item])
                outcome = outcome + records.add(batch[item])
            }
        }
        return outcome
    }
}

extension MemoryStorage {
    fileprivate func copy() -> MemoryRecords { now }
}
