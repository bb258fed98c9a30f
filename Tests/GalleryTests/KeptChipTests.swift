import FaceImage
import Foundation
import GalleryModel
import Network
import Testing
import TestSupport
@testable import Gallery
@testable import TemplateStore

@Suite("A gallery that keeps chips")
struct KeptChipTests {
    private let test: MigrationGallery
    private var path: String { test.folder.file("c") }

    init() throws {
        test = try MigrationGallery()
        try FaceGallery.create(
            at: test.folder.file("c"), networkDirectory: test.folder.file("old"), keepsChips: true)
    }

    /// Enrols photos as `enroll` does, each with its chip.
    private func enroll(_ numbers: some Sequence<Int>) throws {
        let encoder = try PhotoEncoder(network: test.folder.file("old"))
        let references = try numbers.map { number in
            let file = try PhotoFile(.path(test.photo(number)))
            let chosen = try encoder.chosenFace(in: file, keepsPicture: true)
            let face = try encoder.encode([chosen.detected])[0]
            return NewReference(
                subject: test.person(number), source: try test.photo(number),
                sourceDigest: SHA256.digest(of: file.bytes), quality: ReferenceQuality(face.face),
                chip: ReferenceChip(try #require(chosen.kept)), template: face.template)
        }
        _ = try FaceGallery(at: path).enroll(references)
    }

    private func deletePhotos(_ numbers: some Sequence<Int>) throws {
        for number in numbers { try FileManager.default.removeItem(atPath: test.folder.file("\(number).ppm")) }
    }

    @discardableResult
    private func migrate(
        _ settings: MigrationSettings? = nil, _ onEvent: (MigrationEvent) throws -> Void = { _ in }
    ) throws -> MigrationReport {
        try FaceGallery.migrate(at: path, settings ?? test.settings, onEvent: onEvent)
    }

    private func chips(_ path: String) throws -> [ReferenceID: ReferenceChip] {
        var found: [ReferenceID: ReferenceChip] = [:]
        try TemplateStore(at: path, readOnly: true).read { reader throws(StoreError) in
            for id in try reader.allReferences { found[id] = try reader.chip(of: id) }
        }
        return found
    }

    @Test("whose photos are all gone still changes its network, to templates near those of enrolling afresh")
    func withoutPhotos() throws {
        try enroll(0..<40)
        let before = try chips(path)
        #expect(before.count == 40)
        #expect(try FaceGallery(at: path).statistics().chips?.count == 40)
        let afresh = test.folder.file("h")
        try FaceGallery.create(at: afresh, networkDirectory: test.folder.file("new"))
        try test.enroll(0..<40, in: afresh, by: "new")
        try deletePhotos(0..<40)
        let report = try migrate()
        #expect(report.isDone && report.made == 40 && report.madeFromChips == 40 && report.missing.count == 0)
        do {
            let gallery = try FaceGallery(at: path)
            #expect(gallery.settings.networkName == "new" && gallery.settings.keepsChips)
            #expect(try gallery.check().problems == [])
        }
        #expect(try test.likeness(test.templates(path), test.templates(afresh)) > 0.99)
        #expect(try chips(path) == before)
        // And back, as often as wanted.
        var settings = test.settings
        settings.network = test.folder.file("old")
        #expect(try migrate(settings).madeFromChips == 40)
    }

    @Test("takes the photo where it serves, and the chip where it is gone, changed, or no longer decoded")
    func photoFirst() throws {
        try enroll(0..<12)
        try deletePhotos([1])
        try test.folder.write(Array("no photo".utf8), to: "2.ppm")
        try FileManager.default.removeItem(atPath: test.folder.file("3.ppm"))
        try FileManager.default.createDirectory(
            atPath: test.folder.file("3.ppm"), withIntermediateDirectories: true)
        var settings = test.settings
        settings.isDryRun = true
        #expect(try migrate(settings).missing.count == 0)
        let report = try migrate()
        #expect(report.isDone && report.made == 12 && report.madeFromChips == 3)
    }

    @Test("keeps a quality that was measured in the photo, but for what the new chip shows")
    func quality() throws {
        try enroll(0..<4)
        func qualities() throws -> [ReferenceQuality] {
            var found: [ReferenceQuality] = []
            try FaceGallery(at: path).forEachReference { reference, _, _ in
                found.append(try #require(reference.quality))
            }
            return found
        }
        let before = try qualities()
        try deletePhotos(0..<4)
        try migrate()
        for (old, new) in zip(before, try qualities()) {
            #expect(new.faceSize == old.faceSize && new.score == old.score)
            #expect(new.yaw == old.yaw && new.roll == old.roll)
            #expect(abs(new.sharpness - old.sharpness) < 0.1 * old.sharpness)
        }
    }

    @Test(
        "names a reference whose chip is damaged and whose photo is gone, and is not changed unless it may go")
    func damagedChip() throws {
        try enroll(0..<20)
        try deletePhotos(0..<20)
        do {
            try TemplateStore(at: path).write { (writer) throws(StoreError) in
                var bytes =
                    try unsafe writer.transaction.get(.chips, .number(8)).map { unsafe [UInt8]($0) } ?? []
                bytes[bytes.count / 2] ^= 1
                try writer.transaction.put(.chips, .number(8), bytes)
            }
        }
        let check = try FaceGallery(at: path).check()
        #expect(check.problems == ["the chip of reference 8 fails its checksum"] && check.remedies == [.repair])
        let error = #expect(throws: GalleryError.self) { try migrate() }
        guard case .cannotMakeAgain(_, _, 20, let missing) = error else {
            Issue.record("\(error as Any)")
            return
        }
        #expect(missing.counts == [.damagedChip: 1] && missing.examples.map(\.reference) == [8])
        #expect(missing.text.contains("person 3") && missing.text.contains("the chip of reference 8"))
        var settings = test.settings
        settings.dropsMissing = true
        let report = try migrate(settings)
        #expect(report.isDone && report.madeBefore == 19 && report.missing.count == 1)
        let gallery = try FaceGallery(at: path)
        #expect(try gallery.check().problems == [])
        #expect(try gallery.statistics().references == 19)
        #expect(try gallery.statistics().chips?.count == 19)
    }

    @Test("is repaired of a damaged chip, without which its reference needs its photo again")
    func repaired() throws {
        try enroll(0..<3)
        do {
            try TemplateStore(at: path).write { (writer) throws(StoreError) in
                try writer.transaction.put(.chips, .number(2), [1, 2, 3])
            }
        }
        let gallery = try FaceGallery(at: path, tolerant: true)
        try gallery.repair()
        #expect(try gallery.check().problems == [])
        #expect(try gallery.statistics().chips?.count == 2)
        let reference = try #require(try gallery.reference(2))
        #expect(!reference.hasChip)
    }

    @Test("survives chips with hostile bytes: each is named, and the others serve")
    func hostile() throws {
        try enroll(0..<4)
        let sound = try #require(try chips(path)[1])
        var random = SeededGenerator(seed: 31)
        var pictures: [[UInt8]] = [
            [0xFF, 0xD8, 0xFF, 0xE0], Array("GIF89a".utf8), Array("P6\n99999 99999 255\n".utf8),
            Array(sound.picture.prefix(sound.picture.count / 2)),
            (0..<5_000).map { _ in UInt8.random(in: 0...255, using: &random) },
        ]
        // A header that promises 65,535 × 65,535 pixels.
        if let at = sound.picture.indices.dropLast(9).first(where: {
            sound.picture[$0] == 0xFF && sound.picture[$0 + 1] == 0xC0
        }) {
            var large = sound.picture
            large.replaceSubrange(at + 5..<at + 9, with: [0xFF, 0xFF, 0xFF, 0xFF])
            pictures.append(large)
        }
        let surelyBad = pictures.count
        for _ in 0..<60 {
            var bytes = sound.picture
            for _ in 0..<Int.random(in: 1...20, using: &random) {
                bytes[Int.random(in: 2..<bytes.count, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            pictures.append(bytes)
        }
        let references = pictures.enumerated().map { number, picture in
            var chip = sound
            chip.picture = picture
            return NewReference(
                subject: "hostile", source: "/nowhere/\(number).jpg",
                sourceDigest: [UInt8](repeating: UInt8(number), count: 32), chip: chip,
                template: random.unitVector(128))
        }
        _ = try FaceGallery(at: path).enroll(references)
        try deletePhotos(0..<4)
        var settings = test.settings
        settings.dropsMissing = true
        let report = try migrate(settings)
        #expect(report.isDone && report.madeFromChips >= 4)
        #expect(report.missing.counts[.damagedChip] ?? 0 >= surelyBad)
        #expect(report.made + report.missing.count == 4 + pictures.count)
        let gallery = try FaceGallery(at: path)
        #expect(try gallery.check().problems == [])
        #expect(try (1...4).allSatisfy { try gallery.reference($0) != nil })
    }

    @Test("hands its chips on by snapshot and restore")
    func snapshot() throws {
        try enroll(0..<6)
        let (before, copy, restored) = (try chips(path), test.folder.file("snap"), test.folder.file("r"))
        try FaceGallery(at: path).remove(subject: test.person(0))
        _ = try FaceGallery.snapshot(at: path, to: copy)
        _ = try FaceGallery.restore(copy, to: restored)
        #expect(try chips(restored) == before.filter { $0.key > 2 })
        #expect(try FaceGallery(at: restored).check().problems == [])
        try deletePhotos(0..<6)
        var settings = test.settings
        settings.network = test.folder.file("new")
        #expect(try FaceGallery.migrate(at: restored, settings, onEvent: { _ in }).madeFromChips == 4)
    }

    @Test("loses the chip of a replaced photo with its reference, and takes references without one")
    func replaced() throws {
        try enroll(0..<2)
        let gallery = try FaceGallery(at: path)
        let old = try #require(try gallery.reference(1))
        let new = NewReference(
            subject: test.person(0), source: old.source, sourceDigest: [UInt8](repeating: 9, count: 32),
            template: [Float](repeating: 1, count: 128))
        let done = try gallery.change(
            adding: [ReferenceAddition(new, replaces: FoundReference(reference: 1, source: old.source))],
            updating: []
        ).additions
        #expect(done == [.added(3, replaced: 1)])
        #expect(try Array(chips(path).keys) == [2])
        #expect(try gallery.check().problems == [])
    }
}
