import Foundation
import GalleryModel
import Network
import Testing
import TestSupport
import VectorIndex
@testable import Gallery
@testable import TemplateStore

@Suite("A damaged gallery")
struct DamageTests {
    let folder: TemporaryFolder
    let gallery: FaceGallery
    private let templates: [[Float]]

    init() throws {
        folder = try TemporaryFolder()
        try FaceGallery.create(at: folder.file("faces"), dimension: 16)
        gallery = try FaceGallery(at: folder.file("faces"))
        var generator = SeededGenerator(seed: 3)
        templates = (0..<20).map { _ in generator.unitVector(16) }
        _ = try gallery.enroll(
            templates.indices.map {
                NewReference(subject: "s\($0)", source: "test", template: templates[$0])
            })
    }

    private var search: FaceGallery.Search {
        var search = FaceGallery.Search()
        search.minSimilarity = 0.5
        search.count = 1
        return search
    }

    private func damage(_ body: (StoreTransaction) throws(StoreError) -> Void) throws {
        let store = try TemplateStore(at: folder.file("faces"))
        try store.write { writer throws(StoreError) in try body(writer.transaction) }
    }

    @Test(
        "whose template has no record is told once, and answers again after a repair",
        arguments: Fusion.allCases)
    func loneTemplate(fusion: Fusion) throws {
        try damage { transaction throws(StoreError) in try transaction.delete(.references, .number(9)) }
        var search = search
        search.fusion = fusion
        let error = #expect(throws: GalleryError.self) { try gallery.identify(templates[8], search) }
        guard case .store(.damaged(_, let reason)) = error else { throw try #require(error) }
        #expect(reason.contains("reference 9"))
        #expect("\(try #require(error))".contains("repair"))
        #expect(try !gallery.check().isSound)
        try gallery.repair()
        #expect(try gallery.check().isSound)
        #expect(try gallery.identify(templates[8], search).candidates.first?.reference != 9)
    }

    @Test("whose record has no template, or whose subject has no name, is told, and nobody takes its place")
    func tornRecords() throws {
        try damage { transaction throws(StoreError) in
            try transaction.delete(.vectors, .number(5))
            try transaction.delete(.subjects, .number(12))
        }
        for (row, part) in [(4, "reference 5"), (11, "subject 12")] {
            let error = #expect(throws: GalleryError.self) {
                row == 4
                    ? try gallery.verify(templates[row], subject: "s4", minSimilarity: 0.5).isMatch
                    : try gallery.identify(templates[row], search).decision == .match
            }
            #expect("\(try #require(error))".contains(part))
        }
    }

    @Test("whose template is no numbers is told where all are compared, as it would hide others beside it")
    func noNumbers() throws {
        try damage { transaction throws(StoreError) in
            let floats = [Float](repeating: .nan, count: 16)
            let bytes = unsafe floats.withUnsafeBytes { unsafe [UInt8]($0) }
            try transaction.put(.vectors, .number(9), bytes)
        }
        let questions: [(FaceGallery) throws -> Void] = [
            { _ = try $0.duplicates(minSimilarity: 0.5) }, { _ = try $0.audit() },
        ]
        for question in questions {
            let error = #expect(throws: GalleryError.self) { try question(gallery) }
            guard case .store(.damaged(_, let reason)) = error else { throw try #require(error) }
            #expect(reason.contains("reference 9"))
        }
    }

    @Test("whose index holds what the store does not gets another index, and answers")
    func foreignRow() throws {
        _ = try gallery.identify(templates[0], search)
        // Behind the index's back: the counters stay as they are.
        try damage { transaction throws(StoreError) in
            try transaction.delete(.references, .number(9))
            try transaction.delete(.vectors, .number(9))
        }
        let answer = try gallery.identify(templates[8], search)
        #expect(answer.candidates.first.map { $0.subject != "s8" } == true)
        #expect(try gallery.statistics().localIndex.count == 19)
    }

    @Test("whose saved index lacks a reference, though it says that it is up to date, is told by a check")
    func lackingRow() throws {
        try gallery.settle()
        #expect(try gallery.check().isSound)
        let store = try TemplateStore(at: folder.file("faces"))
        let token = try #require(
            try store.read { (reader) throws(StoreError) in try reader.followerToken })
        let index = try VectorIndex(dimension: 16, source: StoreVectors(store: store))
        try index.build(
            ids: (1...20).filter { $0 != 9 }, position: IndexPosition(highestID: 20, removals: 0))
        try index.save(
            to: folder.file("faces/index"), fingerprint: LocalStorage.fingerprint(of: store, token))
        let report = try gallery.check()
        #expect(report.problems == ["the index has 19 references, the store has 20"])
        #expect(report.remedies == [.repair])
    }

    @Test("whose counters were set back by a repair is followed from the start")
    func countersSetBack() throws {
        try gallery.remove(subject: "s0")
        try gallery.remove(subject: "s1")
        _ = try gallery.identify(templates[2], search)
        try damage { transaction throws(StoreError) in
            var counters = try transaction.counters()
            counters.removals = 1
            transaction.setCounters(counters)
        }
        #expect(try gallery.identify(templates[2], search).candidates.first?.subject == "s2")
    }
}

/// A gallery with a copy of a network inside: a card, and bytes that stand for weights.
@Suite("A gallery's copy of its network")
struct NetworkCopyTests {
    let folder: TemporaryFolder
    private let weights: [UInt8] = Array(0..<200)
    private let template = [Float](repeating: 0.25, count: 16)
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("faces")
        let card = NetworkCard(
            name: "test", architecture: .resNet29, dimension: 16,
            input: .init(side: 150, mean: [0, 0, 0], scale: 1), alignment: .init(),
            weights: .init(sha256: SHA256.hex(of: weights)), license: "none", source: "a test",
            threshold: .init(similarity: 0.9, falseMatchRate: 0.001, measured: "nothing"))
        try FaceGallery.create(at: path, network: card)
        try FileManager.default.createDirectory(
            atPath: path + "/network", withIntermediateDirectories: false)
        try folder.write(weights, to: "faces/network/weights.safetensors")
        try card.save(directory: path + "/network")
        let gallery = try FaceGallery(at: path)
        _ = try gallery.enroll([NewReference(subject: "Ada", source: "test", template: template)])
        #expect(try gallery.identify(template).decision == .match)
        #expect(try gallery.check().isSound)
    }

    /// Every question that needs the network, on a gallery opened anew.
    private func expectRefusals(_ part: String) throws {
        let gallery = try FaceGallery(at: path)
        let template = template
        let questions: [(FaceGallery) throws -> Void] = [
            { _ = try $0.identify(template) },
            { _ = try $0.verify(template, subject: "Ada") },
            { _ = try $0.enroll([NewReference(subject: "Bo", source: "test", template: template)]) },
            { _ = try $0.duplicates() },
            { _ = try $0.audit() },
        ]
        for question in questions {
            let error = #expect(throws: GalleryError.self) { try question(gallery) }
            #expect(error.map { "\($0)".contains(part) } == true, "\(String(describing: error))")
        }
        let report = try gallery.check()
        #expect(
            report.problems.count == 1 && report.problems.first?.contains(part) == true, "\(report.problems)")
        // What needs no network goes on.
        #expect(try gallery.references(of: "Ada").count == 1)
    }

    @Test("that cannot be read is an error, not a gallery without a threshold")
    func damagedCard() throws {
        let card = try Data(contentsOf: URL(fileURLWithPath: path + "/network/card.json"))
        try folder.write(Array(card.dropFirst()), to: "faces/network/card.json")
        try expectRefusals("network/card.json")
        try FileManager.default.removeItem(atPath: path + "/network/card.json")
        try expectRefusals("network/card.json")
        try folder.write(
            Array(
                String(decoding: card, as: UTF8.self).replacing(
                    SHA256.hex(of: weights), with: SHA256.hex(of: [1])
                ).utf8),
            to: "faces/network/card.json")
        try expectRefusals("weights, input or alignment in it")
    }

    @Test("tells other networks' templates by what they carry, or else by what was recorded of their network")
    func otherNetworks() throws {
        let gallery = try FaceGallery(at: path)
        let recorded = gallery.settings.networkFingerprint
        try gallery.requireNetwork("test", recordedAs: recorded, nil)
        try gallery.requireNetwork("test", recordedAs: "", NetworkIdentity(try #require(gallery.card)))
        let error = #expect(throws: GalleryError.self) {
            try gallery.requireNetwork("test", recordedAs: String(recorded.reversed()), nil)
        }
        guard case .otherNetwork = error else { throw try #require(error) }
    }

    @Test("whose weights are not the card's is found by a check")
    func damagedWeights() throws {
        try folder.write(weights.reversed(), to: "faces/network/weights.safetensors")
        let problems = try FaceGallery(at: path).check().problems
        #expect(problems.count == 1 && problems.first?.contains("weights.safetensors") == true, "\(problems)")
        try FileManager.default.removeItem(atPath: path + "/network/weights.safetensors")
        #expect(try FaceGallery(at: path).check().problems.count == 1)
    }

    @Test("in the cache is an error where it is damaged, and another network where it has other weights")
    func cached() throws {
        try FileManager.default.createDirectory(
            atPath: folder.file("cache/networks"), withIntermediateDirectories: true)
        let cached = folder.file("cache/networks/test")
        try FileManager.default.moveItem(atPath: path + "/network", toPath: cached)
        let models = ModelCache(path: folder.file("cache"))
        #expect(try FaceGallery(at: path, models: models).identify(template).decision == .match)
        let card = try String(contentsOfFile: cached + "/card.json", encoding: .utf8)
        try Data("{".utf8).write(to: URL(fileURLWithPath: cached + "/card.json"))
        #expect(throws: GalleryError.self) { try FaceGallery(at: path, models: models).identify(template) }
        let other = card.replacing(SHA256.hex(of: weights), with: SHA256.hex(of: [1]))
        try Data(other.utf8).write(to: URL(fileURLWithPath: cached + "/card.json"))
        #expect(try FaceGallery(at: path, models: models).identify(template).decision == .unknown)
    }
}
