import Testing
import VectorIndex

@Suite("Many additions at once") struct ManyAdditionsTests {
    @Test("are compared one and all at first, get lists when it is tidied, and are found alike")
    func many() throws {
        var vectors = SyntheticVectors(seed: 31)
        let dimension = 16
        let listed = 40_000
        let all = vectors.rows(listed + 2_450, dimension: dimension, centres: 400, spread: 0.8)
        let index = try VectorIndex.filled(Array(all[..<(listed * dimension)]), dimension: dimension)
        try index.rebuild(threads: 2)
        let ids = (listed + 1...listed + 2_450).map { Int64($0) }
        try index.add(ids: ids, vectors: Array(all[(listed * dimension)...]), as: .many)
        // A sixteenth of 40,000: above what is left without lists by additions that come one by one.
        #expect(index.statistics.looseCount == 2_450)
        let probes = Array(all.suffix(40 * dimension))
        let answers = try index.search(probes: probes, k: 3, mode: .exact)
        #expect(answers.map { $0.first?.id } == ids.suffix(40).map { $0 })

        try index.tidy(threads: 2)
        #expect(index.statistics.looseCount == 0 && index.count == listed + 2_450)
        #expect(try index.search(probes: probes, k: 3, mode: .exact) == answers)

        // Whatever comes one by one afterwards finds an index as it always was.
        try index.add(ids: [Int64(listed + 2_451)], vectors: Array(all[..<dimension]))
        #expect(index.statistics.looseCount == 1)
    }
}
