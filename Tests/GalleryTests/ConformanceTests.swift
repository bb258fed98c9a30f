import Concurrency
import Gallery
import GalleryModel
import GalleryTesting
import TestSupport
import Testing

@Suite("Every storage keeps the promises of GalleryStorage")
struct ConformanceTests {
    @Test("the one on disk", arguments: StorageConformance.promises)
    func local(_ promise: StorageConformance.Promise) throws {
        let folder = try TemporaryFolder()
        try promise.check { settings in
            try FaceGallery.create(at: folder.file("faces"), settings: settings)
            return try LocalStorage(at: folder.file("faces"))
        }
    }

    @Test("the one in memory", arguments: StorageConformance.promises)
    func memory(_ promise: StorageConformance.Promise) throws {
        try promise.check { settings in try MemoryStorage(settings) }
    }

    @Test("and one that does not is told what is wrong", arguments: StorageConformance.promises)
    func broken(_ promise: StorageConformance.Promise) throws {
        // Each promise notices at least one of the two.
        let failures = [Fault.forgetsNames, .losesReferences, .answersLate].filter { fault in
            do {
                try promise.check { settings in FaultyStorage(try MemoryStorage(settings), fault) }
                return false
            } catch { return true }
        }
        #expect(!failures.isEmpty, "no fault was noticed")
    }
}

/// What is wrong with a faulty storage.
private enum Fault {
    case forgetsNames, losesReferences, answersLate
}

/// A storage in memory with a fault.
private struct FaultyStorage: MemoryWrapper {
    let storage: MemoryStorage
    let fault: Fault

    init(_ storage: MemoryStorage, _ fault: Fault) { (self.storage, self.fault) = (storage, fault) }

    func read<Answer>(
        _ question: (any GalleryReading) throws(StoreError) -> Answer
    ) throws(StoreError) -> Answer { try search { state throws(StoreError) in try question(state) } }

    func search<Answer>(
        _ question: (any GallerySearching) throws(StoreError) -> Answer
    ) throws(StoreError) -> Answer {
        try storage.search { state throws(StoreError) in try question(FaultyState(state: state, fault: fault)) }
    }

    func forEachSubject(_ body: (Subject) throws -> Void) throws {
        if fault == .losesReferences { return }
        try storage.forEachSubject(body)
    }

    func forEachReference(
        begin: (Int) throws -> Void, _ body: (Reference, String, [Float]) throws -> Void
    ) throws {
        try storage.forEachReference(begin: begin) { reference, name, template in
            if fault != .losesReferences { try body(reference, name, template) }
        }
    }

    func size() throws(StoreError) -> GallerySize {
        fault == .losesReferences ? GallerySize(subjects: 0, references: 7) : storage.size()
    }

    func change(
        adding: [ReferenceAddition], updating: [ReferenceUpdate]
    ) throws(StoreError) -> (additions: [Addition], updates: [UpdateOutcome]) {
        let done = try storage.change(adding: adding, updating: updating)
        return fault == .losesReferences ? ([], []) : done
    }

    func add(_ batches: [TemplateBatch]) throws(StoreError) -> BatchOutcome {
        fault == .losesReferences ? BatchOutcome() : try storage.add(batches)
    }

    func importReferences(
        _ references: [NewReference], of export: ExportNumber, from first: Int
    ) throws(StoreError) -> ImportCounts {
        fault == .losesReferences
            ? ImportCounts() : try storage.importReferences(references, of: export, from: first)
    }

    func rename(_ subject: String, to name: String) throws(StoreError) {
        if fault != .forgetsNames { try storage.rename(subject, to: name) }
    }

    func merge(_ subject: String, into target: String) throws(StoreError) -> MergeOutcome {
        fault == .forgetsNames ? MergeOutcome() : try storage.merge(subject, into: target)
    }
}

private struct FaultyState: GallerySearching {
    let state: any GallerySearching
    let fault: Fault

    func subject(named name: String) throws(StoreError) -> Subject? {
        fault == .forgetsNames ? nil : try state.subject(named: name)
    }

    func subject(formerlyNamed name: String) throws(StoreError) -> Subject? {
        fault == .forgetsNames ? nil : try state.subject(formerlyNamed: name)
    }

    func reference(withDigest digest: [UInt8]) throws(StoreError) -> Reference? {
        fault == .losesReferences ? nil : try state.reference(withDigest: digest)
    }

    func note(_ note: GalleryNote) throws(StoreError) -> [UInt8]? {
        fault == .losesReferences ? nil : try state.note(note)
    }

    func name(of subject: SubjectNumber) throws(StoreError) -> String? {
        fault == .forgetsNames ? nil : try state.name(of: subject)
    }

    func references(of subject: SubjectNumber) throws(StoreError) -> [Reference] {
        try state.references(of: subject)
    }

    func reference(_ id: ReferenceID) throws(StoreError) -> Reference? {
        fault == .losesReferences ? nil : try state.reference(id)
    }

    func reference(withDigest digest: [UInt8], subject: String) throws(StoreError) -> ReferenceID? {
        try state.reference(withDigest: digest, subject: subject)
    }

    func templates(of subject: SubjectNumber) throws(StoreError) -> (ids: [ReferenceID], templates: [Float]) {
        try state.templates(of: subject)
    }

    func nearest(to probes: [Float], _ request: SearchRequest) throws(StoreError) -> [[ReferenceHit]] {
        if fault == .answersLate { return [] }
        return try state.nearest(to: probes, request).map { Array($0.dropFirst()) }
    }

    func nearestOfEachSubject(
        to probe: [Float], cancellation: Cancellation?
    ) throws(StoreError) -> [ReferenceHit] {
        try Array(state.nearestOfEachSubject(to: probe, cancellation: cancellation).dropFirst())
    }
}
