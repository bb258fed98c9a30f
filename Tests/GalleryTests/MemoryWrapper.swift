import GalleryModel
import GalleryTesting

/// A storage that passes everything on to one in memory, but for what its own type does otherwise.
protocol MemoryWrapper: GalleryStorage {
    var storage: MemoryStorage { get }
}

extension MemoryWrapper {
    var settings: StoreSettings { storage.settings }

    func read<Answer>(
        _ question: (any GalleryReading) throws(StoreError) -> Answer
    ) throws(StoreError) -> Answer { try storage.read(question) }

    func search<Answer>(
        _ question: (any GallerySearching) throws(StoreError) -> Answer
    ) throws(StoreError) -> Answer { try storage.search(question) }

    func forEachSubject(_ body: (Subject) throws -> Void) throws { try storage.forEachSubject(body) }

    func forEachReference(
        begin: (Int) throws -> Void, _ body: (Reference, String, [Float]) throws -> Void
    ) throws { try storage.forEachReference(begin: begin, body) }

    func size() throws(StoreError) -> GallerySize { storage.size() }

    func change(
        adding: [ReferenceAddition], updating: [ReferenceUpdate]
    ) throws(StoreError) -> (additions: [Addition], updates: [UpdateOutcome]) {
        try storage.change(adding: adding, updating: updating)
    }

    func add(_ batches: [TemplateBatch]) throws(StoreError) -> BatchOutcome { try storage.add(batches) }

    func rehearsal() -> any BatchRehearsing { storage.rehearsal() }

    func importReferences(
        _ references: [NewReference], of export: ExportNumber, from first: Int
    ) throws(StoreError) -> ImportCounts {
        try storage.importReferences(references, of: export, from: first)
    }

    func importedCount(of export: ExportNumber) throws(StoreError) -> Int { storage.importedCount(of: export) }

    func rename(_ subject: String, to name: String) throws(StoreError) {
        try storage.rename(subject, to: name)
    }

    func merge(_ subject: String, into target: String) throws(StoreError) -> MergeOutcome {
        try storage.merge(subject, into: target)
    }

    func keep(_ bytes: [UInt8]?, as note: GalleryNote) throws(StoreError) {
        try storage.keep(bytes, as: note)
    }

    func remove(subject: String) throws(StoreError) -> Int { try storage.remove(subject: subject) }

    func remove(reference: ReferenceID) throws(StoreError) { try storage.remove(reference: reference) }
}
