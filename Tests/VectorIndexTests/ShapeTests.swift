import CSearchKernels
import TestSupport
import Testing

@testable import VectorIndex

@Suite("Galleries of every shape") struct ShapeTests {
    struct Shape: CustomTestStringConvertible, Sendable {
        let name: String
        let dimension: Int
        let centres: Int
        let spread: Float
        var copies = 1
        var testDescription: String { "\(name), \(dimension) dimensions" }

        /// Vectors that lists are made of, with ids from 1 on.
        func rows() -> [Float] {
            var vectors = SyntheticVectors(seed: 31)
            let count = VectorIndex.listsFrom / copies
            let some = vectors.rows(count, dimension: dimension, centres: min(centres, count), spread: spread)
            return Array((0..<copies).map { _ in some }.joined())
        }
    }

    static let shapes = [
        Shape(name: "uniform", dimension: 16, centres: 20_000, spread: 1),
        Shape(name: "tight clusters", dimension: 16, centres: 40, spread: 0.01),
        Shape(name: "uniform", dimension: 20, centres: 20_000, spread: 1),
        Shape(name: "duplicates", dimension: 20, centres: 20_000, spread: 1, copies: 8),
        Shape(name: "all equal", dimension: 17, centres: 1, spread: 0),
        Shape(name: "on a line", dimension: 33, centres: 2, spread: 0),
    ]

    static func probes(_ shape: Shape, _ rows: [Float]) -> [Float] {
        var vectors = SyntheticVectors(seed: 32)
        var probes = vectors.rows(4, dimension: shape.dimension, centres: 4, spread: 1)
        for row in [0, 7, 11, 500] {
            let own = Array(rows[row * shape.dimension..<(row + 1) * shape.dimension])
            probes += own + vectors.unit(around: own, spread: 0.7)
        }
        return probes
    }

    @Test("give the exact answers of comparing everything, and approximate ones as asked", arguments: shapes)
    func exact(_ shape: Shape) throws {
        let rows = shape.rows()
        let dimension = shape.dimension
        let index = try VectorIndex.filled(rows, dimension: dimension)
        try index.rebuild(threads: 2)
        #expect(index.statistics.lists > 0)
        // Some in no list, some removed in lists and out of them.
        var oracle: [Int64: [Float]] = [:]
        for row in 0..<rows.count / dimension {
            oracle[Int64(row + 1)] = Array(rows[row * dimension..<(row + 1) * dimension])
        }
        var vectors = SyntheticVectors(seed: 33)
        let more = vectors.rows(150, dimension: dimension, centres: 150, spread: 1)
        try index.add(ids: (0..<150).map { 40_000 + $0 }, vectors: more)
        for row in 0..<150 {
            oracle[Int64(40_000 + row)] = Array(more[row * dimension..<(row + 1) * dimension])
        }
        let gone: [Int64] = [1, 2, 8, 64, 65, 19_999, 40_000, 40_149]
        #expect(index.remove(ids: gone) == gone.count)
        for id in gone { oracle[id] = nil }

        let probes = Self.probes(shape, rows)
        let everyProbe = 0..<probes.count / dimension
        let best = everyProbe.map {
            BruteForce.answers(probes[$0 * dimension..<($0 + 1) * dimension], oracle, k: 100)
        }
        for k in [1, 10, 100] {
            let found = try index.search(probes: probes, k: k, mode: .exact)
            let near = try index.search(probes: probes, k: k, mode: .maxSearchLoss(0.001))
            for probe in everyProbe {
                let own = probes[probe * dimension..<(probe + 1) * dimension]
                let wanted = Array(best[probe].prefix(k))
                #expect(found[probe] == wanted, "probe \(probe), \(k) neighbours")
                // A best answer as good as the best; every answer a true one, once.
                #expect(near[probe].first?.similarity == wanted[0].similarity, "probe \(probe)")
                #expect(near[probe].count == k && Set(near[probe].map(\.id)).count == k)
                for answer in near[probe] {
                    #expect(oracle[answer.id].map { BruteForce.product(Array(own), $0) } == answer.similarity)
                }
                #expect(near[probe] == near[probe].sorted())
            }
        }
        let all = try index.search(probes: probes, k: 10_000, mode: .exact)
        let wide = try index.search(probes: probes, k: 10_000, mode: .maxSearchLoss(0.05))
        #expect(all[1] == BruteForce.answers(probes[dimension..<2 * dimension], oracle, k: 10_000))
        #expect(wide.allSatisfy { $0.count == 10_000 && Set($0.map(\.id)).count == 10_000 })
        try Self.expectSameWithEveryKernel(index, probes)
    }

    /// The same index, searched with each instruction set.
    static func expectSameWithEveryKernel(_ index: VectorIndex, _ probes: [Float]) throws {
        for k in [1, 10, 500] {
            for pruning in [nil, Pruning(code: 3, list: 4), Pruning(code: 1, list: 1)] {
                let wanted = try #require(try answers("portable", index, probes, k, pruning))
                for name in ["avx2", "avx512"] {
                    guard let found = try answers(name, index, probes, k, pruning) else { continue }
                    #expect(found == wanted, "\(name), \(k) neighbours, pruning \(String(describing: pruning))")
                }
            }
        }
    }

    static func answers(
        _ name: String, _ index: VectorIndex, _ probes: [Float], _ k: Int, _ pruning: Pruning?
    ) throws -> [[Neighbour]]? {
        guard let table = unsafe csk_kernel_named(name) else { return nil }
        let view = SearchView(index.state, kernel: unsafe Kernel(table: table))
        let answers = NeighbourTable(probes: probes.count / index.dimension, k: k)
        var work = csk_work()
        try unsafe probes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            try unsafe index.run(
                view, start, buffer.count / index.dimension, k, pruning, nil, answers.ids, answers.similarities,
                answers.counts, &work)
        }
        return answers.neighbours
    }

    @Test(
        "of few vectors give what comparing everything gives, and no more than there are",
        arguments: [1, 2, 3, 16, 20, 63, 64, 65, 128, 512, 2_048])
    func small(dimension: Int) throws {
        var vectors = SyntheticVectors(seed: UInt64(dimension))
        let index = try VectorIndex(dimension: dimension)
        let probes = vectors.rows(3, dimension: dimension, centres: 3, spread: 1)
        for mode in [IndexSearchMode.exact, .maxSearchLoss(0.01)] {
            #expect(try index.search(probes: probes, k: 10_000, mode: mode) == [[], [], []])
            #expect(try index.search(probes: [], k: 1, mode: mode).isEmpty)
        }
        var oracle: [Int64: [Float]] = [:]
        for (number, count) in [1, 1, 61, 1, 1, 64, 71].enumerated() {
            let rows = vectors.rows(count, dimension: dimension, centres: count, spread: 1)
            let ids = (0..<count).map { Int64(number * 100 + $0) }
            try index.add(ids: ids, vectors: rows)
            for (row, id) in ids.enumerated() {
                oracle[id] = Array(rows[row * dimension..<(row + 1) * dimension])
            }
            for mode in [IndexSearchMode.exact, .maxSearchLoss(0.01)] {
                let all = try index.search(probes: probes, k: 10_000, mode: mode)
                let best = try index.search(probes: probes, k: 1, mode: mode)
                for probe in 0..<3 {
                    let own = probes[probe * dimension..<(probe + 1) * dimension]
                    #expect(all[probe] == BruteForce.answers(own, oracle, k: 10_000))
                    #expect(best[probe] == Array(all[probe].prefix(1)))
                }
            }
        }
        try Self.expectSameWithEveryKernel(index, probes)
    }

    @Test("of more rows than bytes can tell apart lose no best answer")
    func huge() throws {
        let dimension = 32
        var vectors = SyntheticVectors(seed: 36)
        let rows = vectors.rows(20_000, dimension: dimension, centres: 2, spread: 0.01)
        let index = try VectorIndex.filled(rows, dimension: dimension)
        try index.rebuild(threads: 2)
        let probes = Array(rows[..<(200 * dimension)])
        let exact = try index.search(probes: probes, k: 3, mode: .exact)
        #expect(try index.search(probes: probes, k: 3, mode: .maxSearchLoss(0.001)) == exact)
    }

    @Test("find what is nearest though lengths are not quite 1, probes' and vectors'")
    func lengths() throws {
        // The second number lies between two of the steps that its row is kept in, as far from both as can be.
        let first: Float = 0.8
        let step = first / 127
        for number in 90..<97 {
            let second = (Float(number) + 0.499) * step
            let length = (first * first + second * second).squareRoot()
            guard abs(length - 1) < 0.0099 else { continue }
            for other in [second, -second] {
                let index = try VectorIndex(dimension: 2)
                try index.add(ids: [1], vectors: [first, other])
                for probe in [[Float(0), 1.0099], [0, -1.0099], [0.5, 0.87], [0, 0.9901]] {
                    let found = try index.search(probes: probe, k: 1, mode: .exact)
                    #expect(
                        found[0] == BruteForce.answers(probe[...], [1: [first, other]], k: 1),
                        "\(other) with \(probe)")
                }
            }
        }
    }
}
