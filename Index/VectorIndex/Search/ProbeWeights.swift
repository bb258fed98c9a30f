/// How much each direction matters to products with probes, as a matrix and its inverse, both symmetric.
///
/// Probes are taken to be like the vectors themselves.
struct ProbeWeights {
    /// Row-major; makes all directions matter alike.
    let stretch: [Float]
    let shrink: [Float]

    /// Directions of less than this part of the mean square count as if they had it: no direction is given up.
    private static let floor: Float = 0.05

    /// The root of the second moments of `rows` vectors, scaled so that lengths stay about what they are.
    init(_ sample: [Float], _ rows: Int, _ training: QuantizerTraining) throws(IndexError) {
        let dimension = training.dimension
        let (axes, squares) = try training.principalAxes(sample, rows)
        let mean = max(squares.reduce(0, +) / Float(dimension), 1e-12)
        let lengths = squares.map { ((max($0, 0) + Self.floor * mean) / mean).squareRoot() }
        var columns = [Float](repeating: 0, count: dimension * dimension)
        for axis in 0..<dimension {
            for place in 0..<dimension { columns[place * dimension + axis] = axes[axis * dimension + place] }
        }
        func matrix(_ scales: [Float]) -> [Float] {
            var scaled = columns
            for place in scaled.indices { scaled[place] *= scales[place % dimension] }
            // Entry (i, j): the sum over axes of axis[i] · scale · axis[j].
            return training.turned(columns, by: scaled)
        }
        stretch = matrix(lengths)
        shrink = matrix(lengths.map { 1 / $0 })
    }
}
