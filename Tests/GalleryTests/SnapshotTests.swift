import Foundation
import Gallery
import GalleryModel
import Testing
import TestSupport
import VectorIndex

@Suite("Snapshots", .serialized)
struct SnapshotTests {
    let folder: TemporaryFolder
    private var generator = SeededGenerator(seed: 41)

    init() throws {
        folder = try TemporaryFolder()
        try FaceGallery.create(at: folder.file("g"), dimension: 16)
    }

    private mutating func people(_ count: Int) -> [NewReference] {
        (0..<count).map {
            NewReference(subject: "s\($0 / 2)", source: "\($0)", template: generator.unitVector(16))
        }
    }

    private func contents(_ name: String) throws -> [String] {
        var lines: [String] = []
        try FaceGallery(at: folder.file(name)).forEachReference { reference, subject, template in
            lines.append("\(reference) \(subject) \(template)")
        }
        return lines
    }

    private mutating func filled() throws {
        let gallery = try FaceGallery(at: folder.file("g"))
        _ = try gallery.enroll(people(400))
        try gallery.settle()
        // As a gallery has it that was made with its own network.
        let network = folder.file("g/network")
        try FileManager.default.createDirectory(atPath: network, withIntermediateDirectories: false)
        try Data("card".utf8).write(to: URL(fileURLWithPath: network + "/card.json"))
    }

    @Test("give the gallery back, with its index and network, and appear whole or not at all")
    mutating func roundTrip() throws {
        try filled()
        let report = try FaceGallery.snapshot(at: folder.file("g"), to: folder.file("snap"))
        #expect(report.references == 400 && report.subjects == 200 && report.hasIndex)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["g", "snap"])
        // What comes later is not in it.
        _ = try FaceGallery(at: folder.file("g")).remove(subject: "s3")
        #expect(try FaceGallery.restore(folder.file("snap"), to: folder.file("h")) == report)
        #expect(try contents("h").count == 400)
        let restored = try FaceGallery(at: folder.file("h"))
        #expect(try restored.check().isSound)
        #expect(try restored.check().problems == [])
        #expect(FileManager.default.fileExists(atPath: folder.file("h/network/card.json")))
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder.file("snap")) {
            let path = folder.file("snap/\(name)")
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect((mode ?? 0o777) & 0o077 == 0, "\(name)")
        }
        for target in ["snap", "h", "g"] {
            #expect(throws: GalleryError.self) {
                try FaceGallery.snapshot(at: folder.file("g"), to: folder.file(target))
            }
            let error = #expect(throws: GalleryError.self) {
                try FaceGallery.restore(folder.file("snap"), to: folder.file(target))
            }
            #expect(error?.kind == .cannotWrite)
        }
    }

    @Test("that are damaged or not whole are refused by the name of the file, and leave nothing")
    mutating func damaged() throws {
        try filled()
        _ = try FaceGallery.snapshot(at: folder.file("g"), to: folder.file("snap"))
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.file("snap")).filter { name in
            !["store", "index", "network"].contains(name)
        }
        #expect(names.count >= 5, "\(names)")
        func refusal() -> (String, String) {
            let error = #expect(throws: GalleryError.self) {
                try FaceGallery.restore(folder.file("snap"), to: folder.file("h"))
            }
            #expect(!FileManager.default.fileExists(atPath: folder.file("h")))
            #expect(
                (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()) == ["g", "snap"])
            guard case .badSnapshot(_, let file, let reason) = error else { return ("\(error as Any)", "") }
            return (file, reason)
        }
        for name in names {
            let url = URL(fileURLWithPath: folder.file("snap/\(name)"))
            let whole = try Data(contentsOf: url)
            var changed = whole
            changed[whole.count / 2] ^= 1
            try changed.write(to: url)
            #expect(refusal().0 == name)
            try whole.dropLast(1).write(to: url)
            #expect(refusal().0 == name)
            try FileManager.default.removeItem(at: url)
            #expect(refusal().0 == name)
            #expect(unsafe symlink(folder.file("g/data.mdb"), url.path) == 0)
            #expect(refusal().0 == name)
            try FileManager.default.removeItem(at: url)
            try whole.write(to: url)
        }
        #expect(try FaceGallery.restore(folder.file("snap"), to: folder.file("h")).references == 400)
        let none = #expect(throws: GalleryError.self) {
            try FaceGallery.restore(folder.file("none"), to: folder.file("i"))
        }
        #expect(none?.kind == .missingInput)
    }

    @Test("taken while a writer runs hold one of its states, and check")
    mutating func whileWriting() async throws {
        let path = folder.file("g")
        let batches = (0..<60).map { batch in
            (0..<100).map { number in
                NewReference(
                    subject: "b\(batch)", source: "\(number)", template: generator.unitVector(16))
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let gallery = try FaceGallery(at: path)
                for (number, batch) in batches.enumerated() {
                    _ = try gallery.enroll(batch)
                    if number % 7 == 6 { try gallery.settle() }
                    if number % 5 == 4 { try gallery.remove(subject: "b\(number - 2)") }
                }
            }
            group.addTask { [folder] in
                for number in 0..<8 {
                    let report = try FaceGallery.snapshot(at: path, to: folder.file("snap\(number)"))
                    let copy = folder.file("copy\(number)")
                    _ = try FaceGallery.restore(folder.file("snap\(number)"), to: copy)
                    let check = try FaceGallery(at: copy).check()
                    #expect(check.isSound, "\(check.problems)")
                    // A transaction is in it with all its references, or with none.
                    #expect(check.references == report.references && check.references % 100 == 0)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("a compaction gives back the index's space too, and a gallery in use is left alone")
    mutating func compaction() throws {
        let references = people(30_000)
        do {
            let gallery = try FaceGallery(at: folder.file("g"))
            _ = try gallery.enroll(references)
            try gallery.settle()
            for number in 0..<13_500 { try gallery.remove(subject: "s\(number)") }
            let error = #expect(throws: GalleryError.self) { try FaceGallery.compact(at: folder.file("g")) }
            #expect(error?.kind == .tryAgain)
        }
        let before = try contents("g")
        let report = try FaceGallery.compact(at: folder.file("g"))
        #expect(report.bytesAfter < report.bytesBefore / 2)
        #expect(try contents("g") == before)
        let gallery = try FaceGallery(at: folder.file("g"))
        #expect(try gallery.statistics().localIndex.tombstones == 0)
        #expect(try gallery.check().problems == [])
        #expect(try gallery.identify(references[29_999].template).candidates.first?.subject == "s14999")
    }
}
