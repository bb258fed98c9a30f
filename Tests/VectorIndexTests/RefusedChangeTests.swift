import CSearchKernels
import TestSupport
import Testing

@testable import VectorIndex

/// What an index answers, to be compared before and after a change that was refused.
struct Picture: Equatable {
    let ids: [Int64]
    let position: IndexPosition
    let answers: [[Neighbour]]
    let vectors: [[Float]?]

    init(_ index: VectorIndex, probes: [Float], ids: [Int64]) throws {
        #expect(index.state.contradictionOfRows == nil)
        self.ids = index.state.sortedIDs()
        #expect(self.ids.count == index.count)
        position = index.position
        answers = try index.search(probes: probes, k: 20, mode: .exact)
        vectors = ids.map { index.vector(of: $0) }
    }
}

@Suite("A change that is refused") struct RefusedChangeTests {
    static let dimension = 8

    /// Vectors of ids 1 to 20,500 in lists, and 300 from 30,000 on in none.
    static func index() throws -> VectorIndex {
        var vectors = SyntheticVectors(seed: 5)
        let index = try VectorIndex.filled(
            vectors.rows(20_500, dimension: dimension, centres: 50, spread: 0.6), dimension: dimension)
        try index.rebuild(threads: 2)
        try index.add(
            ids: (30_000..<30_300).map { $0 },
            vectors: vectors.rows(300, dimension: dimension, centres: 50, spread: 0.6))
        return index
    }

    @Test("as a duplicate, loose or in lists, alone or behind new ids, has changed nothing")
    func duplicates() throws {
        let index = try Self.index()
        let asked: [Int64] = [5, 30_007, 40_000]
        let probes = try asked.prefix(2).flatMap { try #require(index.vector(of: $0)) }
        let before = try Picture(index, probes: probes, ids: asked)
        var vectors = SyntheticVectors(seed: 6)
        for ids: [Int64] in [[5], [30_007], [40_000, 5], [40_000, 30_007], [40_000, 40_001, 40_000]] {
            let rows = vectors.rows(ids.count, dimension: Self.dimension, centres: 3, spread: 1)
            let error = #expect(throws: IndexError.self) { try index.add(ids: ids, vectors: rows) }
            guard case .duplicateID = error else {
                Issue.record("\(ids): \(String(describing: error))")
                continue
            }
            #expect(try Picture(index, probes: probes, ids: asked) == before, "\(ids)")
        }
        // What was refused together with a duplicate can be added alone.
        try index.add(ids: [40_000], vectors: Array(probes[..<Self.dimension]))
        #expect(index.vector(of: 40_000) == Array(probes[..<Self.dimension]))
    }

    @Test("as a duplicate of an id above the position that an index was built for has changed nothing")
    func aboveThePosition() throws {
        let source = FailingSource(dimension: Self.dimension).inner
        let index = try VectorIndex(dimension: Self.dimension, source: source)
        try index.build(ids: Array(1...10), position: .init(highestID: 5, removals: 0), threads: 1)
        let own = source.vector(of: 8)
        let before = try Picture(index, probes: own, ids: [8])
        #expect(before.position.highestID == 10)
        for id in [8, 10] as [Int64] {
            #expect(throws: IndexError.duplicateID(id)) { try index.add(ids: [id], vectors: own) }
            #expect(try Picture(index, probes: own, ids: [8]) == before)
        }
    }

    @Test("for its ids or its vectors has changed nothing")
    func badInput() throws {
        let index = try Self.index()
        let own = try #require(index.vector(of: 5))
        let before = try Picture(index, probes: own, ids: [5, 50_000])
        let broken: [(ids: [Int64], vectors: [Float])] = [
            ([50_000, -1], own + own), ([50_000], own + own), ([50_000, 50_001], own + own.map { 2 * $0 }),
            ([50_000, 50_001], own + own.dropLast() + [.nan]),
        ]
        for (ids, vectors) in broken {
            #expect(throws: IndexError.self) { try index.add(ids: ids, vectors: vectors) }
            #expect(try Picture(index, probes: own, ids: [5, 50_000]) == before, "\(ids)")
        }
        for ids: [Int64] in [[-1, 2], [1, 3, 3], [4, 2]] {
            #expect(throws: IndexError.self) {
                try index.build(ids: ids, position: .init(highestID: 9, removals: 9), threads: 1)
            }
            #expect(try Picture(index, probes: own, ids: [5, 50_000]) == before, "\(ids)")
        }
    }

    @Test("by the source half-way has changed nothing, and the next one succeeds")
    func brokenSource() throws {
        let source = FailingSource(dimension: Self.dimension)
        let index = try VectorIndex(dimension: Self.dimension, source: source)
        let ids = Array(Int64(1)...20_500)
        try index.build(ids: ids, position: .init(highestID: 20_500, removals: 0), threads: 1)
        let probe = source.inner.vector(of: 7)
        let before = try Picture(index, probes: probe, ids: [7])
        for reading in 0..<3 {
            source.fail(atReading: reading)
            #expect(throws: IndexError.source("unplugged")) { try index.rebuild(threads: 1) }
            source.fail(atReading: reading)
            #expect(throws: IndexError.source("unplugged")) {
                try index.build(ids: ids.dropLast(), position: .init(highestID: 1, removals: 1), threads: 1)
            }
            source.fail(atReading: nil)
            #expect(try Picture(index, probes: probe, ids: [7]) == before, "reading \(reading)")
        }
        index.remove(ids: [7])
        try index.rebuild(threads: 1)
        #expect(index.count == 20_499 && index.statistics.tombstones == 0)
    }
}
