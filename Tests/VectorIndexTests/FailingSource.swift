import Synchronization

@testable import VectorIndex

/// Vectors by a rule, from a source that can be unplugged.
final class FailingSource: VectorSource {
    let inner: RepeatingSource
    /// How many readings succeed before one fails; nil where all do.
    private let left = Mutex<Int?>(nil)

    init(dimension: Int) {
        var vectors = SyntheticVectors(seed: 71)
        inner = RepeatingSource(
            vectors.rows(30_000, dimension: dimension, centres: 50, spread: 0.6), dimension: dimension)
    }

    /// Lets so many readings succeed, and none after them.
    func fail(atReading number: Int?) { left.withLock { $0 = number } }

    func reading(_ body: (any VectorReader) throws(IndexError) -> Void) throws(IndexError) {
        let isUnplugged = left.withLock { left in
            guard let number = left else { return false }
            left = max(0, number - 1)
            return number == 0
        }
        if isUnplugged { throw .source("unplugged") }
        try inner.reading(body)
    }
}
