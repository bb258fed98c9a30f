import CSearchKernels
import Testing
import VectorIndex

@Suite("Wide vectors in lists") struct WideTests {
    /// `count` unit vectors, each between two of few; made in C, where that many numbers take no time.
    static func rows(_ count: Int, dimension: Int, seed: UInt64) -> [Float] {
        var vectors = SyntheticVectors(seed: seed)
        let few = vectors.rows(240, dimension: dimension, centres: 240, spread: 1)
        var rows = [Float](repeating: 0, count: count * dimension)
        unsafe rows.withUnsafeMutableBufferPointer { rows in
            guard let start = rows.baseAddress else { return }
            for row in 0..<count {
                let other = (row / 240 + row + 1) % 240
                unsafe csk_mix_rows(
                    few, row % 240, other, dimension, Double(row % 89 + 30) / 100, start + row * dimension)
            }
        }
        return rows
    }

    @Test("give exact answers, and approximate ones as asked")
    func answers() throws {
        // At 2,048 training alone takes longer than a test may.
        let dimension = 512
        let count = VectorIndex.listsFrom
        let rows = Self.rows(count, dimension: dimension, seed: UInt64(dimension))
        let index = try VectorIndex.filled(rows, dimension: dimension)
        try index.rebuild(threads: 2)
        #expect(index.statistics.lists > 0 && index.statistics.looseCount == 0)
        var random = SyntheticVectors(seed: 5)
        var probes: [Float] = []
        for row in [3, 700, 9_000, 19_999] {
            probes += random.unit(around: Array(rows[row * dimension..<(row + 1) * dimension]), spread: 0.8)
        }
        let exact = try index.search(probes: probes, k: 20, mode: .exact)
        let near = try index.search(probes: probes, k: 20, mode: .maxSearchLoss(0.001))
        guard let kernel = unsafe csk_kernel_named("portable") else { return }
        for probe in 0..<4 {
            let own = Array(probes[probe * dimension..<(probe + 1) * dimension])
            var similarities = [Float](repeating: 0, count: count)
            unsafe kernel.pointee.rows(own, rows, count, dimension, &similarities)
            let all = similarities.enumerated().map { Neighbour(id: Int64($0 + 1), similarity: $1) }
            let best = Array(all.filter { $0.similarity >= exact[probe][19].similarity }.sorted().prefix(20))
            #expect(exact[probe] == best, "probe \(probe)")
            #expect(near[probe].first == best.first, "probe \(probe)")
        }
    }
}
