import Foundation
import TestSupport
import Testing

@testable import Training

@Suite("The cache of chips")
struct ChipCacheTests {
    private let folder: TemporaryFolder
    private let place: TemporaryFolder

    init() throws {
        (folder, place) = (try TemporaryFolder(), try TemporaryFolder())
        try TestPeople.make([("a", 20), ("b", 20), ("c", 1)], in: folder)
    }

    private var path: String { place.file("cache") }

    @Test("a second run gets the same bytes, all from the cache")
    func hit() throws {
        let first = try TestPeople.chips(folder, cache: ChipCache(path: path))
        let cache = try ChipCache(path: path)
        let second = try TestPeople.chips(folder, cache: cache)
        #expect((first.cached, second.cached) == (0, 41))
        #expect(cache.notice == nil && second.cacheProblem == nil)
        #expect((0..<41).allSatisfy { first.chip($0) == second.chip($0) })
    }

    @Test("a changed photo is read anew, and so are chips of another side")
    func changed() throws {
        let cache = try ChipCache(path: path)
        let first = try TestPeople.chips(folder, cache: cache)
        // Of the same size: the time of change alone tells.
        try folder.write(TestPeople.photo(77), to: "c/c_0.ppm")
        let second = try TestPeople.chips(folder, cache: cache)
        #expect(second.cached == 40)
        #expect(second.chip(40) != first.chip(40))
        #expect(second.chip(39) == first.chip(39))
        #expect(try TestPeople.chips(folder, side: 20, cache: cache).cached == 0)
    }

    @Test("the folder and its files are the owner's alone")
    func modes() throws {
        _ = try TestPeople.chips(folder, cache: ChipCache(path: path))
        for (name, mode) in [("", 0o700), ("/data.mdb", 0o600), ("/chips.lock", 0o600)] {
            let attributes = try FileManager.default.attributesOfItem(atPath: path + name)
            #expect(attributes[.posixPermissions] as? Int == mode)
        }
    }

    @Test("a map that is full grows, and what was kept stays")
    func growth() throws {
        let cache = try ChipCache(path: path, firstMap: 1 << 16)
        let first = try TestPeople.chips(folder, side: 100, cache: cache)
        #expect(first.cacheProblem == nil)
        #expect(try TestPeople.chips(folder, side: 100, cache: cache).cached == 41)
        #expect(
            try FileManager.default.attributesOfItem(atPath: path + "/data.mdb")[.size] as? Int ?? 0 > 1 << 20)
    }

    @Test("two owners of one cache see what the other keeps, even beyond their map")
    func shared() throws {
        let (one, other) = (
            try ChipCache(path: path, firstMap: 1 << 16), try ChipCache(path: path, firstMap: 1 << 16)
        )
        #expect(try TestPeople.chips(folder, side: 100, cache: one).cached == 0)
        #expect(try TestPeople.chips(folder, side: 100, cache: other).cached == 41)
        #expect(try TestPeople.chips(folder, side: 90, cache: other).cached == 0)
        #expect(try TestPeople.chips(folder, side: 90, cache: one).cached == 41)
    }

    @Test("a damaged cache is made anew with a notice", arguments: ["cut", "zeros", "noise", "text", "empty"])
    func damaged(kind: String) throws {
        let first = try TestPeople.chips(folder, cache: ChipCache(path: path))
        let file = URL(fileURLWithPath: path + "/data.mdb")
        var bytes = [UInt8](try Data(contentsOf: file))
        switch kind {
        case "cut": bytes.removeLast(bytes.count / 2)
        case "zeros": bytes.replaceSubrange(8192..., with: [UInt8](repeating: 0, count: bytes.count - 8192))
        case "noise":
            var random = SeededGenerator(seed: 1)
            for index in bytes.indices.dropFirst(4096) { bytes[index] = .random(in: 0...255, using: &random) }
        case "text": bytes = Array("not a database".utf8)
        default: bytes = []
        }
        try Data(bytes).write(to: file)
        let cache = try ChipCache(path: path)
        #expect(cache.notice?.contains(path) == true)
        let second = try TestPeople.chips(folder, cache: cache)
        #expect(second.cached == 0 && second.cacheProblem == nil)
        #expect((0..<41).allSatisfy { first.chip($0) == second.chip($0) })
        #expect(try TestPeople.chips(folder, cache: cache).cached == 41)
    }

    @Test("a chip whose bytes were changed is not believed")
    func flippedPixel() throws {
        let first = try TestPeople.chips(folder, cache: ChipCache(path: path))
        let file = URL(fileURLWithPath: path + "/data.mdb")
        var data = try Data(contentsOf: file)
        // A chip may stand twice: two threads that miss it at once both write it, and the older page is then free.
        let chip = Data(first.chip(7))
        var found = data.range(of: chip)
        try #require(found != nil)
        while let place = found {
            data[place.lowerBound + 5] ^= 1
            found = data.range(of: chip, in: place.upperBound..<data.endIndex)
        }
        try data.write(to: file)
        let second = try TestPeople.chips(folder, cache: ChipCache(path: path))
        #expect(second.cached == 40)
        #expect(second.chip(7) == first.chip(7))
    }

    @Test("a folder that is no cache is refused and left alone")
    func foreignFolder() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try place.write([1, 2, 3], to: "cache/data.mdb")
        #expect { try ChipCache(path: path) } throws: { "\($0)".contains(path) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path + "/data.mdb")) == Data([1, 2, 3]))
        #expect(throws: TrainingError.self) { try ChipCache(path: place.file("none/cache")) }
        try place.write([1], to: "file")
        #expect(throws: TrainingError.self) { try ChipCache(path: place.file("file")) }
    }

    @Test("a disk that is full is told by name, and what was kept stays")
    func noSpace() async throws {
        _ = try TestPeople.chips(folder, cache: ChipCache(path: path))
        await #expect(processExitsWith: .success) { [path = path as String] in
            // A limit on the file's size stops it as a full disk does.
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
            try #require(unsafe setrlimit(__rlimit_resource_t(1), &limit) == 0)
            let cache = try ChipCache(path: path)
            let pixels = [UInt8](repeating: 7, count: 4 << 20)
            #expect(throws: TrainingError.noSpace(path: path)) {
                try unsafe pixels.withUnsafeBytes { pixels in
                    let key = ChipCache.Key(bytes: [UInt8](repeating: 1, count: 32))
                    try unsafe cache.store([(key, pixels)])
                }
            }
        }
        let cache = try ChipCache(path: path)
        #expect(cache.notice == nil)
        #expect(try TestPeople.chips(folder, cache: cache).cached == 41)
    }

    @Test("a writer that is killed leaves a cache that can be used")
    func killedWriter() async throws {
        let first = try TestPeople.chips(folder, cache: ChipCache(path: path))
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let cache = try ChipCache(path: path)
            let killer = Thread {
                usleep(150_000)
                kill(getpid(), SIGKILL)
            }
            killer.start()
            let pixels = [UInt8](repeating: 7, count: 30_000)
            for number in 0... {
                try unsafe pixels.withUnsafeBytes { pixels in
                    let chips = unsafe (0..<5).map { chip in
                        let key = [UInt8](repeating: UInt8(chip), count: 24) + bytes(number)
                        return unsafe (key: ChipCache.Key(bytes: key), pixels: pixels)
                    }
                    try unsafe cache.store(chips)
                }
            }
        }
        let cache = try ChipCache(path: path)
        #expect(cache.notice == nil)
        let second = try TestPeople.chips(folder, cache: cache)
        #expect(second.cached == 41)
        #expect((0..<41).allSatisfy { first.chip($0) == second.chip($0) })
    }
}

private func bytes(_ number: Int) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
