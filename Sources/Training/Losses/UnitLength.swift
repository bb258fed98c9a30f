/// The scaling of embeddings to length 1, and the way back for gradients.
public struct UnitLength {
    /// Rows scaled to Euclidean length 1, and the lengths they had.
    ///
    /// - Throws: `notFinite` when a row holds NaN or infinity, `zeroEmbedding` when a row has no length.
    public static func forward(
        _ rows: [Float], dimension: Int
    ) throws(TrainingError) -> (rows: [Float], lengths: [Float]) {
        guard dimension > 0, rows.count.isMultiple(of: dimension) else {
            throw .badArgument(name: "batch", reason: "has \(rows.count) numbers, not rows of \(dimension)")
        }
        var unit = rows
        var lengths = [Float](repeating: 0, count: rows.count / dimension)
        var values = unit.mutableSpan
        for row in 0..<lengths.count {
            let range = row * dimension..<(row + 1) * dimension
            var sum: Double = 0
            for i in range { sum += Double(values[i]) * Double(values[i]) }
            let length = Float(sum.squareRoot())
            guard length.isFinite else { throw .notFinite(what: "embeddings") }
            guard length >= Float.leastNormalMagnitude else { throw .zeroEmbedding(row: row) }
            lengths[row] = length
            for i in range { values[i] /= length }
        }
        return (unit, lengths)
    }

    /// The gradient by the rows as they were before `forward`: its part across the unit row, divided by the
    /// length.
    ///
    /// - Precondition: `gradient` and `rows` have `lengths.count` × `dimension` numbers.
    public static func backward(
        _ gradient: [Float], unit rows: [Float], lengths: [Float], dimension: Int
    ) -> [Float] {
        precondition(gradient.count == rows.count && rows.count == lengths.count * dimension)
        var result = gradient
        var out = result.mutableSpan
        let unit = rows.span
        for row in 0..<lengths.count {
            let range = row * dimension..<(row + 1) * dimension
            var along: Double = 0
            for i in range { along += Double(out[i]) * Double(unit[i]) }
            let (part, scale) = (Float(along), 1 / lengths[row])
            for i in range { out[i] = (out[i] - part * unit[i]) * scale }
        }
        return result
    }
}
