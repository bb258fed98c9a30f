import Synchronization
import Testing

@testable import VectorIndex

/// Counts the vectors that are asked for.
private final class CountingSource: VectorSource {
    let inner: RepeatingSource
    let asked = Atomic(0)

    init(_ rows: [Float], dimension: Int) { inner = RepeatingSource(rows, dimension: dimension) }

    func reading(_ body: (any VectorReader) throws(IndexError) -> Void) throws(IndexError) {
        try inner.reading { reader throws(IndexError) in try body(Reader(inner: reader, source: self)) }
    }

    private struct Reader: VectorReader {
        let inner: any VectorReader
        let source: CountingSource

        func vector(of id: Int64) -> UnsafePointer<Float>? {
            source.asked.add(1, ordering: .relaxed)
            return unsafe inner.vector(of: id)
        }
    }
}

/// A placeholder photo that was enrolled for thousands must not make training slow.
@Suite("Training on vectors many of which are about equal") struct EqualVectorsTests {
    static let dimension = 8

    /// How many vectors a training asks for, for each vector that there is.
    static func asked(_ rows: [Float]) throws -> Double {
        let source = CountingSource(rows, dimension: dimension)
        let index = try VectorIndex(dimension: dimension, source: source)
        let count = Int64(rows.count / dimension)
        try index.build(ids: Array(1...count), position: .init(highestID: count, removals: 0), threads: 2)
        return Double(source.asked.load(ordering: .relaxed)) / Double(count)
    }

    @Test("asks for no more vectors than on others", arguments: ["equal", "two clusters"])
    func effort(kind: String) throws {
        var vectors = SyntheticVectors(seed: 101)
        var rows = vectors.rows(20_500, dimension: Self.dimension, centres: 20_500, spread: 0)
        let others = try Self.asked(rows)
        switch kind {
        case "equal": rows = vectors.rows(20_500, dimension: Self.dimension, centres: 1, spread: 0)
        default: rows = vectors.rows(20_500, dimension: Self.dimension, centres: 2, spread: 0.002)
        }
        let asked = try Self.asked(rows)
        #expect(asked < 2 * others + 10, "\(asked) for each vector, \(others) where all differ")
    }
}
