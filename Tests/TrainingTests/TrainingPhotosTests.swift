import Foundation
import TestSupport
import Testing
import Training

@Suite("Photos of people to learn from")
struct TrainingPhotosTests {
    static let people = (0..<20).map { (name: "p\($0)", photos: 1 + $0 % 3) }

    @Test("nobody is on both sides of the split, and nobody is lost", arguments: 0..<20)
    func splitByPeople(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        try TestPeople.make(Self.people, in: folder)
        let photos = try TrainingPhotos(folder: folder.path)
        let (training, validation) = try photos.split(validationShare: 0.2, seed: seed)
        let (left, right) = (Set(training.people.map(\.name)), Set(validation.people.map(\.name)))
        #expect(left.isDisjoint(with: right))
        #expect(left.union(right) == Set(Self.people.map(\.name)))
        #expect(right.count == 4)
        #expect(training.people.contains { $0.photos.count > 1 })
        #expect(validation.people.contains { $0.photos.count > 1 })
    }

    @Test("the split follows from the seed, not from the file system's order")
    func splitBySeed() throws {
        let (first, second) = (try TemporaryFolder(), try TemporaryFolder())
        try TestPeople.make(Self.people, in: first)
        try TestPeople.make(Self.people.reversed(), in: second)
        let names = { (folder: TemporaryFolder, seed: UInt64) in
            try TrainingPhotos(folder: folder.path).split(validationShare: 0.3, seed: seed).validation.people
                .map(\.name)
        }
        #expect(try names(first, 1) == names(second, 1))
        #expect(try names(first, 1) != names(first, 2))
        #expect(
            try TrainingPhotos(folder: first.path).fingerprint
                == TrainingPhotos(folder: second.path).fingerprint)
    }

    @Test("two people with two photos stand on either side, one alone in training", arguments: 0..<10)
    func pairsOnBothSides(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        try TestPeople.make([("a", 1), ("b", 1), ("c", 2), ("d", 1), ("e", 1), ("f", 1)], in: folder)
        let alone = try TrainingPhotos(folder: folder.path).split(validationShare: 0.5, seed: seed)
        #expect(alone.training.people.contains { $0.name == "c" })
        try TestPeople.make([("f", 2)], in: folder)
        let both = try TrainingPhotos(folder: folder.path).split(validationShare: 0.5, seed: seed)
        #expect(both.training.people.contains { $0.photos.count == 2 })
        #expect(both.validation.people.contains { $0.photos.count == 2 })
    }

    @Test("a share of nothing leaves validation empty, and a share beyond its range is refused")
    func shares() throws {
        let folder = try TemporaryFolder()
        try TestPeople.make(Self.people, in: folder)
        let photos = try TrainingPhotos(folder: folder.path)
        #expect(try photos.split(validationShare: 0, seed: 1).validation.people.isEmpty)
        for share in [-0.1, 1, .nan] {
            #expect(throws: TrainingError.self) { try photos.split(validationShare: share, seed: 1) }
        }
    }

    @Test("too few people, nobody with two photos and no folder are refused by name")
    func tooFew() throws {
        let folder = try TemporaryFolder()
        #expect(throws: TrainingError.tooFewPeople(folder: folder.path, people: 0, leftOut: nil)) {
            try TrainingPhotos(folder: folder.path)
        }
        try TestPeople.make([("a", 1)], in: folder)
        #expect(throws: TrainingError.tooFewPeople(folder: folder.path, people: 1, leftOut: nil)) {
            try TrainingPhotos(folder: folder.path)
        }
        try TestPeople.make([("b", 1)], in: folder)
        #expect(throws: TrainingError.nobodyTwice(folder: folder.path)) {
            try TrainingPhotos(folder: folder.path)
        }
        #expect { try TrainingPhotos(folder: folder.file("none")) } throws: { "\($0)".contains("none") }
    }

    @Test("hidden files, other files and loose photos are passed over; links in circles end")
    func oddFolders() throws {
        let folder = try TemporaryFolder()
        try TestPeople.make([("a", 2), ("b", 1), ("b/deep/er", 0)], in: folder)
        try folder.write([1], to: "a/.hidden.jpg")
        try folder.write([1], to: "a/notes.txt")
        try folder.write([1], to: "loose.jpg")
        try folder.write(TestPeople.photo(9), to: "b/deep/er/more.PPM")
        try FileManager.default.createSymbolicLink(atPath: folder.file("b/up"), withDestinationPath: "..")
        let photos = try TrainingPhotos(folder: folder.path)
        #expect(photos.people.map(\.name) == ["a", "b"])
        #expect(photos.people.map(\.photos.count) == [2, 2])
        #expect(photos.problems.isEmpty)
    }

    @Test("a folder that cannot be read costs itself alone", .enabled(if: geteuid() != 0))
    func unreadableFolder() throws {
        let folder = try TemporaryFolder()
        try TestPeople.make([("a", 2), ("b", 1), ("c", 3)], in: folder)
        unsafe chmod(folder.file("c"), 0)
        defer { unsafe chmod(folder.file("c"), 0o700) }
        let photos = try TrainingPhotos(folder: folder.path)
        #expect(photos.people.map(\.name) == ["a", "b"])
        #expect(photos.problems.map(\.path) == [folder.file("c")])
    }

    @Test("a name that is not UTF-8 is told, and costs itself alone")
    func badName() throws {
        let folder = try TemporaryFolder()
        try TestPeople.make([("a", 2), ("b", 1)], in: folder)
        let name = Array((folder.file("b") + "/x").utf8CString.dropLast()) + [-1, 0]
        let file = unsafe name.withUnsafeBufferPointer { name in
            unsafe name.baseAddress.map { unsafe open($0, O_CREAT | O_WRONLY, 0o600) }
        }
        close(try #require(file))
        let photos = try TrainingPhotos(folder: folder.path)
        #expect(photos.count == 3)
        #expect(photos.problems.map(\.reason) == ["its name is not UTF-8; rename it"])
    }

    @Test("the fingerprint tells a photo of another size, not where the folder lies")
    func fingerprint() throws {
        let (first, second) = (try TemporaryFolder(), try TemporaryFolder())
        for folder in [first, second] { try TestPeople.make([("a", 2), ("b", 1)], in: folder) }
        let fingerprint = { try TrainingPhotos(folder: $0).fingerprint }
        #expect(try fingerprint(first.path) == fingerprint(second.path + "/"))
        try second.write([1, 2, 3], to: "b/b_0.ppm")
        #expect(try fingerprint(first.path) != fingerprint(second.path))
    }
}
