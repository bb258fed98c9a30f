import GalleryModel
import Testing
import TestSupport
@testable import TemplateStore

@Suite("batches of given templates")
struct BatchTests {
    private func batch(
        _ items: [(subject: String, seed: Int)], origin: String = "x.npy", firstRow: Int = 0
    ) throws -> TemplateBatch {
        var batch = try TemplateBatch(dimension: 16, origin: origin, capacity: items.count)
        for (row, item) in items.enumerated() {
            try append(vector(item.seed), Array(item.subject.utf8), row: firstRow + row, to: &batch)
        }
        return batch
    }

    private func append(
        _ template: [Float], _ subject: [UInt8], row: Int, to batch: inout TemplateBatch
    ) throws(StoreError) {
        try unsafe template.withUnsafeBufferPointer { template throws(StoreError) in
            try unsafe subject.withUnsafeBufferPointer { subject throws(StoreError) in
                try unsafe batch.append(template: template, subject: UnsafeRawBufferPointer(subject), row: row)
            }
        }
    }

    private func add(_ batch: TemplateBatch, to store: TemplateStore) throws -> BatchOutcome {
        try store.write { writer throws(StoreError) in try writer.add(batch) }
    }

    @Test("a batch stores what references one by one do, and the store is sound")
    func likeSingles() throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        let items = (0..<1_000).map { (subject: "subject \($0 * 7919 % 300)", seed: $0) }
        let outcome = try add(batch(items, firstRow: 5), to: store)
        #expect(outcome.added == 1_000 && outcome.present == 0)
        try store.read { reader throws(StoreError) in
            for (row, item) in items.enumerated() {
                let id = Int64(row + 1)
                let reference = try reader.reference(id)
                #expect(reference?.source == "x.npy:\(row + 5)")
                #expect(reference?.sourceDigest == nil && reference?.quality == nil)
                #expect(try reader.subjectName(reference?.subject ?? 0) == item.subject)
                #expect(try reader.vector(of: id) == vector(item.seed))
            }
        }
        #expect(try store.verify().isSound)
    }

    @Test("templates are scaled to length 1 as they come in")
    func scaled() throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        var batch = try TemplateBatch(dimension: 16, origin: "x", capacity: 1)
        try append(vector(1).map { $0 * 40 }, Array("Ada".utf8), row: 0, to: &batch)
        _ = try add(batch, to: store)
        let stored = try store.read { reader throws(StoreError) in try reader.vector(of: 1) }
        for (found, wanted) in zip(try #require(stored), vector(1)) { #expect(abs(found - wanted) < 1e-6) }
    }

    @Test("a template that its subject has already is not added again, in a batch or a later one")
    func present() throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        let first = try batch([("Ada", 1), ("Grace", 1), ("Ada", 1), ("Ada", 2)])
        #expect(try add(first, to: store) == BatchOutcome(added: 3, present: 1))
        #expect(try add(first, to: store) == BatchOutcome(added: 0, present: 4))
        #expect(try add(batch([("Grace", 2), ("Ada", 3)]), to: store) == BatchOutcome(added: 2, present: 0))
        #expect(try store.verify().isSound)
    }

    @Test("a rehearsal tells what adding then does, and writes nothing")
    func rehearsal() throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        _ = try add(batch([("Ada", 1), ("Grace", 1)] + (0..<40).map { ("crowd", $0) }), to: store)
        let batches = try [
            batch([("Ada", 1), ("Ada", 2), ("Ada", 2), ("Grace", 2), ("Edith", 1)]),
            batch([("Ada", 2), ("Edith", 1), ("Edith", 3)] + (30..<50).map { ("crowd", $0) }),
        ]
        var rehearsal = StoreRehearsal()
        let told = try store.read { reader throws(StoreError) in
            try batches.map { batch throws(StoreError) in try rehearsal.outcome(of: batch, in: reader) }
        }
        #expect(try store.read { reader throws(StoreError) in try reader.referenceCount } == 42)
        #expect(told == [BatchOutcome(added: 3, present: 2), BatchOutcome(added: 11, present: 12)])
        #expect(try batches.map { try add($0, to: store) } == told)
    }

    @Test("a subject of many references knows each of them")
    func manyReferences() throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        let items = (0..<500).map { (subject: "crowd", seed: $0 % 400) }
        #expect(try add(batch(items), to: store) == BatchOutcome(added: 400, present: 100))
        #expect(try add(batch(items), to: store) == BatchOutcome(added: 0, present: 500))
        #expect(try add(batch([("crowd", 400), ("crowd", 400)]), to: store).added == 1)
        #expect(try store.verify().isSound)
    }

    @Test("new references of older subjects stand among the others", arguments: [true, false])
    func olderSubjects(reversed: Bool) throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        let names = (0..<50).map { "s\($0)" }
        _ = try add(batch(names.enumerated().map { ($1, $0) }), to: store)
        let order = reversed ? Array(names.reversed()) : names
        _ = try add(batch(order.enumerated().map { ($1, 100 + $0) }), to: store)
        #expect(try store.verify().isSound)
        try store.read { reader throws(StoreError) in
            for name in names { #expect(try reader.subject(named: name)?.referenceCount == 2) }
        }
    }

    @Test("rows that cannot be stored are refused with the reason, and the batch goes on without them")
    func refusals() throws {
        var batch = try TemplateBatch(dimension: 16, origin: "x", capacity: 8)
        func problem(_ template: [Float], _ subject: [UInt8]) -> String {
            do throws(StoreError) {
                try append(template, subject, row: 0, to: &batch)
                return ""
            } catch { return "\(error)" }
        }
        let good = vector(1)
        #expect(problem([Float](repeating: 0, count: 16), Array("a".utf8)).contains("zero"))
        #expect(problem([.nan] + good.dropFirst(), Array("a".utf8)).contains("NaN"))
        #expect(problem([.infinity] + good.dropFirst(), Array("a".utf8)).contains("NaN"))
        #expect(problem(Array(good.dropFirst()), Array("a".utf8)).contains("15"))
        #expect(problem(good, []).contains("empty"))
        #expect(problem(good, [0x61, 0x07]).contains("U+0007"))
        #expect(problem(good, [0xFF, 0xFE]).contains("UTF-8"))
        #expect(problem(good, [UInt8](repeating: 0x61, count: 512)).contains("511"))
        #expect(batch.count == 0)
        #expect(problem(good, Array("Zoë".utf8)).isEmpty && batch.count == 1)
    }

    @Test("a batch of another dimension is refused whole")
    func otherDimension() throws {
        let gallery = try TestGallery()
        let batch = try TemplateBatch(dimension: 32, origin: "x", capacity: 1)
        #expect(throws: StoreError.self) { try add(batch, to: gallery.open()) }
        #expect(throws: StoreError.self) { try TemplateBatch(dimension: 4, origin: "x", capacity: 1) }
        #expect(throws: StoreError.self) {
            try TemplateBatch(dimension: 16, origin: String(repeating: "x", count: 70_000), capacity: 1)
        }
    }

    @Test("a batch survives a map that is too small")
    func growingMap() throws {
        let gallery = try TestGallery()
        let store = try gallery.open(mapSize: 1 << 20)
        let items = (0..<20_000).map { (subject: "subject \($0)", seed: $0) }
        #expect(try add(batch(items), to: store).added == 20_000)
        #expect(try store.verify().isSound)
    }
}
