import VectorIndex

/// Vectors by a rule: that of id i is row i modulo the number of rows.
///
/// A reader of it allocates nothing.
@safe final class RepeatingSource: VectorSource, @unchecked Sendable {
    // Unchecked and safe: the rows are written by the initialiser only, and freed with their owner.
    let rows: [Float]
    let dimension: Int
    private let floats: UnsafeMutablePointer<Float>

    init(_ rows: [Float], dimension: Int) {
        self.rows = rows
        self.dimension = dimension
        unsafe floats = .allocate(capacity: rows.count)
        for (place, float) in rows.enumerated() { unsafe (floats + place).initialize(to: float) }
    }

    deinit { unsafe floats.deallocate() }

    var rowCount: Int { rows.count / dimension }

    func vector(of id: Int64) -> [Float] {
        let row = Int(id) % rowCount
        return Array(rows[row * dimension..<(row + 1) * dimension])
    }

    func vectors(of ids: [Int64]) -> [Float] { ids.flatMap(vector(of:)) }

    func reading(_ body: (any VectorReader) throws(IndexError) -> Void) throws(IndexError) {
        try body(unsafe Reader(floats: floats, rowCount: rowCount, dimension: dimension))
    }

    @safe private struct Reader: VectorReader {
        let floats: UnsafeMutablePointer<Float>
        let rowCount: Int
        let dimension: Int

        func vector(of id: Int64) -> UnsafePointer<Float>? {
            guard id >= 0 else { return nil }
            return unsafe UnsafePointer(floats + Int(id) % rowCount * dimension)
        }
    }
}
