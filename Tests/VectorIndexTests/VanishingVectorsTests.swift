import Synchronization
import Testing

@testable import VectorIndex

/// Vectors of which some go away, as those of people who are removed while an index is built.
private final class VanishingSource: VectorSource {
    let inner: RepeatingSource
    let vanishing: Set<Int64>
    /// Readings in which all are there.
    private let left: Mutex<Int>

    init(dimension: Int, vanishing: Set<Int64>, afterReadings count: Int) {
        var vectors = SyntheticVectors(seed: 73)
        inner = RepeatingSource(
            vectors.rows(21_000, dimension: dimension, centres: 50, spread: 0.6), dimension: dimension)
        self.vanishing = vanishing
        left = Mutex(count)
    }

    func reading(_ body: (any VectorReader) throws(IndexError) -> Void) throws(IndexError) {
        let isWhole = left.withLock { left in
            left -= 1
            return left >= 0
        }
        try inner.reading { reader throws(IndexError) in
            try body(isWhole ? reader : Reader(inner: reader, vanished: vanishing))
        }
    }

    private struct Reader: VectorReader {
        let inner: any VectorReader
        let vanished: Set<Int64>

        func vector(of id: Int64) -> UnsafePointer<Float>? {
            unsafe vanished.contains(id) ? nil : inner.vector(of: id)
        }
    }
}

@Suite("A vector that goes away while an index is built") struct VanishingVectorsTests {
    @Test("is not in the index, whether its list was chosen before or not", arguments: 0...2)
    func building(readings: Int) throws {
        // The first and the last of a batch, and of all.
        let gone: Set<Int64> = [1, 1_024, 1_025, 7_777, 20_500]
        let source = VanishingSource(dimension: 8, vanishing: gone, afterReadings: readings)
        let index = try VectorIndex(dimension: 8, source: source)
        try index.build(
            ids: Array(1...20_500), position: .init(highestID: 20_500, removals: 0), threads: 1)
        #expect(index.count == 20_500 - gone.count && index.statistics.lists > 0)
        #expect(index.state.contradictionOfRows == nil)
        for id in gone {
            #expect(!index.contains(id) && index.vector(of: id) == nil)
            for mode in [IndexSearchMode.exact, .maxSearchLoss(0.01)] {
                let found = try index.search(probes: source.inner.vector(of: id), k: 5, mode: mode)[0]
                #expect(found.count == 5 && !found.contains { gone.contains($0.id) }, "\(id)")
            }
        }
        #expect(index.contains(2) && index.contains(20_499))
    }
}
