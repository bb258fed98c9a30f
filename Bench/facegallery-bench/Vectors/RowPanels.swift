/// Rows of a matrix laid out for inner products with many other rows: eight side by side, number after number.
///
/// Products are rounded before they are added, in order of the numbers: equal on every machine.
@safe final class RowPanels: @unchecked Sendable {
    // Unchecked: the memory is written in `init` and in `load`, which one thread calls while no other reads.
    typealias Lanes = SIMD8<Float>
    static let width = Lanes.scalarCount

    /// Rows that fit.
    let capacity: Int
    let dimension: Int
    private let numbers: UnsafeMutablePointer<Lanes>

    init(capacity: Int, dimension: Int) {
        self.capacity = capacity
        self.dimension = dimension
        unsafe numbers = .allocate(capacity: max(1, Self.padded(capacity) / Self.width * dimension))
        unsafe numbers.initialize(repeating: .zero, count: Self.padded(capacity) / Self.width * dimension)
    }

    deinit { unsafe numbers.deallocate() }

    /// A count of rows, filled up to whole panels.
    static func padded(_ rows: Int) -> Int { (rows + width - 1) / width * width }

    /// Takes in row-major rows, at most `capacity`.
    func load(_ rows: UnsafePointer<Float>, count: Int) {
        precondition(count <= capacity, "there is room for \(capacity) rows")
        for row in 0..<count {
            let (panel, lane) = (row / Self.width, row % Self.width)
            let source = unsafe rows + row * dimension
            let target = unsafe UnsafeMutableRawPointer(numbers + panel * dimension)
                .assumingMemoryBound(to: Float.self)
            for place in 0..<dimension { unsafe target[place * Self.width + lane] = source[place] }
        }
    }

    /// The inner products of `count` row-major rows with the first `panelRows` rows that were loaded.
    ///
    /// - Parameter out: `count` rows of `stride` numbers; `stride` is at least `padded(panelRows)`.
    func products(
        of rows: UnsafePointer<Float>, count: Int, panelRows: Int, into out: UnsafeMutablePointer<Float>,
        stride: Int
    ) {
        precondition(stride >= Self.padded(panelRows), "a row of products needs room for whole panels")
        let panels = (panelRows + Self.width - 1) / Self.width
        var row = 0
        while row + 4 <= count {
            let a = unsafe rows + row * dimension
            let (b, c, d) = unsafe (a + dimension, a + 2 * dimension, a + 3 * dimension)
            for panel in 0..<panels {
                let lanes = unsafe numbers + panel * dimension
                var (sumA, sumB, sumC, sumD) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
                for place in 0..<dimension {
                    let some = unsafe lanes[place]
                    unsafe sumA += some * a[place]
                    unsafe sumB += some * b[place]
                    unsafe sumC += some * c[place]
                    unsafe sumD += some * d[place]
                }
                let target = unsafe UnsafeMutableRawPointer(out + row * stride + panel * Self.width)
                unsafe target.storeBytes(of: sumA, as: Lanes.self)
                unsafe (target + stride * 4).storeBytes(of: sumB, as: Lanes.self)
                unsafe (target + stride * 8).storeBytes(of: sumC, as: Lanes.self)
                unsafe (target + stride * 12).storeBytes(of: sumD, as: Lanes.self)
            }
            row += 4
        }
        while row < count {
            let a = unsafe rows + row * dimension
            for panel in 0..<panels {
                let lanes = unsafe numbers + panel * dimension
                var sum = Lanes.zero
                for place in 0..<dimension { unsafe sum += lanes[place] * a[place] }
                unsafe UnsafeMutableRawPointer(out + row * stride + panel * Self.width)
                    .storeBytes(of: sum, as: Lanes.self)
            }
            row += 1
        }
    }
}
