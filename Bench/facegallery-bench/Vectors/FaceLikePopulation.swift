import VectorFiles

/// Face-like unit vectors, drawn from the statistics of a network's real ones.
///
/// A subject's centre is mean + between · z, a photo of it centre + within · w, scaled to length 1; z and w are
/// standard normal. `Bench/Data/README.md` says what the statistics are.
struct FaceLikePopulation: Population {
    let dimension: Int
    private let mean: [Float]
    /// The rows of between and within, one behind the other.
    private let spread: RowPanels
    private let key: NumberKey

    /// Vectors made at once: their random numbers stay in the nearest cache.
    private static let block = 32

    /// Reads `mean.npy`, `between.npy` and `within.npy` of a folder.
    ///
    /// - Throws: `VectorFileError`, or `BenchFault` where the shapes do not fit together.
    init(folder: String, seed: UInt64) throws {
        let mean = try NpyMatrixMap(path: "\(folder)/mean.npy")
        let size = mean.columns
        let parts = try ["between", "within"].map { try NpyMatrixMap(path: "\(folder)/\($0).npy") }
        guard mean.rows == 1, size > 0, parts.allSatisfy({ $0.rows == size && $0.columns == size }) else {
            throw BenchFault("\(folder): mean, between and within are not of one dimension")
        }
        let (between, within) = (parts[0].floats(0..<size), parts[1].floats(0..<size))
        var rows: [Float] = []
        for row in 0..<size {
            let range = row * size..<(row + 1) * size
            rows += between[range]
            rows += within[range]
        }
        let panels = RowPanels(capacity: size, dimension: 2 * size)
        unsafe rows.withUnsafeBufferPointer { buffer in
            if let start = buffer.baseAddress { unsafe panels.load(start, count: size) }
        }
        spread = panels
        self.mean = mean.floats(0..<1)
        dimension = size
        key = NumberKey(seed: seed)
    }

    func fill(_ out: UnsafeMutableBufferPointer<Float>, first: Int, photo: Int) {
        let total = out.count / dimension
        let stride = RowPanels.padded(dimension)
        unsafe withUnsafeTemporaryAllocation(
            of: Float.self, capacity: Self.block * (2 * dimension + stride)
        ) { scratch in
            let normals = unsafe UnsafeMutableBufferPointer(rebasing: scratch[..<(Self.block * 2 * dimension)])
            let sums = unsafe UnsafeMutableBufferPointer(rebasing: scratch[(Self.block * 2 * dimension)...])
            guard let start = normals.baseAddress, let products = sums.baseAddress else { return }
            for begin in Swift.stride(from: 0, to: total, by: Self.block) {
                let count = min(Self.block, total - begin)
                for row in 0..<count {
                    let subject = key.part(first + begin + row)
                    let half = unsafe start + row * 2 * dimension
                    unsafe subject.fillNormals(UnsafeMutableBufferPointer(start: half, count: dimension))
                    unsafe subject.part(photo).fillNormals(
                        UnsafeMutableBufferPointer(start: half + dimension, count: dimension))
                }
                unsafe spread.products(
                    of: start, count: count, panelRows: dimension, into: products, stride: stride)
                for row in 0..<count {
                    let target = unsafe UnsafeMutableBufferPointer(
                        rebasing: out[(begin + row) * dimension..<(begin + row + 1) * dimension])
                    for place in 0..<dimension {
                        unsafe target[place] = mean[place] + products[row * stride + place]
                    }
                    unsafe scaleToUnit(target)
                }
            }
        }
    }
}
