import Testing

@testable import VectorIndex

@Suite("Approximate search") struct ApproximateSearchTests {
    struct World: CustomTestStringConvertible, Sendable {
        let name: String
        let rows: Int
        let dimension: Int
        let centres: Int
        let spread: Float
        var testDescription: String { name }
    }

    static let worlds = [
        World(name: "clustered", rows: 50_000, dimension: 32, centres: 400, spread: 0.5),
        World(name: "concentrated", rows: 30_000, dimension: 32, centres: 1, spread: 0.6),
        World(name: "isotropic", rows: 20_000, dimension: 128, centres: 20_000, spread: 1),
    ]

    @Test("the measured loss stays below the loss asked for", arguments: worlds)
    func loss(_ world: World) throws {
        var vectors = SyntheticVectors(seed: 7)
        let rows = vectors.rows(
            world.rows, dimension: world.dimension, centres: world.centres, spread: world.spread)
        let index = try VectorIndex.filled(rows, dimension: world.dimension)
        #expect(index.needsRebuild)
        #expect(try index.rebuildIfNeeded(threads: 2) && !index.needsRebuild)
        let facts = index.statistics
        #expect(facts.lists > 50 && facts.looseCount == 0 && facts.count == world.rows)

        // A third of the probes are at about 0.8 to a reference, a third at 0.5, a third between two.
        var probes: [Float] = []
        for _ in 0..<200 {
            let row = Int(vectors.bits()) % world.rows
            let own = Array(rows[row * world.dimension..<(row + 1) * world.dimension])
            probes += vectors.unit(around: own, spread: 0.7)
        }
        for _ in 0..<200 {
            let row = Int(vectors.bits()) % world.rows
            let own = Array(rows[row * world.dimension..<(row + 1) * world.dimension])
            probes += vectors.unit(around: own, spread: 1.7)
        }
        for _ in 0..<200 {
            let row = Int(vectors.bits()) % (world.rows - 1)
            let range = row * world.dimension..<(row + 1) * world.dimension
            let next = (row + 1) * world.dimension..<(row + 2) * world.dimension
            probes += SyntheticVectors.normalised(zip(rows[range], rows[next]).map { $0 + 0.9 * $1 })
        }
        let exact = try index.search(probes: probes, k: 1, mode: .exact)
        for asked in [0.05, 0.01, 0.001] {
            let found = try index.search(probes: probes, k: 1, mode: .maxSearchLoss(asked))
            let missed = zip(exact, found).count { $0 != $1 }
            let loss = Double(missed) / Double(exact.count)
            let read = facts.calibration.first { $0.loss <= asked }?.codesRead ?? 1
            print(
                "search loss, \(world.name), \(world.rows) x \(world.dimension), seed 7: asked \(asked), measured \(loss)",
                "with typically \(Int(100 * read)) % of the codes")
            #expect(loss <= asked, "\(missed) of \(exact.count) best answers missed")
        }
        #expect(try index.search(probes: probes, k: 1, mode: .maxSearchLoss(0)) == exact)
    }

    @Test("a probe unlike all vectors is searched as widely as its kind needs, however little others need")
    func farProbes() throws {
        var vectors = SyntheticVectors(seed: 8)
        let rows = vectors.rows(VectorIndex.listsFrom, dimension: 16, centres: 400, spread: 0.3)
        let index = try VectorIndex.filled(rows, dimension: 16)
        try index.rebuild(threads: 2)
        let probes = vectors.rows(100, dimension: 16, centres: 100, spread: 1)
        let exact = try index.search(probes: probes, k: 1, mode: .exact)
        let far = exact.indices.filter { exact[$0][0].similarity < 0.9 }
        #expect(far.count > 50)
        for (nearFrom, findsAll) in [(Float(0.9), true), (-2, false)] {
            index.update { state in
                let row = Calibration.Row(
                    loss: 0.5, pruning: Pruning(code: 0, list: 0), farPruning: Pruning(code: 1e6, list: 1e6),
                    measured: 0, codesRead: 0)
                state.calibration = Calibration(rows: [row], probes: 1, nearFrom: nearFrom)
            }
            let found = try index.search(probes: probes, k: 1, mode: .maxSearchLoss(0.5))
            #expect(far.allSatisfy { found[$0] == exact[$0] } == findsAll)
        }
    }
}
