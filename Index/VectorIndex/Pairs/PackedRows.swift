internal import CSearchKernels

/// Rows as bytes in tiles, with what bounds the products that the bytes cannot tell.
///
/// With the mean *m* of all rows, row *a* is *m + y*, and *y* is *q* bytes of one step plus an error *e*. Then
/// *a·b = m·m + m·y + m·y' + y·y'*, and by Cauchy and Schwarz *y·y'* is the product of bytes, give or take
/// *‖e‖‖y'‖ + ‖q‖‖e'‖*: what a row adds to that bound and what a column adds can be told apart, so that both go into
/// the sum before the first product. Taking off the mean makes the bytes of templates that are in a cone as fine as
/// those of others.
@safe final class PackedRows: @unchecked Sendable {
    // Unchecked and safe: written by the initialiser only, freed by deinit.
    let bytes: UnsafeMutablePointer<Int8>
    let sums: UnsafeMutablePointer<Int32>
    /// For each row, what its product with the mean and its error may add to a similarity.
    private let rowTerms: UnsafeMutablePointer<Float>
    /// The same of a row that is a column.
    private let columnTerms: UnsafeMutablePointer<Float>
    let count: Int
    let width: Int
    /// One unit of a product of bytes, as a similarity.
    private let unit: Double

    static let tileRows = Int(csk_tile_rows)
    /// More than float32 rounds off a similarity.
    private static let rounding: Float = 1e-5
    /// Sums stay within 32 bits with a row's and a column's start and any products.
    private static let furthest = Double(1 << 29)
    /// Rows whose largest number decides the step.
    private static let sampled = 4096

    var tiles: Int { (count + Self.tileRows - 1) / Self.tileRows }

    /// Packs rows; O(count · dimension).
    init(_ vectors: LentVectors) {
        count = vectors.count
        width = (vectors.dimension + 3) / 4 * 4
        let tiles = (count + Self.tileRows - 1) / Self.tileRows
        let rows = max(1, tiles * Self.tileRows)
        unsafe bytes = .allocate(capacity: rows * width)
        unsafe bytes.initialize(repeating: 0, count: rows * width)
        unsafe sums = .allocate(capacity: rows)
        unsafe sums.initialize(repeating: 0, count: rows)
        unsafe rowTerms = .allocate(capacity: rows)
        unsafe columnTerms = .allocate(capacity: rows)
        // Rows that fill up a tile are near nobody.
        unsafe rowTerms.initialize(repeating: -.infinity, count: rows)
        unsafe columnTerms.initialize(repeating: -.infinity, count: rows)
        let mean = Self.mean(of: vectors)
        let step = Self.step(of: vectors, mean)
        unit = Double(step) * Double(step)
        fill(vectors, mean, step)
    }

    deinit {
        unsafe bytes.deallocate()
        unsafe sums.deallocate()
        unsafe rowTerms.deallocate()
        unsafe columnTerms.deallocate()
    }

    /// The mean of all rows.
    static func mean(of vectors: LentVectors) -> [Float] {
        var sums = [Double](repeating: 0, count: vectors.dimension)
        for row in 0..<vectors.count { unsafe csk_add_to_sums(vectors[row], vectors.dimension, &sums) }
        return sums.map { Float($0 / Double(max(1, vectors.count))) }
    }

    private static func step(of vectors: LentVectors, _ mean: [Float]) -> Float {
        var reach: Float = 0
        for row in stride(from: 0, to: vectors.count, by: max(1, vectors.count / sampled)) {
            reach = unsafe max(reach, csk_row_reach(vectors[row], mean, vectors.dimension))
        }
        // Where all rows are one, any step will do.
        return max(reach / 127, 1e-4)
    }

    private func fill(_ vectors: LentVectors, _ mean: [Float], _ step: Float) {
        var errors = [Float](repeating: 0, count: count)
        var (longest, worst): (Float, Float) = (0, 0)
        for row in 0..<count {
            var facts = csk_tile_facts()
            let tile = unsafe bytes + row / Self.tileRows * Self.tileRows * width
            unsafe sums[row] = csk_fill_lane(
                vectors[row], mean, vectors.dimension, step, tile, row % Self.tileRows, &facts)
            unsafe rowTerms[row] = facts.along_mean
            errors[row] = facts.error
            longest = max(longest, facts.length)
            worst = max(worst, facts.error)
        }
        let square = mean.reduce(0) { $0 + $1 * $1 }
        for row in 0..<count {
            let along = unsafe rowTerms[row]
            unsafe columnTerms[row] = along + (longest + worst) * errors[row] + square
            unsafe rowTerms[row] = along + errors[row] * longest + Self.rounding
        }
    }

    /// What the sums of a tile's rows begin with.
    func rowStarts(_ tile: Int, into starts: UnsafeMutablePointer<Int32>) {
        for lane in 0..<Self.tileRows {
            unsafe starts[lane] = whole(Double(rowTerms[tile * Self.tileRows + lane]) / unit)
        }
    }

    /// What the sums of columns begin with, so that one below 0 tells a similarity below `least`.
    func columnStarts(tiles: Range<Int>, least: Float, into starts: UnsafeMutablePointer<Int32>) {
        let first = tiles.lowerBound * Self.tileRows
        for column in 0..<tiles.count * Self.tileRows {
            unsafe starts[column] = whole((Double(columnTerms[first + column]) - Double(least)) / unit)
        }
    }

    private func whole(_ start: Double) -> Int32 {
        // Of vectors that are no numbers nothing is known: such a pair is left to the comparison of the vectors.
        guard start.isFinite else { return Int32(Self.furthest) }
        return Int32(min(max(start.rounded(.up), -Self.furthest), Self.furthest))
    }
}
