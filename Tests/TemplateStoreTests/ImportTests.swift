import GalleryModel
import Testing
import TestSupport
@testable import TemplateStore

@Suite("An import into a store")
struct ImportTests {
    private let export = ExportNumber("000102030405060708090a0b0c0d0e0f")
    private let other = ExportNumber("ff0102030405060708090a0b0c0d0e0f")

    private func reference(_ number: Int, digest: UInt8? = nil) -> NewReference {
        NewReference(
            subject: "s\(number % 5)", source: "\(number).jpg",
            sourceDigest: digest.map { [UInt8](repeating: $0, count: 32) }, enrolled: 1_000 + Double(number),
            template: vector(number))
    }

    private func take(
        _ store: TemplateStore, _ references: [NewReference], of export: ExportNumber?, from first: Int
    ) throws -> ImportCounts {
        let export = try #require(export)
        return try store.write { (writer) throws(StoreError) in
            try writer.importReferences(references, of: export, from: first)
        }
    }

    private func count(_ store: TemplateStore) throws -> Int {
        try store.read { (reader) throws(StoreError) in try reader.referenceCount }
    }

    @Test("takes each place of an export once, however often and in whatever pieces it is given")
    func once() throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        let all = (0..<10).map { reference($0) }
        var counts = try take(store, Array(all[..<6]), of: export, from: 0)
        #expect(counts.added == 6 && counts.present == 0)
        counts = try take(store, Array(all[4...]), of: export, from: 4)
        #expect(counts.added == 4 && counts.present == 2)
        counts = try take(store, all, of: export, from: 0)
        #expect(counts.added == 0 && counts.present == 10)
        // An earlier part once more does not take back how far it was.
        counts = try take(store, Array(all[..<3]), of: export, from: 0)
        #expect(counts.added == 0 && counts.present == 3)
        #expect(try count(store) == 10)
        let number = try #require(export)
        #expect(try store.read { (reader) throws(StoreError) in try reader.importedCount(of: number) } == 10)
        let error = #expect(throws: StoreError.self) { _ = try take(store, [all[0]], of: export, from: 11) }
        #expect(error?.kind == .usage)
        #expect(try store.verify().problems == [])
    }

    @Test("keeps two references that are the same in the export, and takes neither from another export again")
    func twins() throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        let twins = [reference(1), reference(1), reference(2, digest: 7), reference(2, digest: 7)]
        #expect(try take(store, twins, of: export, from: 0).added == 4)
        let again = try take(store, twins, of: other, from: 0)
        #expect(again.added == 0 && again.present == 4)
        // The first export is no longer the latest: what it brought is found by its content.
        #expect(try take(store, twins, of: export, from: 0).added == 0)
        #expect(try count(store) == 4)
    }

    @Test("counts what differs in template, source or subject as another reference")
    func different() throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        #expect(try take(store, [reference(1)], of: export, from: 0).added == 1)
        var (source, template, subject) = (reference(1), reference(1), reference(1))
        source.source = "other.jpg"
        template.template = vector(99)
        subject.subject = "somebody else"
        #expect(try take(store, [source, template, subject, reference(1)], of: other, from: 0).added == 3)
    }

    @Test("keeps the time of enrolment, and refuses one that is no number")
    func time() throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        _ = try take(store, [reference(7)], of: export, from: 0)
        #expect(try store.read { (reader) throws(StoreError) in try reader.reference(1)?.enrolled } == 1_007)
        var wrong = reference(8)
        wrong.enrolled = .nan
        #expect(throws: StoreError.self) { _ = try take(store, [wrong], of: export, from: 1) }
        #expect(try count(store) == 1)
    }

    @Test(
        "an export's number is 32 hexadecimal digits and nothing else",
        arguments: ["", "00", "zz0102030405060708090a0b0c0d0e0f", "+00102030405060708090a0b0c0d0e0f", "٠٠"])
    func numbers(text: String) { #expect(ExportNumber(text) == nil) }
}
