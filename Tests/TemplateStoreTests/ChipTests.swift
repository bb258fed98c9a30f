import Files
import Foundation
import GalleryModel
import Testing
import TestSupport
@testable import TemplateStore

@Suite("Chips in the store")
struct ChipTests {
    private static let settings = StoreSettings(
        dimension: 16, networkName: "test", networkFingerprint: "0123abcd", keepsChips: true)

    /// A chip whose picture is random bytes, other ones for every seed.
    static func chip(_ seed: Int, bytes: Int = 6_000) -> ReferenceChip {
        var random = SeededGenerator(seed: UInt64(seed) + 900)
        return ReferenceChip(
            side: 200, box: SIMD4(40, 50, 100, 120), scheme: .eyesNoseAndMouth,
            points: (0..<5).map { SIMD2(Float(seed) / 3 + Float($0), 80.25) },
            picture: (0..<bytes).map { _ in UInt8.random(in: 0...255, using: &random) })
    }

    private static func reference(_ number: Int, chip: Bool = true) -> NewReference {
        var new = newReference("s\(number % 4)", number, digest: [UInt8](repeating: UInt8(number), count: 32))
        if chip { new.chip = Self.chip(number, bytes: 300 + 1_000 * number) }
        return new
    }

    /// Twelve references of four subjects; the tenth and the twelfth have no chip.
    private func filled() throws -> TestGallery {
        let gallery = try TestGallery(Self.settings)
        try gallery.open().write { (writer) throws(StoreError) in
            try writer.add((1...12).map { Self.reference($0, chip: $0 != 10 && $0 != 12) })
        }
        return gallery
    }

    private func chips(_ store: TemplateStore) throws -> [ReferenceID: ReferenceChip] {
        var found: [ReferenceID: ReferenceChip] = [:]
        try store.read { reader throws(StoreError) in
            for id in try reader.allReferences {
                let chip = try reader.chip(of: id)
                let hasChip = try reader.reference(id)?.hasChip
                #expect(hasChip == (chip != nil))
                found[id] = chip
            }
            let chips = try reader.chips
            #expect(chips?.count == found.count)
        }
        return found
    }

    @Test("are in no gallery that was not made for them: its file is that of format 1, and refuses them")
    func offByDefault() throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        #expect(!store.settings.keepsChips)
        let error = #expect(throws: StoreError.self) {
            try store.write { (writer) throws(StoreError) in try writer.add(Self.reference(1)) }
        }
        guard case .invalidReference(0, _) = error else { throw error ?? StoreError.cancelled }
        try store.read { reader throws(StoreError) in
            let chips = try reader.chips
            let chip = try reader.chip(of: 1)
            #expect(chips == nil && chip == nil)
        }
        #expect(store.environment.handles.databases.count == 8)
        #expect(StoredSettings.encode(testSettings, created: 1)[8] == 1)
        #expect(StoredSettings.encode(Self.settings, created: 1)[8] == 2)
        // Without the version and its checksum they are the same bytes.
        #expect(
            StoredSettings.encode(testSettings, created: 1)[12...]
                == StoredSettings.encode(Self.settings, created: 1)[12...])
    }

    @Test("come back as they were stored, stay with a reference that moves, and leave with it")
    func lifeOfAReference() throws {
        let gallery = try filled()
        let store = try gallery.open()
        #expect(store.settings == Self.settings)
        var expected = Dictionary(
            uniqueKeysWithValues: (1...12).filter { $0 != 10 && $0 != 12 }.map {
                (ReferenceID($0), Self.reference($0).chip)
            })
        #expect(try chips(store) == expected.compactMapValues { $0 })
        try store.write { (writer) throws(StoreError) in
            try writer.rename(from: "s1", to: "renamed")
            try writer.merge("renamed", into: "s2")
            try writer.update(reference: 3, metadata: ["a": "b"], stamp: nil, source: "elsewhere")
        }
        #expect(try chips(store) == expected.compactMapValues { $0 })
        try store.write { (writer) throws(StoreError) in
            try writer.remove(reference: 3)
            try writer.remove(subject: "s0")
        }
        for id in [3, 4, 8] as [ReferenceID] { expected[id] = nil }
        #expect(try chips(store) == expected.compactMapValues { $0 })
        #expect(try store.verify().problems == [])
        #expect(try store.read { reader throws(StoreError) in try reader.chips?.bytes ?? 0 } > 40_000)
    }

    @Test("that no face has are refused, and nothing of their batch is stored")
    func impossible() throws {
        let gallery = try TestGallery(Self.settings)
        let store = try gallery.open()
        var chips = [ReferenceChip](repeating: Self.chip(1), count: 8)
        chips[0].picture = []
        chips[1].picture = [UInt8](repeating: 1, count: ReferenceChip.pictureSizes.upperBound + 1)
        chips[2].side = 15
        chips[3].side = 1 << 20
        chips[4].points[2].y = .nan
        chips[5].points.removeLast()
        chips[6].scheme = .none
        chips[7].box[2] = 0
        for chip in chips {
            #expect(throws: StoreError.self) {
                try store.write { (writer) throws(StoreError) in
                    var new = newReference("b", 2)
                    new.chip = chip
                    try writer.add([newReference("a", 1), new])
                }
            }
        }
        #expect(try store.read { reader throws(StoreError) in try reader.referenceCount } == 0)
    }

    @Test("of removed references stand in no file after a compaction, nor in a copy")
    func removedForGood() throws {
        let gallery = try filled()
        let gone = try [2, 5, 9].map { try #require(Self.reference($0).chip).picture }
        let kept = try #require(Self.reference(7).chip).picture
        func found(_ picture: [UInt8], in path: String) throws -> Bool {
            let data = try Data(contentsOf: URL(fileURLWithPath: path + "/data.mdb"))
            return stride(from: 0, to: picture.count - 32, by: 64).contains { start in
                data.range(of: Data(picture[start..<start + 32])) != nil
            }
        }
        do {
            let store = try gallery.open()
            try store.write { (writer) throws(StoreError) in
                for id in [2, 5, 9] as [ReferenceID] { try writer.remove(reference: id) }
            }
            try store.copy(to: gallery.folder.file("copy"))
        }
        for picture in gone {
            #expect(try found(picture, in: gallery.path), "the test can see what a removal leaves")
        }
        _ = try TemplateStore.compact(at: gallery.path)
        for path in [gallery.path, gallery.folder.file("copy")] {
            for picture in gone { #expect(try !found(picture, in: path)) }
            #expect(try found(kept, in: path))
            #expect(try TemplateStore.examine(at: path).settings.keepsChips)
            let store = try TemplateStore(at: path, readOnly: true)
            #expect(try chips(store).count == 7)
            #expect(try store.verify().problems == [])
        }
    }

    @Test(
        "can be dropped, all of them: the gallery is then one of format 1 that never had any, but for its times"
    )
    func dropped() throws {
        let gallery = try filled()
        let pictures = (1...9).compactMap { Self.reference($0).chip?.picture.prefix(64) }
        let records = { () throws -> [Reference] in
            let store = try gallery.open()
            return try store.read { reader throws(StoreError) in
                var found: [Reference] = []
                for id in try reader.allReferences { try reader.reference(id).map { found.append($0) } }
                return found
            }
        }
        let before = try records()
        _ = try TemplateStore.compact(at: gallery.path, dropsChips: true)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: gallery.path + "/data.mdb"))
        for picture in pictures { #expect(bytes.range(of: Data(picture)) == nil) }
        let after = try records()
        #expect(after.map(\.hasChip) == [Bool](repeating: false, count: 12))
        #expect(after.map(\.sourceDigest) == before.map(\.sourceDigest))
        let store = try gallery.open()
        #expect(!store.settings.keepsChips && store.environment.handles.databases.count == 8)
        #expect(try store.verify().problems == [])
        #expect(try TemplateStore.examine(at: gallery.path).references == 12)
    }

    /// What is done to a sound gallery, and the problem that it makes.
    enum Damage: String, CaseIterable {
        case changedByte, lost, nobodys, exchanged, unknownToItsRecord, cutOff

        func apply(_ transaction: StoreTransaction) throws(StoreError) -> [String] {
            func bytes(_ id: UInt64) throws(StoreError) -> [UInt8] {
                try unsafe transaction.get(.chips, .number(id)).map { unsafe [UInt8]($0) } ?? []
            }
            switch self {
            case .changedByte:
                var chip = try bytes(6)
                chip[chip.count - 9] ^= 4
                try transaction.put(.chips, .number(6), chip)
                return ["the chip of reference 6 fails its checksum"]
            case .lost:
                try transaction.delete(.chips, .number(6))
                return ["reference 6 has lost its chip"]
            case .nobodys:
                var record = RecordBytes()
                ChipTests.chip(40).encode(id: 40, to: &record)
                try transaction.put(.chips, .number(40), record.bytes)
                return ["chip 40 has no reference"]
            case .exchanged:
                let (one, other) = (try bytes(5), try bytes(6))
                try transaction.put(.chips, .number(5), other)
                try transaction.put(.chips, .number(6), one)
                return [5, 6].map { "the chip of reference \($0) fails its checksum" }
            case .unknownToItsRecord:
                var record = RecordBytes()
                ChipTests.chip(10).encode(id: 10, to: &record)
                try transaction.put(.chips, .number(10), record.bytes)
                return ["reference 10 has a chip that its record does not know of"]
            case .cutOff:
                try transaction.put(.chips, .number(6), Array(try bytes(6).prefix(40)))
                return ["the chip of reference 6 fails its checksum"]
            }
        }
    }

    @Test(
        "that are damaged, lost or nobody's are named, and a repair leaves only sound ones",
        arguments: Damage.allCases)
    func damaged(damage: Damage) throws {
        let gallery = try filled()
        let store = try gallery.open()
        let problems = try store.write { (writer) throws(StoreError) in try damage.apply(writer.transaction) }
        #expect(try store.verify().problems == problems)
        if damage == .changedByte {
            #expect(throws: StoreError.self) {
                try store.read { reader throws(StoreError) in _ = try reader.chip(of: 6) }
            }
        }
        let report = try store.repair()
        #expect(report.problems == [] && !report.repairs.isEmpty)
        let left =
            switch damage {
            case .nobodys, .unknownToItsRecord: 10
            case .changedByte, .lost, .cutOff: 9
            case .exchanged: 8
            }
        #expect(try chips(store).count == left)
        #expect(try store.read { reader throws(StoreError) in try reader.referenceCount } == 12)
    }

    @Test(
        "with numbers that no chip has are found by the walk through a stranger's file, right checksum or not")
    func walked() throws {
        let gallery = try filled()
        try gallery.open().write { (writer) throws(StoreError) in
            var record = RecordBytes()
            var chip = Self.chip(1)
            chip.side = 3
            chip.encode(id: 1, to: &record)
            try writer.transaction.put(.chips, .number(1), record.bytes)
        }
        let error = #expect(throws: StoreError.self) { try TemplateStore.examine(at: gallery.path) }
        #expect("\(error as Any)".contains("the chip of reference 1"))
    }

    @Test("stay when the templates are exchanged for another network's, but for those of references that leave")
    func exchanged() throws {
        let gallery = try filled()
        let work = try TemporaryFolder()
        let references = try gallery.open().read { reader throws(StoreError) in
            try reader.referencesToMake(after: 0, limit: 100)
        }
        let before = try chips(gallery.open())
        let folder = try OpenFolder(work.path)
        let settings = StoreSettings(dimension: 32, networkName: "new", networkFingerprint: "feed")
        try MadeTemplates.create(
            in: folder, MigrationPlan(created: 1, oldFingerprint: "0123abcd", settings: settings))
        let made = try #require(try MadeTemplates(in: folder))
        try made.add(
            references.filter { $0.reference.id != 6 }.map {
                MadeTemplate(
                    id: $0.reference.id, oldChecksum: $0.checksum, quality: nil,
                    template: vector(Int($0.reference.id), dimension: 32))
            })
        _ = try TemplateStore.exchangeTemplates(
            at: gallery.path,
            TemplateExchange(
                made: made, isDropped: { $0 == 6 }, complete: { _ throws(StoreError) in throw .cancelled },
                beforehand: { () throws(StoreError) in }, afterwards: {}),
            patience: .zero, onWait: {}, shouldStop: { false })
        let store = try gallery.open()
        #expect(store.settings.networkName == "new" && store.settings.keepsChips)
        #expect(try chips(store) == before.filter { $0.key != 6 })
        #expect(try store.verify().problems == [])
    }
}
