/// The sums of groups of templates, and how alike two groups are.
struct GroupVectors {
    private static let lanes = 16
    private let stride: Int
    private let dimension: Int
    private var sums: [Float]
    /// How many faces a group has.
    private(set) var sizes: [Double]
    private var lengths: [Double]

    /// Groups of equal faces: `weights[i]` times the template at `templates[i · dimension]`.
    init(templates: [Float], dimension: Int, weights: [Int]) {
        self.dimension = dimension
        stride = (dimension + Self.lanes - 1) / Self.lanes * Self.lanes
        sums = Array(repeating: 0, count: weights.count * stride)
        sizes = weights.map(Double.init)
        lengths = sizes
        for group in weights.indices {
            for i in 0..<dimension {
                sums[group * stride + i] = templates[group * dimension + i] * Float(weights[group])
            }
            lengths[group] = product(group, group).squareRoot()
        }
    }

    /// How alike two groups are, −1…1: the mean of two measures, each of which is the cosine for single faces.
    ///
    /// One is the mean cosine of all pairs of faces from both groups, the other the cosine of the groups' sums. The
    /// first alone holds large groups of one person apart, because photos differ more than people do; the second alone
    /// brings groups of different people together, because sums of many photos all point towards the mean face.
    func likeness(_ one: Int, _ other: Int) -> Double {
        let product = product(one, other)
        let mean = product / (sizes[one] * sizes[other])
        return (mean + product / max(lengths[one] * lengths[other], 1e-30)) / 2
    }

    /// Adds a group to another one.
    mutating func merge(_ other: Int, into one: Int) {
        for i in 0..<stride { sums[one * stride + i] += sums[other * stride + i] }
        sizes[one] += sizes[other]
        lengths[one] = product(one, one).squareRoot()
    }

    /// A group's sum scaled to length 1.
    func direction(_ group: Int) -> [Float] {
        let scale = Float(1 / max(lengths[group], 1e-30))
        return sums[group * stride..<group * stride + dimension].map { $0 * scale }
    }

    /// In lanes that are fixed here, so that every processor adds in the same order.
    private func product(_ one: Int, _ other: Int) -> Double {
        var total = SIMD16<Float>()
        unsafe sums.withUnsafeBufferPointer { sums in
            guard let base = sums.baseAddress else { return }
            let first = unsafe UnsafeRawPointer(base + one * stride)
            let second = unsafe UnsafeRawPointer(base + other * stride)
            for offset in Swift.stride(from: 0, to: stride * 4, by: Self.lanes * 4) {
                total +=
                    unsafe first.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self)
                    * second.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self)
            }
        }
        return Double(total.sum())
    }
}
