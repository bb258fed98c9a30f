import Synchronization
import TestSupport
import Testing
import VectorIndex

@Suite("Concurrent use") struct ConcurrencyTests {
    static let dimension = 8

    @Test("searches see whole states while others add, remove, rebuild and save")
    func everythingAtOnce() async throws {
        let folder = try TemporaryFolder()
        var vectors = SyntheticVectors(seed: 21)
        let start = vectors.rows(20_000, dimension: Self.dimension, centres: 40, spread: 0.6)
        let more = vectors.rows(2_000, dimension: Self.dimension, centres: 40, spread: 0.6)
        let probes = vectors.rows(4, dimension: Self.dimension, centres: 4, spread: 0.6)
        let index = try VectorIndex.filled(start, dimension: Self.dimension)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Pairs come and go together: whoever sees one sees the other.
                for pair in 0..<1_000 {
                    let rows = Array(more[pair * 2 * Self.dimension..<(pair + 1) * 2 * Self.dimension])
                    try index.add(ids: [Int64(30_000 + 2 * pair), Int64(30_001 + 2 * pair)], vectors: rows)
                    if pair % 3 == 0 {
                        #expect(index.remove(ids: [Int64(30_000 + 2 * pair), Int64(30_001 + 2 * pair)]) == 2)
                    }
                }
            }
            group.addTask {
                for _ in 0..<2 {
                    try index.rebuild(threads: 1)
                    try index.save(to: folder.file("index"), fingerprint: "net")
                }
            }
            for _ in 0..<2 {
                group.addTask {
                    for _ in 0..<15 {
                        let before = index.count
                        let found = try index.search(probes: probes, k: 10_000, mode: .exact, threads: 2)
                        #expect(before >= 20_000 && found.allSatisfy { $0.count == 10_000 })
                        var seen = Set<Int64>()
                        index.forEachID { if $0 >= 30_000 { seen.insert($0) } }
                        #expect(seen.allSatisfy { seen.contains($0 ^ 1) }, "half a pair was visible")
                        _ = index.contains(30_500)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(index.count == 20_000 + 2_000 - 334 * 2)
        for pair in 0..<1_000 {
            #expect(index.contains(Int64(30_000 + 2 * pair)) == (pair % 3 != 0))
        }
        let wanted = try index.search(probes: probes, k: 100, mode: .exact)
        try index.rebuild(threads: 2)
        #expect(try index.search(probes: probes, k: 100, mode: .exact) == wanted)
        try index.save(to: folder.file("index"), fingerprint: "net")
        let opened = try VectorIndex.open(
            directory: folder.file("index"), fingerprint: "net", dimension: Self.dimension,
            source: index.source)
        #expect(try opened?.search(probes: probes, k: 100, mode: .exact) == wanted)
    }

    private final class Saving: Sendable { let isOver = Atomic(false) }

    @Test("an index opens while another saves")
    func openWhileSaving() async throws {
        let folder = try TemporaryFolder()
        // One with lists, whose opening takes long enough for files to be taken away from under it.
        let index = try SavedIndexTests.large()
        let (start, vector) = (index.count, try #require(index.vector(of: 1)))
        try index.save(to: folder.file("index"), fingerprint: "net")
        let saving = Saving()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { saving.isOver.store(true, ordering: .releasing) }
                for id in 0..<40 {
                    try index.add(ids: [Int64(1_000_000 + id)], vectors: vector)
                    try index.save(to: folder.file("index"), fingerprint: "net")
                }
            }
            group.addTask {
                while !saving.isOver.load(ordering: .acquiring) {
                    let opened = try VectorIndex.open(
                        directory: folder.file("index"), fingerprint: "net",
                        dimension: SavedIndexTests.dimension)
                    #expect((opened?.count ?? 0) >= start)
                }
            }
            try await group.waitForAll()
        }
    }
}
