import Testing
import VectorIndex

@Suite("A comparison of an index with vectors") struct AgreementTests {
    @Test("tells of each, in lists and in none, that is another or missing, and of no other")
    func disagreements() throws {
        let dimension = 16
        var vectors = SyntheticVectors(seed: 81)
        var rows = vectors.rows(20_100, dimension: dimension, centres: 40, spread: 0.5)
        let index = try VectorIndex.filled(Array(rows[..<(20_000 * dimension)]), dimension: dimension)
        try index.rebuild(threads: 2)
        try index.add(ids: Array(20_001...20_100), vectors: Array(rows[(20_000 * dimension)...]))
        #expect(index.statistics.looseCount == 100)
        var told: [Int64: Disagreement] = [:]
        try index.forEachDisagreement { told[$0] = $1 }
        #expect(told.isEmpty)
        func range(_ id: Int) -> Range<Int> { (id - 1) * dimension..<id * dimension }
        let (seventh, eighth) = (Array(rows[range(7)]), Array(rows[range(8)]))
        rows.replaceSubrange(range(7), with: eighth)
        rows.replaceSubrange(range(8), with: seventh)
        rows.replaceSubrange(range(20_050), with: seventh)
        let other = VectorTable(dimension: dimension)
        for id in 1...20_100 where id != 9 && id != 20_060 {
            try unsafe Array(rows[range(id)]).withUnsafeBufferPointer {
                try unsafe other.add(ids: [Int64(id)], vectors: $0)
            }
        }
        try index.forEachDisagreement(with: other) { told[$0] = $1 }
        #expect(
            told == [7: .different, 8: .different, 20_050: .different, 9: .missing, 20_060: .missing])
    }
}
