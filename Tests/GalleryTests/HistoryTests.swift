import Foundation
import Gallery
import GalleryModel
import Testing
import TestSupport
import VectorIndex

/// An index is believed only by the very history it was saved in.
@Suite("An index of another history")
struct HistoryTests {
    let folder: TemporaryFolder
    private var generator = SeededGenerator(seed: 21)

    init() throws {
        folder = try TemporaryFolder()
        try FaceGallery.create(at: folder.file("a"), dimension: 16)
    }

    private mutating func people(_ names: [String]) -> [NewReference] {
        names.map { NewReference(subject: $0, source: "test", template: generator.unitVector(16)) }
    }

    private func replaceIndex(of gallery: String, by other: String) throws {
        try? FileManager.default.removeItem(atPath: folder.file("\(gallery)/index"))
        try FileManager.default.copyItem(
            atPath: folder.file("\(other)/index"), toPath: folder.file("\(gallery)/index"))
    }

    private func name(of template: [Float], in gallery: String) throws -> String? {
        var search = FaceGallery.Search()
        search.minSimilarity = 0.99
        let answer = try FaceGallery(at: folder.file(gallery)).identify(template, search)
        return answer.decision == .match ? answer.candidates.first?.subject : nil
    }

    @Test("is not believed by a copy that went on otherwise")
    mutating func divergedCopies() throws {
        let both = people(["common"])
        _ = try FaceGallery(at: folder.file("a")).enroll(both)
        try FileManager.default.copyItem(atPath: folder.file("a"), toPath: folder.file("b"))
        let (first, second) = (people(["Ada", "Grace"]), people(["Alan", "Edsger"]))
        for (gallery, references) in [("a", first), ("b", second)] {
            let gallery = try FaceGallery(at: folder.file(gallery))
            _ = try gallery.enroll(references)
            try gallery.settle()
        }
        try replaceIndex(of: "b", by: "a")
        #expect(try name(of: first[0].template, in: "b") == nil)
        #expect(try name(of: second[0].template, in: "b") == "Alan")
        #expect(try name(of: both[0].template, in: "b") == "common")
        let gallery = try FaceGallery(at: folder.file("b"))
        // What is not believed does no harm, and gives way to the next index that is saved.
        #expect(try gallery.check().isSound)
        try gallery.repair()
        #expect(try gallery.check().isSound)
        #expect(try name(of: first[0].template, in: "b") == nil)
        #expect(try name(of: second[0].template, in: "b") == "Alan")
    }

    @Test("is not believed by a store that was restored from before it")
    mutating func restoredStore() throws {
        _ = try FaceGallery(at: folder.file("a")).enroll(people(["common"]))
        let store = folder.file("a/data.mdb")
        try FileManager.default.copyItem(atPath: store, toPath: folder.file("backup.mdb"))
        let lost = people(["Ada", "Grace"])
        do {
            let gallery = try FaceGallery(at: folder.file("a"))
            _ = try gallery.enroll(lost)
            try gallery.settle()
        }
        try FileManager.default.removeItem(atPath: store)
        try FileManager.default.copyItem(atPath: folder.file("backup.mdb"), toPath: store)
        let later = people(["Alan", "Edsger"])
        _ = try FaceGallery(at: folder.file("a")).enroll(later)
        #expect(try name(of: lost[1].template, in: "a") == nil)
        #expect(try name(of: later[1].template, in: "a") == "Edsger")
    }

    @Test("searches, settles and changes from many threads agree in the end")
    mutating func manyThreads() async throws {
        let gallery = try FaceGallery(at: folder.file("a"))
        let staying = people((0..<20).map { "stays-\($0)" })
        _ = try gallery.enroll(staying)
        let batches = (0..<8).map { batch in people((0..<300).map { "\(batch)-\($0)" }) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for batch in batches {
                group.addTask {
                    _ = try gallery.enroll(batch)
                    try gallery.settle()
                    try gallery.remove(subject: batch[0].subject)
                }
                group.addTask {
                    for reference in staying {
                        let answer = try gallery.identify(reference.template)
                        // Whatever comes and goes beside them: who stays is found, and nobody is missing.
                        #expect(answer.candidates.first?.subject == reference.subject)
                        #expect(answer.candidates.count == 5)
                    }
                }
            }
            try await group.waitForAll()
        }
        try gallery.settle()
        let report = try gallery.check()
        #expect(report.isSound, "\(report.problems)")
        #expect(report.references == 8 * 299 + 20)
    }
}
