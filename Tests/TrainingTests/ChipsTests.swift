import FaceImage
import Foundation
import TestSupport
import Testing

@testable import Training

@Suite("Chips of photos")
struct ChipsTests {
    @Test("chips come in the order of the photos, whatever the number of jobs")
    func order() throws {
        let folder = try TemporaryFolder()
        try TestPeople.make([("c", 2), ("a", 3), ("b", 1)], in: folder)
        let (one, many) = (try TestPeople.chips(folder, jobs: 1), try TestPeople.chips(folder, jobs: 5))
        #expect(one.names == ["a", "b", "c"])
        #expect(one.people == [0, 0, 0, 1, 2, 2])
        #expect(one.paths == many.paths)
        #expect((0..<6).allSatisfy { one.chip($0) == many.chip($0) })
        let photo = try Photo(.path(folder.file("b/b_0.ppm")))
        #expect(one.chip(3) == (try photo.stretched(toSide: 16).pixels))
        #expect(one.withChip(3) { $0.count } == 3 * 16 * 16)
    }

    @Test("a photo that cannot be read is counted and skipped, and classes stay dense")
    func unreadable() throws {
        let folder = try TemporaryFolder()
        try TestPeople.make([("a", 2), ("b", 0), ("c", 1)], in: folder)
        try folder.write([1, 2, 3], to: "b/broken.jpg")
        try folder.write([], to: "c/empty.jpg")
        var last = Chips.Progress(done: 0, total: 0, unreadable: 0)
        let chips = try Chips(
            TrainingPhotos(folder: folder.path), source: TestPeople.wholePhotos(), jobs: 2,
            progress: {
                last = $0
                return true
            })
        #expect(chips.names == ["a", "c"])
        #expect(chips.people == [0, 0, 1])
        #expect(chips.unreadable.map(\.path) == [folder.file("b/broken.jpg"), folder.file("c/empty.jpg")])
        #expect(chips.unreadable.allSatisfy { !$0.reason.contains(folder.path) && !$0.reason.isEmpty })
        #expect((last.done, last.total, last.unreadable) == (5, 5, 2))
    }

    @Test("a photo without a face is skipped, and the cache remembers it", .enabled(if: Faces.areThere))
    func noFace() throws {
        let (folder, cacheFolder) = (try TemporaryFolder(), try TemporaryFolder())
        try TestPeople.make([("a", 1)], in: folder)
        for (name, from) in [("b/1.jpg", "obama.jpg"), ("b/2.jpg", "biden.jpg")] {
            try? FileManager.default.createDirectory(
                atPath: folder.file("b"), withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: SetUpCache.file("photos/\(from)"), toPath: folder.file(name))
        }
        let source = try ChipSource(side: 32, cut: .face(padding: 0.25), landmarkModel: Faces.model)
        let photos = try TrainingPhotos(folder: folder.path)
        let cache = try ChipCache(path: cacheFolder.path)
        for expected in [0, 3] {
            let chips = try Chips(photos, source: source, jobs: 2, cache: cache)
            #expect(chips.names == ["b"])
            #expect(chips.people == [0, 0])
            #expect(chips.unreadable.map(\.reason) == ["no face was found in it"])
            #expect(chips.cached == expected)
        }
    }

    @Test("work that is called off ends, and keeps what was done")
    func cancelled() throws {
        let (folder, cacheFolder) = (try TemporaryFolder(), try TemporaryFolder())
        try TestPeople.make([("a", 30), ("b", 30)], in: folder)
        let cache = try ChipCache(path: cacheFolder.path)
        let photos = try TrainingPhotos(folder: folder.path)
        #expect(throws: TrainingError.cancelled) {
            try Chips(
                photos, source: TestPeople.wholePhotos(), jobs: 2, cache: cache, progress: { $0.done < 10 })
        }
        let chips = try TestPeople.chips(folder, cache: cache)
        #expect(chips.count == 60)
        #expect(10...60 ~= chips.cached)
    }

    @Test("jobs, sides and models outside their range are refused by name")
    func badArguments() throws {
        let folder = try TemporaryFolder()
        try TestPeople.make([("a", 2), ("b", 1)], in: folder)
        #expect(throws: TrainingError.self) { try TestPeople.chips(folder, jobs: 0) }
        #expect(throws: TrainingError.self) { try TestPeople.chips(folder, side: 15) }
        #expect {
            try ChipSource(side: 112, cut: .face(padding: 0.25), landmarkModel: folder.file("none.dat"))
        } throws: {
            "\($0)".contains("none.dat")
        }
    }
}

enum Faces {
    static let model = SetUpCache.file("detector/shape_predictor_5_face_landmarks.dat")
    static let areThere = [model, SetUpCache.file("photos/obama.jpg"), SetUpCache.file("photos/biden.jpg")]
        .allSatisfy(FileManager.default.fileExists)
}
