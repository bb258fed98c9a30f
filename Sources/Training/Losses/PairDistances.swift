/// The squared Euclidean distances of all pairs of a batch, from one matrix product.
struct PairDistances {
    let rows: Matrix
    /// count × count; symmetric, 0 on the diagonal, never negative.
    let squared: [Float]
    let isCollapsed: Bool

    var count: Int { rows.rows }

    init(_ values: [Float], dimension: Int) throws(TrainingError) {
        let count = values.count / dimension
        rows = Matrix(values: values, rows: count, columns: dimension)
        var matrix = try rows.times(rows.transposed)
        let lengths = (0..<count).map { matrix[$0 * count + $0] }
        var (least, most) = (Float.infinity, -Float.infinity)
        var d = matrix.mutableSpan
        for i in 0..<count {
            d[i * count + i] = 0
            for j in i + 1..<max(count, i + 1) {
                // Rounding can take a distance of equal rows below 0.
                let distance = max(lengths[i] + lengths[j] - 2 * d[i * count + j], 0)
                d[i * count + j] = distance
                d[j * count + i] = distance
                least = min(least, distance)
                most = max(most, distance)
            }
        }
        squared = matrix
        isCollapsed = count > 2 && most - least < LossResult.collapseSpread
    }

    /// The gradient by the rows of a loss whose derivative by squared distance (i, j) is `slopes[i][j]`.
    ///
    /// A slope may stand on either side of the diagonal, or be shared by both.
    func gradient(_ slopes: [Float]) throws(TrainingError) -> [Float] {
        // Σ_j 2 s_ij (x_i − x_j) with s the slopes of both sides: a matrix times the rows.
        var matrix = [Float](repeating: 0, count: count * count)
        var out = matrix.mutableSpan
        let slopes = slopes.span
        for i in 0..<count {
            var sum: Float = 0
            for j in 0..<count {
                let both = slopes[i * count + j] + slopes[j * count + i]
                out[i * count + j] = -2 * both
                sum += both
            }
            out[i * count + i] += 2 * sum
        }
        return try Matrix(values: matrix, rows: count, columns: count).times(rows)
    }
}
