import Synchronization
import Testing

@testable import VectorIndex

/// Lists are made anew while everything else goes on: what was told is never unsaid.
@Suite("Retraining") struct RetrainingTests {
    static let dimension = 8
    static let start: Int64 = 20_500

    /// How far the changes have been told to whoever asked for them.
    final class Told: Sendable {
        let added = Atomic(Int(RetrainingTests.start))
        let removed = Atomic(0)
        let isOver = Atomic(false)
    }

    static func source() -> RepeatingSource {
        var vectors = SyntheticVectors(seed: 71)
        return RepeatingSource(
            vectors.rows(30_000, dimension: dimension, centres: 50, spread: 0.6), dimension: dimension)
    }

    /// One search in one of the modes, held against what had been told before it began.
    static func search(_ index: VectorIndex, _ source: RepeatingSource, _ told: Told, turn: Int) throws {
        let removed = Int64(told.removed.load(ordering: .acquiring))
        let newest = Int64(told.added.load(ordering: .acquiring))
        let mode = turn.isMultiple(of: 2) ? IndexSearchMode.exact : .maxSearchLoss(0.01)
        // The newest, one that was removed, and one that is among the first.
        let asked = [newest, max(1, removed), start - Int64(turn % 100)]
        let found = try index.search(probes: source.vectors(of: asked), k: 5, mode: mode)
        for (id, answers) in zip(asked, found) {
            #expect(answers.count == 5 && Set(answers.map(\.id)).count == 5 && answers == answers.sorted())
            #expect(!answers.contains { $0.id <= removed }, "\(id): a removed id in \(answers)")
            let own = source.vector(of: id)
            for answer in answers {
                #expect(BruteForce.product(own, source.vector(of: answer.id)) == answer.similarity)
            }
        }
        if mode == .exact { #expect(found[0][0].id == newest && found[2][0].id == asked[2]) }
        #expect(index.contains(newest) && !index.contains(max(1, removed) == 1 ? 0 : removed))
    }

    @Test("twice while vectors come, go and are searched for loses nothing that was told")
    func underLoad() async throws {
        let source = Self.source()
        let index = try VectorIndex(dimension: Self.dimension, source: source)
        try index.build(
            ids: Array(1...Self.start), position: .init(highestID: Self.start, removals: 0), threads: 2)
        let told = Told()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { told.isOver.store(true, ordering: .releasing) }
                // On a busy machine the others may not have begun when the second ends.
                var turns = 0
                while turns < 2 || told.removed.load(ordering: .acquiring) == 0
                    || told.added.load(ordering: .acquiring) == Int(Self.start)
                {
                    try index.rebuild(threads: 1)
                    turns += 1
                    await Task.yield()
                }
            }
            group.addTask {
                while !told.isOver.load(ordering: .acquiring), told.added.load(ordering: .relaxed) < 29_000 {
                    let first = Int64(told.added.load(ordering: .relaxed)) + 1
                    let ids = Array(first..<first + 40)
                    try index.add(ids: ids, vectors: source.vectors(of: ids))
                    told.added.store(Int(first) + 39, ordering: .releasing)
                    await Task.yield()
                }
            }
            group.addTask {
                while !told.isOver.load(ordering: .acquiring), told.removed.load(ordering: .relaxed) < 6_000 {
                    let first = Int64(told.removed.load(ordering: .relaxed)) + 1
                    #expect(index.remove(ids: Array(first..<first + 30)) == 30)
                    told.removed.store(Int(first) + 29, ordering: .releasing)
                    await Task.yield()
                }
            }
            for task in 0..<2 {
                group.addTask {
                    var turn = task
                    repeat {
                        try Self.search(index, source, told, turn: turn)
                        turn += 1
                        await Task.yield()
                    } while !told.isOver.load(ordering: .acquiring)
                }
            }
            try await group.waitForAll()
        }
        let (added, removed) = (told.added.load(ordering: .acquiring), told.removed.load(ordering: .acquiring))
        #expect(removed > 0 && added > Int(Self.start))
        #expect(index.count == added - removed && index.statistics.lists > 0)
        var rows: [Int64: [Float]] = [:]
        for id in Int64(removed) + 1...Int64(added) { rows[id] = source.vector(of: id) }
        #expect(index.state.sortedIDs() == rows.keys.sorted())
        let probes = source.vectors(of: [1, 25_000, 29_999])
        let found = try index.search(probes: probes, k: 50, mode: .exact)
        for probe in 0..<3 {
            let own = probes[probe * Self.dimension..<(probe + 1) * Self.dimension]
            #expect(found[probe] == BruteForce.answers(own, rows, k: 50))
        }
    }
}
