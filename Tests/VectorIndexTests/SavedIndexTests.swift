import Foundation
import TestSupport
import Testing

@testable import VectorIndex

@Suite("A saved index") struct SavedIndexTests {
    static let dimension = 16

    /// A large index with lists, additions, and removals of both; and a small one.
    static func large() throws -> VectorIndex {
        var (vectors, rows, lists) = try trained.get()
        let index = try VectorIndex.filled(rows, dimension: dimension)
        index.update { $0 = lists }
        let more = vectors.rows(300, dimension: dimension, centres: 5, spread: 0.5)
        try index.add(ids: (0..<300).map { 100_000 + 3 * $0 }, vectors: more)
        index.remove(ids: [5, 6, 19_999, 100_003, 100_030, 77_777])
        index.advance(to: IndexPosition(highestID: 0, removals: 6))
        return index
    }

    /// The rows of the large one and its lists, which are made once, and what makes further rows.
    private static let trained = Result {
        var vectors = SyntheticVectors(seed: 11)
        let rows = vectors.rows(VectorIndex.listsFrom, dimension: dimension, centres: 50, spread: 0.5)
        let index = try VectorIndex.filled(rows, dimension: dimension)
        try index.rebuild(threads: 2)
        return (vectors: vectors, rows: rows, lists: index.state)
    }

    static func small() throws -> VectorIndex {
        var vectors = SyntheticVectors(seed: 12)
        return try VectorIndex.filled(
            vectors.rows(200, dimension: dimension, centres: 5, spread: 0.5), dimension: dimension)
    }

    static func probes() -> [Float] {
        var vectors = SyntheticVectors(seed: 13)
        return vectors.rows(20, dimension: dimension, centres: 20, spread: 0.5)
    }

    static func expectSame(_ one: VectorIndex, _ other: VectorIndex) throws {
        #expect(one.count == other.count && one.position == other.position)
        for mode in [IndexSearchMode.exact, .maxSearchLoss(0.01)] {
            #expect(
                try one.search(probes: probes(), k: 20, mode: mode)
                    == other.search(probes: probes(), k: 20, mode: mode))
        }
    }

    static func reason(_ directory: String, fingerprint: String = "net", dimension: Int = dimension) throws
        -> String?
    {
        switch try VectorIndex.outcomeOfOpening(
            directory: directory, fingerprint: fingerprint, dimension: dimension)
        {
        case .opened: nil
        case .absent: "absent"
        case .refused(let reason), .unrelated(let reason): reason
        }
    }

    @Test("comes back with the same answers, ids, position and removals")
    func roundTrip() throws {
        for index in [try Self.large(), try Self.small()] {
            let folder = try TemporaryFolder()
            let directory = folder.file("index")
            let before = index.statistics
            try index.save(to: directory, fingerprint: "net")
            let opened = try #require(
                try VectorIndex.open(
                    directory: directory, fingerprint: "net", dimension: Self.dimension,
                    source: index.source))
            try Self.expectSame(index, opened)
            try VectorIndex.verify(directory: directory)
            #expect(
                opened.statistics.lists == before.lists && opened.statistics.calibration == before.calibration)
            #expect(opened.contains(7) && opened.vector(of: 7) == index.vector(of: 7))
            // It can be changed, saved again and opened again.
            try opened.add(ids: [200_000], vectors: Array(Self.probes()[..<Self.dimension]))
            #expect(opened.remove(ids: [7, 8]) == 2)
            #expect(!opened.contains(7) && index.contains(7))
            try opened.save(to: directory, fingerprint: "net")
            let again = try #require(
                try VectorIndex.open(
                    directory: directory, fingerprint: "net", dimension: Self.dimension,
                    source: index.source))
            try Self.expectSame(opened, again)
            #expect(
                try again.search(probes: Array(Self.probes()[..<Self.dimension]), k: 1, mode: .exact)[0][0].id
                    == 200_000)
            // The first one still searches the parts it has mapped, though its loose rows' file is gone.
            #expect(index.contains(7))
            try VectorIndex.verify(directory: directory)
        }
    }

    @Test("keeps the files of parts while they are the same, and only files that are in use")
    func files() throws {
        let folder = try TemporaryFolder()
        let directory = folder.file("index")
        let index = try Self.large()
        try index.save(to: directory, fingerprint: "net")
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        #expect(
            names == [
                "loose-4.vectors", "manifest.json", "quantizer-1.tables", "removed-3.bits", "segment-2.rows",
            ])
        for name in names {
            let facts = try FileManager.default.attributesOfItem(atPath: directory + "/" + name)
            #expect((facts[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        }
        try folder.write([1], to: "index/segment-9.rows.1-2.aside")
        try folder.write([1], to: "index/loose-9.vectors")
        try folder.write([1], to: "index/mine.txt")
        #expect(try Self.reason(directory) == nil, "leftovers are ignored")
        try index.save(to: directory, fingerprint: "net")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == [
                "loose-11.vectors", "manifest.json", "mine.txt", "quantizer-1.tables", "removed-10.bits",
                "segment-2.rows",
            ])
        // Elsewhere, the mapped parts are written out again, byte for byte.
        try index.save(to: folder.file("other"), fingerprint: "net")
        #expect(
            FileManager.default.contentsEqual(
                atPath: directory + "/segment-2.rows", andPath: folder.file("other/segment-2.rows")))
        try Self.expectSame(
            index,
            try #require(
                try VectorIndex.open(
                    directory: folder.file("other"), fingerprint: "net", dimension: 16, source: index.source)))
    }

    @Test("goes on without who was removed while it was saved")
    func removedMeanwhile() throws {
        let folder = try TemporaryFolder()
        let index = try Self.large()
        let probe = try #require(index.vector(of: 7))
        try index.save(
            to: folder.file("index"), fingerprint: "net",
            vouch: { () throws(IndexError) in #expect(index.remove(ids: [7]) == 1) })
        #expect(!index.contains(7) && index.count == VectorIndex.listsFrom + 300 - 6)
        for mode in [IndexSearchMode.exact, .maxSearchLoss(0.01)] {
            #expect(try !index.search(probes: probe, k: 5, mode: mode)[0].contains { $0.id == 7 })
        }
    }

    @Test("of another network, another dimension, or none, is not opened")
    func strangers() throws {
        let folder = try TemporaryFolder()
        let directory = folder.file("index")
        #expect(try Self.reason(directory) == "absent")
        try Self.small().save(to: directory, fingerprint: "net")
        #expect(try Self.reason(directory) == nil)
        #expect(
            try Self.reason(directory, fingerprint: "other")?.contains("fingerprint net, not other") == true)
        #expect(try Self.reason(directory, dimension: 8)?.contains("dimension is 16, not 8") == true)
        #expect(throws: IndexError.self) { try VectorIndex.verify(directory: folder.path) }
    }

    @Test("an interrupted save leaves the old index")
    func interrupted() throws {
        let folder = try TemporaryFolder()
        let directory = folder.file("index")
        let index = try Self.small()
        try index.save(to: directory, fingerprint: "net")
        let old = try Data(contentsOf: URL(fileURLWithPath: directory + "/manifest.json"))
        // All files of a later save, but its manifest; and the file the old manifest names.
        let oldLoose = try Data(contentsOf: URL(fileURLWithPath: directory + "/loose-1.vectors"))
        try index.add(ids: [900], vectors: Array(Self.probes()[..<16]))
        try index.save(to: directory, fingerprint: "net")
        try folder.write(Array(oldLoose), to: "index/loose-1.vectors")
        try folder.write(Array(old), to: "index/manifest.json")
        let opened = try #require(try VectorIndex.open(directory: directory, fingerprint: "net", dimension: 16))
        #expect(opened.count == 200 && !opened.contains(900))
        try index.save(to: directory, fingerprint: "net")
        #expect(
            try VectorIndex.open(directory: directory, fingerprint: "net", dimension: 16)?.contains(900) == true
        )
    }

    @Test("cut short or with one byte changed is noticed, and the file named")
    func damage() throws {
        let folder = try TemporaryFolder()
        let directory = folder.file("index")
        let saved = try Self.large()
        try saved.save(to: directory, fingerprint: "net")
        var random = SyntheticVectors(seed: 3)
        for name in try FileManager.default.contentsOfDirectory(atPath: directory).sorted() {
            let good = Array(try Data(contentsOf: URL(fileURLWithPath: directory + "/" + name)))
            for size in [0, 1, good.count / 2, good.count - 1] {
                try folder.write(Array(good[..<size]), to: "index/\(name)")
                let reason = try Self.reason(directory)
                #expect(reason?.contains(name) == true, "\(name) cut to \(size) of \(good.count)")
            }
            try FileManager.default.removeItem(atPath: directory + "/" + name)
            let missing = try Self.reason(directory)
            #expect(missing == "absent" || missing?.contains(name) == true)
            for place in [0, 1, 40, good.count / 2, good.count - 1]
                + (0..<6).map({ _ in Int(random.bits()) % good.count })
            {
                var bad = good
                bad[place] ^= 1 << UInt8(place % 8)
                try folder.write(bad, to: "index/\(name)")
                // Opening reads heads only; what it believes, it survives, and verify finds the rest.
                if case .opened(let index) = try VectorIndex.outcomeOfOpening(
                    directory: directory, fingerprint: "net", dimension: 16, source: saved.source)
                {
                    _ = try index.search(probes: Self.probes(), k: 5, mode: .maxSearchLoss(0.01))
                    _ = try index.search(probes: Self.probes(), k: 5, mode: .exact)
                    _ = index.vector(of: 42)
                    #expect(name.hasPrefix("segment"))
                }
                let error = #expect(throws: IndexError.self) { try VectorIndex.verify(directory: directory) }
                #expect(error?.description.contains(name) == true && error?.kind == .badData)
            }
            try folder.write(good, to: "index/\(name)")
        }
        try VectorIndex.verify(directory: directory)
    }

    @Test("where nothing can be written the error names the file")
    func unwritable() throws {
        let folder = try TemporaryFolder()
        try folder.write([], to: "file")
        let error = #expect(throws: IndexError.self) {
            try Self.small().save(to: folder.file("file"), fingerprint: "net")
        }
        #expect(error?.kind == .cannotWrite && error?.description.contains(folder.file("file")) == true)
    }
}
