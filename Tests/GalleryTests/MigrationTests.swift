import FaceImage
import Foundation
import Gallery
import GalleryModel
import Network
import Testing
import TestSupport

@Suite("A gallery whose network is changed")
struct MigrationTests {
    private let test: MigrationGallery

    init() throws { test = try MigrationGallery() }

    /// A gallery `h` that is enrolled afresh with the new network.
    private func enrollAfresh(_ numbers: some Sequence<Int>) throws -> String {
        let path = test.folder.file("h")
        try FaceGallery.create(at: path, networkDirectory: test.folder.file("new"))
        try test.enroll(numbers, in: path, by: "new")
        return path
    }

    @Test("holds what a gallery holds that was enrolled with the new one")
    func likeAfresh() throws {
        try test.enroll(0..<40)
        try FaceGallery(at: test.path).settle()
        let report = try test.migrate()
        #expect(report.made == 40 && report.isDone && report.missing.count == 0)
        let afresh = try enrollAfresh(0..<40)
        #expect(try test.contents() == test.contents(afresh))
        #expect(try test.likeness(test.templates(), test.templates(afresh)) > 0.99999)
        let gallery = try FaceGallery(at: test.path)
        #expect(gallery.settings.dimension == 512 && gallery.card?.name == "new")
        #expect(gallery.networkDirectory == test.path + "/network")
        #expect(try gallery.check().problems == [] && gallery.check().notes == [])
        // The network of the gallery is its own copy.
        try FileManager.default.removeItem(atPath: test.folder.file("new"))
        try gallery.requireCard()
        let files = try test.files()
        #expect(
            files == [
                "data.mdb", "last-writer", "lock.mdb", "network", "network/card.json",
                "network/weights.safetensors",
            ])
    }

    @Test("back again holds what it held before, and nothing is done where it has the network already")
    func back() throws {
        try test.enroll(0..<6)
        let (before, templates) = (try test.contents(), try test.templates())
        try test.migrate()
        #expect(try test.migrate().wasThere)
        var settings = test.settings
        settings.network = test.folder.file("old")
        try test.migrate(settings)
        #expect(try test.contents() == before)
        #expect(try test.likeness(test.templates(), templates) > 0.99999)
    }

    @Test("answers as before until the end, takes every change meanwhile, and its snapshots are sound")
    func beside() throws {
        try test.enroll(0..<60)
        let old = try FaceGallery(at: test.path, readOnly: true).settings
        var calls = 0
        let report = try test.migrate { event in
            guard case .progress = event else { return }
            calls += 1
            let gallery = try FaceGallery(at: test.path)
            #expect(gallery.settings == old)
            switch calls {
            case 1:
                try test.enroll(60..<64)
                try gallery.remove(subject: test.person(2))
                try gallery.rename(test.person(4), to: "renamed")
                try gallery.merge(test.person(6), into: test.person(8))
                _ = try FaceGallery.snapshot(at: test.path, to: test.folder.file("snap"))
            case 2:
                try gallery.remove(reference: 30)
                try test.enroll(64..<66)
            default: break
            }
            #expect(try gallery.check().problems == [])
        }
        #expect(calls >= 3)
        #expect(report.isDone && report.missing.count == 0)
        let gallery = try FaceGallery(at: test.path)
        #expect(gallery.settings.networkName == "new")
        #expect(try gallery.check().problems == [])
        #expect(try gallery.statistics().references == 60 + 6 - 2 - 1)
        #expect(try gallery.references(of: "renamed").count == 2)
        #expect(try gallery.references(of: test.person(8)).count == 4)
        #expect(throws: GalleryError.self) { try gallery.references(of: test.person(2)) }
        // Each has the template that the new network makes of its photo.
        let encoder = try PhotoEncoder(network: test.folder.file("new"))
        try gallery.forEachReference { reference, _, template in
            let face = try encoder.face(in: PhotoFile(.path(reference.source)))
            #expect(test.likeness([face.template], [template]) > 0.99999)
        }
        _ = try FaceGallery.restore(test.folder.file("snap"), to: test.folder.file("r"))
        let restored = try FaceGallery(at: test.folder.file("r"))
        #expect(restored.settings == old && restored.card?.name == "old")
        #expect(try restored.check().problems == [] && restored.check().notes == [])
    }

    @Test("stays as it is where references cannot be made again, unless these may go")
    func missing() throws {
        try test.enroll(0..<20)
        _ = try FaceGallery(at: test.path).enroll([
            NewReference(subject: "given", source: "x.npy:3", template: [Float](repeating: 1, count: 128))
        ])
        try FileManager.default.removeItem(atPath: test.photo(3))
        let before = try test.contents()
        func refusal() -> MissingReferences? {
            let error = #expect(throws: GalleryError.self) { try test.migrate() }
            #expect(error?.kind == .badData)
            guard case .cannotMakeAgain(_, _, 21, let missing) = error else { return nil }
            return missing
        }
        // What the records and the file system tell is told before anything is made.
        #expect(refusal()?.counts == [.given: 1, .noPhoto: 1])
        #expect(try !test.files().contains("migration"))
        _ = try test.photo(3)
        try FaceGallery(at: test.path).remove(subject: "given")
        // What only the photos tell.
        try test.folder.write(Array("no photo".utf8), to: "5.ppm")
        try test.folder.write(Array("P6\n1 1 255\nabc".utf8), to: "6.ppm")
        let second = #expect(throws: GalleryError.self) { try test.migrate() }
        guard case .cannotMakeAgain(_, _, 20, let found) = second else {
            Issue.record("\(second as Any)")
            return
        }
        #expect(found.counts == [.changed: 2] && found.examples.map(\.reference) == [6, 7])
        #expect(
            "\(second as Any)".contains("person 2") && "\(second as Any)".contains("remove these references"))
        #expect(try test.contents().dropLast() == before.dropLast(2))
        #expect(try FaceGallery(at: test.path).check().notes.first?.contains("18 templates") == true)
        var settings = test.settings
        settings.dropsMissing = true
        let report = try test.migrate(settings)
        #expect(report.madeBefore == 18 && report.made == 0 && report.missing.count == 2 && report.isDone)
        let gallery = try FaceGallery(at: test.path)
        #expect(try gallery.check().problems == [])
        #expect(try gallery.statistics().references == 18)
        #expect(try gallery.reference(6) == nil && gallery.reference(7) == nil)
    }

    @Test("is not emptied, whatever may go: not even where all photos are gone")
    func notEmptied() throws {
        try test.enroll(0..<3)
        for number in 0..<3 { try FileManager.default.removeItem(atPath: test.photo(number)) }
        var settings = test.settings
        settings.dropsMissing = true
        #expect(throws: GalleryError.self) { try test.migrate(settings) }
        #expect(try FaceGallery(at: test.path).statistics().references == 3)
    }

    @Test("goes on where it was stopped, is not begun anew with another network, and can be given up")
    func resumed() throws {
        try test.enroll(0..<60)
        try test.writeNetwork("third", dimension: 64, seed: 3)
        let before = try test.contents()
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try test.migrate { event in if case .progress = event { throw Stop() } }
        }
        let made = try #require(try FaceGallery(at: test.path).statistics().migration)
        #expect(made.network == "new" && (16...48).contains(made.made))
        var settings = test.settings
        settings.network = test.folder.file("third")
        let error = #expect(throws: GalleryError.self) { try test.migrate(settings) }
        #expect("\(error as Any)".contains("give it up") && "\(error as Any)".contains("new"))
        #expect(try test.contents() == before)
        var (begun, reported) = (0, false)
        let report = try test.migrate { event in
            if case .begun(_, let made) = event { (begun, reported) = (made, true) }
        }
        #expect(reported && begun == made.made)
        #expect(report.madeBefore == made.made && report.made == 60 - made.made)

        settings.network = test.folder.file("old")
        #expect(throws: Stop.self) {
            try test.migrate(settings) { event in if case .progress = event { throw Stop() } }
        }
        #expect(try FaceGallery.abandonMigration(at: test.path)?.network == "old")
        #expect(try FaceGallery.abandonMigration(at: test.path) == nil)
        #expect(try FaceGallery(at: test.path).check().notes == [])
        #expect(try test.files().filter { $0.contains("migration") } == [])
    }

    @Test("leaves no template of a removed person in the work that is not finished, after a compaction")
    func compaction() throws {
        try test.enroll(0..<40)
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try test.migrate { event in if case .progress = event { throw Stop() } }
        }
        let file = URL(fileURLWithPath: test.path + "/migration/templates")
        // The first record's template, behind the plan and its own numbers.
        let made = try Data(contentsOf: file)
        let plan = made.count % (56 + 4 * 512)
        let template = made[(plan + 56)..<(plan + 56 + 200)]
        #expect(made.range(of: template) != nil)
        try FaceGallery(at: test.path).remove(subject: test.person(0))
        _ = try FaceGallery.compact(at: test.path)
        #expect(try Data(contentsOf: file).range(of: template) == nil)
        #expect(try test.migrate().isDone)
        #expect(try FaceGallery(at: test.path).statistics().references == 38)
    }

    @Test("a dry run lists what is missing, and writes nothing")
    func dryRun() throws {
        try test.enroll(0..<10)
        try test.folder.write(Array("P6\n1 1 255\nabc".utf8), to: "6.ppm")
        let files = try test.files()
        var settings = test.settings
        settings.isDryRun = true
        var listed: [ReferenceID] = []
        let report = try test.migrate(settings) { event in
            if case .missing(let one) = event { listed.append(one.reference) }
        }
        #expect(listed == [7] && report.missing.counts == [.changed: 1] && !report.isDone)
        #expect(try test.files() == files)
    }

    @Test("finds its new network where a process was killed right after the exchange, and is put in order then")
    func killedAfterExchange() throws {
        try test.enroll(0..<4)
        let (network, work) = (test.path + "/network", test.path + "/migration")
        let (oldNetwork, savedWork) = (test.folder.file("saved network"), test.folder.file("saved work"))
        try FileManager.default.copyItem(atPath: network, toPath: oldNetwork)
        do {
            // All is made but the exchange, which this user keeps away.
            let user = try FaceGallery(at: test.path, readOnly: true)
            #expect(throws: GalleryError.self) { try test.migrate() }
            #expect(user.settings.networkName == "old")
        }
        try FileManager.default.copyItem(atPath: work, toPath: savedWork)
        #expect(try test.migrate().madeBefore == 4)
        let whole = try test.files()
        for hasOldNetwork in [true, false] {
            try FileManager.default.removeItem(atPath: network)
            if hasOldNetwork { try FileManager.default.copyItem(atPath: oldNetwork, toPath: network) }
            try FileManager.default.copyItem(atPath: savedWork, toPath: work)
            do {
                let gallery = try FaceGallery(at: test.path, readOnly: true)
                #expect(gallery.card?.name == "new" && gallery.networkDirectory == work + "/network")
                #expect(try gallery.check().problems == [] && gallery.check().notes.count == 1)
                #expect(try gallery.statistics().leftovers == 1 && gallery.statistics().migration == nil)
                let (copy, restored) = ("copy \(hasOldNetwork)", test.folder.file("r \(hasOldNetwork)"))
                _ = try FaceGallery.snapshot(at: test.path, to: test.folder.file(copy))
                _ = try FaceGallery.restore(test.folder.file(copy), to: restored)
                #expect(try FaceGallery(at: restored).card?.name == "new")
            }
            let gallery = try FaceGallery(at: test.path)
            #expect(gallery.card?.name == "new" && gallery.networkDirectory == network)
            #expect(try test.files() == whole)
        }
    }

    @Test("an empty one changes too, and one that is open does not")
    func emptyOrOpen() throws {
        do {
            let user = try FaceGallery(at: test.path, readOnly: true)
            let error = #expect(throws: GalleryError.self) { try test.migrate() }
            #expect(error?.kind == .tryAgain)
            #expect(user.settings.networkName == "old")
        }
        #expect(try test.migrate().isDone)
        #expect(try FaceGallery(at: test.path).settings.networkName == "new")
    }
}
