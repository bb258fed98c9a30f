import Foundation
import TestSupport
import Testing

@testable import VectorIndex

/// What was removed is in no file that is saved after the removed rows were dropped.
@Suite("Dropping removed rows") struct DropRemovedRowsTests {
    static let dimension = 16
    /// Ids whose bytes occur nowhere by accident.
    static let first: Int64 = 0x5AA5_C33C_0000_0000

    static func bytes(_ id: Int64) -> [UInt8] {
        var id = id
        return unsafe withUnsafeBytes(of: &id) { unsafe Array($0) }
    }

    static func bytes(_ vector: [Float]) -> [UInt8] {
        unsafe vector.withUnsafeBytes { unsafe Array($0) }
    }

    /// Names of the files of a directory that hold some bytes.
    static func files(_ directory: String, with bytes: [UInt8]) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted().filter { name in
            try Data(contentsOf: URL(fileURLWithPath: directory + "/" + name)).range(of: Data(bytes)) != nil
        }
    }

    /// The bytes that a segment keeps of an id.
    static func row(_ index: VectorIndex, _ id: Int64) throws -> [UInt8] {
        guard case .segment(let number, let row) = index.state.place(of: id) else {
            Issue.record("\(id) is in no list")
            return []
        }
        let segment = index.state.segments[number].segment
        return (0..<dimension).map { unsafe segment.rows[row * dimension + $0] }
    }

    @Test("leaves no id, no code's row and no vector of them in the saved files, and trains nothing")
    func noByte() throws {
        let folder = try TemporaryFolder()
        let directory = folder.file("index")
        var vectors = SyntheticVectors(seed: 91)
        let rows = vectors.rows(24_000, dimension: Self.dimension, centres: 40, spread: 0.6)
        let index = try VectorIndex.filled(
            Array(rows[..<(21_000 * Self.dimension)]), dimension: Self.dimension, first: Self.first)
        try index.rebuild(threads: 2)
        // A second part of lists, and some vectors in none.
        for late in [21_000..<23_500, 23_500..<24_000] {
            try index.add(
                ids: late.map { Self.first + Int64($0) },
                vectors: Array(rows[late.lowerBound * Self.dimension..<late.upperBound * Self.dimension]))
        }
        #expect(index.statistics.parts == 1 && index.statistics.looseCount == 500)
        let gone = [17, 5_000, 20_999, 21_001, 23_499, 23_501, 23_999].map { Self.first + Int64($0) }
        var traces: [[UInt8]] = []
        for id in gone {
            traces.append(Self.bytes(id))
            if id < Self.first + 23_500 {
                traces.append(try Self.row(index, id))
            } else {
                traces.append(Self.bytes(try #require(index.vector(of: id))))
            }
        }
        try index.save(to: directory, fingerprint: "net")
        for trace in traces { #expect(try !Self.files(directory, with: trace).isEmpty, "the test can see it") }
        #expect(index.remove(ids: gone) == gone.count)
        try index.save(to: directory, fingerprint: "net")
        #expect(try !Self.files(directory, with: traces[0]).isEmpty, "a removal alone leaves the rows")
        let tables = try Self.files(directory, with: Array("FGALQNTZ".utf8))
        let probes = Array(rows[..<(20 * Self.dimension)])
        let before = try index.search(probes: probes, k: 50, mode: .exact)
        try index.dropRemovedRows(threads: 2)
        try index.save(to: directory, fingerprint: "net")
        for trace in traces { #expect(try Self.files(directory, with: trace) == []) }
        #expect(index.statistics.tombstones == 0 && index.count == 24_000 - gone.count)
        #expect(try index.search(probes: probes, k: 50, mode: .exact) == before)
        #expect(try Self.files(directory, with: Array("FGALQNTZ".utf8)) == tables && tables.count == 1)
        #expect(index.state.contradictionOfRows == nil)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory).allSatisfy {
                !$0.hasSuffix(".bits") && !$0.hasSuffix(".aside")
            })
        try VectorIndex.verify(directory: directory)
        let opened = try #require(
            try VectorIndex.open(
                directory: directory, fingerprint: "net", dimension: Self.dimension, source: index.source))
        #expect(try opened.search(probes: probes, k: 50, mode: .exact) == before)
        try index.dropRemovedRows()
        #expect(index.count == 24_000 - gone.count)
    }

    @Test("leaves no centre of a list that is a vector of theirs", arguments: [1, 1_500])
    func noCentre(copies: Int) throws {
        // Vectors unlike all others, of which the training makes a centre each.
        let dimension = Self.dimension
        var vectors = SyntheticVectors(seed: 92)
        var middle = [Float](repeating: 0, count: dimension)
        middle[0] = 1
        var rows: [Float] = []
        for _ in 0..<20_500 { rows += vectors.unit(around: middle, spread: 0.1) }
        let kinds = copies == 1 ? 400 : 1
        let strangers = vectors.rows(kinds, dimension: dimension, centres: kinds, spread: 1)
        rows += (0..<copies).flatMap { _ in strangers }
        let index = try VectorIndex.filled(rows, dimension: dimension)
        try index.rebuild(threads: 2)
        func nearest(_ state: IndexState) throws -> Float {
            let quantizer = try #require(state.quantizer)
            let centres = unsafe Array(
                UnsafeBufferPointer(start: quantizer.centroids, count: quantizer.listCount * dimension))
            var most: Float = -1
            for centre in 0..<quantizer.listCount {
                let own = Array(centres[centre * dimension..<(centre + 1) * dimension])
                let length = BruteForce.product(own, own).squareRoot()
                for kind in 0..<kinds {
                    let stranger = Array(strangers[kind * dimension..<(kind + 1) * dimension])
                    most = max(most, BruteForce.product(own, stranger) / length)
                }
            }
            return most
        }
        #expect(try nearest(index.state) > 0.97, "the test can see it")
        index.remove(ids: (20_501...Int64(rows.count / dimension)).map { $0 })
        try index.dropRemovedRows(threads: 2)
        #expect(try nearest(index.state) < 0.9)
        #expect(index.count == 20_500 && index.statistics.tombstones == 0)
        // Once is enough.
        let quantizer = try #require(index.state.quantizer)
        try index.dropRemovedRows(threads: 2)
        #expect(index.state.quantizer === quantizer)
    }

    @Test("of an index without lists, and of one that has lost everything, is possible")
    func small() throws {
        let index = try SavedIndexTests.small()
        index.remove(ids: [3, 4])
        try index.dropRemovedRows()
        #expect(index.count == 198 && index.statistics.tombstones == 0 && !index.contains(3))
        index.remove(ids: Array(1...200))
        try index.dropRemovedRows()
        #expect(index.count == 0)
        let large = try SavedIndexTests.large()
        var ids: [Int64] = []
        large.forEachID { ids.append($0) }
        large.remove(ids: ids)
        try large.dropRemovedRows()
        #expect(large.count == 0 && large.statistics.bytes < 1 << 20)
        #expect(throws: IndexError.badThreads(0)) { try large.dropRemovedRows(threads: 0) }
    }
}
