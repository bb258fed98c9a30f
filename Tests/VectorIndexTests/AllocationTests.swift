import CTestMemory
import Testing
import VectorIndex

@Suite("Memory") struct AllocationTests {
    static let dimension = 32

    /// Whether this process counts what it allocates; under a sanitizer it does not.
    static let isCounted: Bool = {
        let before = ctest_allocations()
        unsafe UnsafeMutablePointer<Int>.allocate(capacity: 100).deallocate()
        return ctest_allocations() > before
    }()

    /// How often this thread asks for memory in a hundred searches that follow some like them.
    static func allocations(_ index: VectorIndex, probes: [Float], k: Int, mode: IndexSearchMode) throws -> Int
    {
        let count = probes.count / dimension
        var ids = [Int64](repeating: 0, count: count * k)
        var similarities = [Float](repeating: 0, count: count * k)
        var counts = [Int](repeating: 0, count: count)
        return try unsafe probes.withUnsafeBufferPointer { probes in
            try unsafe ids.withUnsafeMutableBufferPointer { ids in
                try unsafe similarities.withUnsafeMutableBufferPointer { similarities in
                    try unsafe counts.withUnsafeMutableBufferPointer { counts in
                        func search() throws {
                            try unsafe index.search(
                                probes: probes, k: k, mode: mode, ids: ids, similarities: similarities,
                                counts: counts)
                        }
                        for _ in 0..<3 { try search() }
                        let before = ctest_allocations()
                        for _ in 0..<(count > 10 ? 5 : 100) { try search() }
                        return Int(ctest_allocations() - before)
                    }
                }
            }
        }
    }

    @Test("is not asked for by searches that follow others like them", .enabled(if: isCounted))
    func none() throws {
        var random = SyntheticVectors(seed: 51)
        let rows = random.rows(5_000, dimension: Self.dimension, centres: 30, spread: 0.6)
        let source = RepeatingSource(rows, dimension: Self.dimension)
        let small = try VectorIndex.filled(rows, dimension: Self.dimension)
        let large = try VectorIndex(dimension: Self.dimension, source: source)
        try large.build(
            ids: Array(0..<Int64(VectorIndex.listsFrom)), position: .init(highestID: 0, removals: 0), threads: 2
        )
        let changed = try VectorIndex.filled(rows, dimension: Self.dimension)
        try changed.add(ids: Array(10_000..<30_000), vectors: source.vectors(of: Array(10_000..<30_000)))
        try changed.rebuild(threads: 2)
        try changed.add(ids: Array(40_000..<40_300), vectors: source.vectors(of: Array(40_000..<40_300)))
        changed.remove(ids: Array(100..<300) + Array(40_100..<40_120))
        let one = Array(rows[..<Self.dimension])
        // Like nothing there: searched twice.
        let stranger = random.rows(1, dimension: Self.dimension, centres: 1, spread: 1)
        let many = Array(rows[..<(300 * Self.dimension)])
        for (name, index) in [("small", small), ("large", large), ("changed", changed)] {
            for mode in [IndexSearchMode.exact, .maxSearchLoss(0.01)] {
                for (probes, k) in [(one, 1), (one, 10), (stranger, 10), (one, 1_000), (many, 10)] {
                    let count = try Self.allocations(index, probes: probes, k: k, mode: mode)
                    #expect(
                        count == 0,
                        "\(name), \(mode), \(probes.count / Self.dimension) probes, \(k) neighbours: \(count)")
                }
            }
        }
    }
}
