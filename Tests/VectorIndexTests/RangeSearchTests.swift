import Concurrency
import Testing
import VectorIndex

@Suite("A range search") struct RangeSearchTests {
    @Test("finds every vector from a similarity on, and none below, in lists and outside of them")
    func all() throws {
        let dimension = 24
        var vectors = SyntheticVectors(seed: 31)
        let rows = vectors.rows(20_500, dimension: dimension, centres: 200, spread: 0.5)
        let index = try VectorIndex.filled(Array(rows[..<(20_000 * dimension)]), dimension: dimension)
        try index.rebuild(threads: 2)
        try index.add(ids: (0..<500).map { 50_000 + $0 }, vectors: Array(rows[(20_000 * dimension)...]))
        index.remove(ids: [5, 50_007])
        for probe in 0..<5 {
            let own = Array(rows[(probe * dimension)..<((probe + 1) * dimension)])
            let best = try index.search(probes: own, k: 10_000, mode: .exact)[0]
            for least in [Float(0.999), 0.8, best[400].similarity] {
                let found = try index.neighbours(of: own, from: least)
                #expect(found == best.filter { $0.similarity >= least })
            }
        }
        #expect(try index.neighbours(of: Array(rows[..<dimension]), from: 1.5).isEmpty)
        #expect(throws: IndexError.wrongDimension(floats: 3, vectors: 1, dimension: dimension)) {
            try index.neighbours(of: [1, 0, 0], from: 0)
        }
    }

    @Test("of an empty index is empty, and one that is cancelled says so")
    func emptyAndCancelled() throws {
        let index = try VectorIndex(dimension: 2)
        #expect(try index.neighbours(of: [1, 0], from: -1).isEmpty)
        try index.add(ids: [1], vectors: [1, 0])
        let cancellation = Cancellation()
        #expect(try index.neighbours(of: [1, 0], from: 0.5, cancellation: cancellation).map(\.id) == [1])
        cancellation.cancel()
        #expect(throws: IndexError.cancelled) {
            try index.neighbours(of: [1, 0], from: 0.5, cancellation: cancellation)
        }
        #expect(throws: IndexError.cancelled) {
            try index.search(probes: [1, 0], k: 1, mode: .exact, cancellation: cancellation)
        }
    }
}
