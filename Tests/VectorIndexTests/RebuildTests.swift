import Dispatch
import Synchronization
import Testing
import VectorIndex

@Suite("A rebuild") struct RebuildTests {
    static let dimension = 16

    static func rows(_ count: Int, seed: UInt64, centres: Int = 60, spread: Float = 0.5) -> [Float] {
        var vectors = SyntheticVectors(seed: seed)
        return vectors.rows(count, dimension: dimension, centres: centres, spread: spread)
    }

    static func answers(_ index: VectorIndex) throws -> [[Neighbour]] {
        try index.search(probes: rows(30, seed: 99), k: 50, mode: .exact)
    }

    @Test("keeps every exact answer, of lists, additions and what was removed")
    func keepsAnswers() throws {
        let index = try VectorIndex.filled(Self.rows(21_000, seed: 1), dimension: Self.dimension)
        index.remove(ids: [1, 2, 3])
        let before = try Self.answers(index)
        try index.rebuild(threads: 2)
        #expect(try Self.answers(index) == before)
        #expect(index.statistics.tombstones == 0 && index.statistics.trainedCount == 20_997)
        // Again from lists, a tail and removals of both.
        try index.add(ids: Array(50_000..<51_000), vectors: Self.rows(1_000, seed: 2))
        let best = try #require(try Self.answers(index)[0].first)
        #expect(index.remove(ids: [best.id, 50_001, 4]) == 3)
        let changed = try Self.answers(index)
        #expect(changed[0].first != best && !changed.joined().contains { $0.id == best.id })
        try index.rebuild(threads: 1)
        #expect(try Self.answers(index) == changed)
        #expect(index.count == 21_994 && index.statistics.looseCount == 0)
        #expect(!index.contains(best.id) && index.contains(50_000) && index.vector(of: 4) == nil)
    }

    @Test("is due when much was added or removed, and not before")
    func due() throws {
        let index = try VectorIndex.filled(Self.rows(19_999, seed: 3), dimension: Self.dimension)
        #expect(!index.needsRebuild)
        #expect(try !index.rebuildIfNeeded())
        try index.add(ids: [30_000], vectors: Array(Self.rows(1, seed: 4)))
        #expect(index.needsRebuild)
        #expect(try index.rebuildIfNeeded(threads: 2))
        #expect(!index.needsRebuild && index.statistics.lists > 0)
        // Vectors unlike those that codes were made for.
        try index.add(ids: Array(40_000..<60_000), vectors: Self.rows(20_000, seed: 5))
        #expect(index.needsRebuild)
        try index.rebuild(threads: 2)
        #expect(!index.needsRebuild)
        #expect(index.remove(ids: Array(1...19_999)) == 19_999)
        #expect(!index.needsRebuild)
        index.remove(ids: Array(40_000..<50_002))
        #expect(index.needsRebuild)
        // Far below the limit the lists go.
        try index.rebuild(threads: 2)
        #expect(index.count == 9_999 && index.statistics.lists == 0 && !index.needsRebuild)
    }

    @Test("is made once by two threads that find it due")
    func once() throws {
        let index = try VectorIndex.filled(Self.rows(20_000, seed: 30), dimension: Self.dimension)
        let rebuilds = Mutex(0)
        // Both ask before the first is done: it takes much longer than asking.
        DispatchQueue.concurrentPerform(iterations: 2) { _ in
            if (try? index.rebuildIfNeeded()) == true { rebuilds.withLock { $0 += 1 } }
        }
        #expect(rebuilds.withLock { $0 } == 1)
        #expect(!index.needsRebuild)
    }

    @Test("is due when there are four times as many vectors as at the last training")
    func grown() throws {
        let rows = Self.rows(81_000, seed: 14)
        let index = try VectorIndex.filled(Array(rows[..<(20_000 * Self.dimension)]), dimension: Self.dimension)
        try index.rebuild(threads: 2)
        for first in stride(from: 20_000, to: 80_000, by: 10_000) {
            #expect(!index.needsRebuild)
            try index.add(
                ids: (first..<first + 10_000).map { Int64($0 + 1) },
                vectors: Array(rows[first * Self.dimension..<(first + 10_000) * Self.dimension]))
        }
        #expect(!index.needsRebuild && index.statistics.parts < 5)
        try index.add(
            ids: [90_000], vectors: Array(rows[(80_000 * Self.dimension)..<(80_001 * Self.dimension)]))
        #expect(index.needsRebuild)
    }

    @Test("is not needed for the room of what was removed to come back")
    func roomComesBack() throws {
        let index = try VectorIndex.filled(Self.rows(40_000, seed: 15), dimension: Self.dimension)
        try index.rebuild(threads: 2)
        let before = index.statistics
        index.remove(ids: Array(1...7_000))
        #expect(index.statistics.tombstones == 7_000)
        index.remove(ids: Array(7_001...20_000))
        let after = index.statistics
        #expect(after.tombstones == 0 && after.count == 20_000)
        #expect(Double(after.bytes) < 0.6 * Double(before.bytes))
    }

    @Test(
        "is possible with vectors that are all equal, or fewer different ones than lists",
        arguments: [1, 3, 100])
    func fewDistinct(distinct: Int) throws {
        let index = try VectorIndex.filled(
            Self.rows(20_100, seed: 6, centres: distinct, spread: 0), dimension: Self.dimension)
        let before = try Self.answers(index)
        try index.rebuild(threads: 2)
        #expect(try Self.answers(index) == before)
        let probes = Self.rows(30, seed: 6, centres: distinct, spread: 0)
        let exact = try index.search(probes: probes, k: 3, mode: .exact)
        // Among equal vectors the lowest ids answer.
        if distinct == 1 { #expect(exact[0].map(\.id) == [1, 2, 3]) }
        let found = try index.search(probes: probes, k: 1, mode: .maxSearchLoss(0.001))
        #expect(zip(found, exact).allSatisfy { $0[0].similarity == $1[0].similarity })
    }

    @Test("answers do not depend on the batch or the threads, and are as many as asked for")
    func samePieces() throws {
        let index = try VectorIndex.filled(Self.rows(22_000, seed: 8), dimension: Self.dimension)
        try index.rebuild(threads: 2)
        try index.add(ids: Array(50_000..<50_500), vectors: Self.rows(500, seed: 9))
        let probes = Self.rows(13, seed: 10)
        for mode in [IndexSearchMode.exact, .maxSearchLoss(0.02)] {
            let wanted = try index.search(probes: probes, k: 100, mode: mode)
            for threads in [2, 3, 8] {
                #expect(try index.search(probes: probes, k: 100, mode: mode, threads: threads) == wanted)
            }
            for probe in 0..<13 {
                let one = Array(probes[probe * Self.dimension..<(probe + 1) * Self.dimension])
                #expect(try index.search(probes: one, k: 100, mode: mode, threads: 2)[0] == wanted[probe])
            }
        }
        for mode in [IndexSearchMode.exact, .maxSearchLoss(0.2), .maxSearchLoss(1)] {
            #expect(try index.search(probes: probes, k: 10_000, mode: mode).allSatisfy { $0.count == 10_000 })
        }
        #expect(
            try index.search(probes: probes, k: 7, mode: .exact)[2]
                == Array(
                    index.search(probes: probes, k: 50, mode: .exact)[2].prefix(7)))
    }
}
