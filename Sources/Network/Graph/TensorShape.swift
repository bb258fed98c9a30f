/// The size of one image's values: channels × height × width for planes of pixels, else any number of axes.
public struct TensorShape: Hashable, Sendable, CustomStringConvertible {
    /// Sizes of the axes, the slowest first.
    public var sizes: [Int]

    /// Planes of pixels.
    public init(channels: Int, height: Int, width: Int) { sizes = [channels, height, width] }

    /// Any number of axes.
    public init(_ sizes: [Int]) { self.sizes = sizes }

    /// Planes of values; the first axis where there are no planes.
    public var channels: Int { sizes.first ?? 1 }
    /// Rows of a plane; 1 if there are none.
    public var height: Int { sizes.count > 1 ? sizes[1] : 1 }
    /// Columns of a plane; 1 if there are none.
    public var width: Int { sizes.count > 2 ? sizes[2] : 1 }
    /// Whether it is channels × height × width.
    public var isPlanes: Bool { sizes.count == 3 }

    /// Values of one image.
    public var count: Int { sizes.reduce(1, *) }

    /// The most numbers that one value of an image may have: 512 MiB of them.
    static let mostNumbers = 1 << 27

    /// Whether it has no more numbers than that, and no more axes than oneDNN takes beside the batch.
    var isReasonable: Bool {
        var count = 1
        for size in sizes {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow, product <= Self.mostNumbers else { return false }
            count = product
        }
        return sizes.count < 8
    }

    /// `channels×height×width`.
    public var description: String { sizes.map(String.init).joined(separator: "×") }
}

/// Rows and columns.
public struct Extent: Hashable, Sendable, CustomStringConvertible {
    /// Along the height.
    public var rows: Int
    /// Along the width.
    public var columns: Int

    /// One number for each direction.
    public init(rows: Int, columns: Int) { (self.rows, self.columns) = (rows, columns) }

    /// The same number for both.
    public init(_ both: Int) { (rows, columns) = (both, both) }

    /// `rows×columns`.
    public var description: String { "\(rows)×\(columns)" }

    /// As oneDNN takes it.
    package var list: [Int64] { [Int64(rows), Int64(columns)] }
}

/// A rectangular window that slides over planes; sizes in pixels.
public struct Window: Hashable, Sendable {
    /// Height and width of the window.
    public var height: Int, width: Int
    /// Step between two windows.
    public var step: Extent
    /// Step between two pixels of a window; 1 for neighbours.
    public var spacing = Extent(1)
    /// Zeros above and left of the planes, and below and right of them.
    public var before: Extent, after: Extent

    /// A square window, with as many zeros on all sides.
    public init(_ side: Int, stride: Int = 1, padding: Int = 0) {
        self.init(height: side, width: side, stride: stride, padding: padding)
    }

    /// A window of any shape, with as many zeros on all sides.
    public init(height: Int, width: Int, stride: Int = 1, padding: Int = 0) {
        (self.height, self.width) = (height, width)
        step = Extent(stride)
        (before, after) = (Extent(padding), Extent(padding))
    }

    /// A window over all of a plane.
    public init(over shape: TensorShape) { self.init(height: shape.height, width: shape.width) }

    /// Pixels left out between two of a window, as oneDNN takes them.
    package var gaps: [Int64] { spacing.list.map { $0 - 1 } }

    /// How many windows fit: `(size + zeros - window) / step + 1` of each side, nil when none does.
    func output(of input: TensorShape) -> (height: Int, width: Int)? {
        func count(_ size: Int, _ window: Int, _ way: KeyPath<Extent, Int>) -> Int? {
            let numbers = [size, window, step[keyPath: way], spacing[keyPath: way]]
            let zeros = [before[keyPath: way], after[keyPath: way]]
            guard numbers.allSatisfy({ (1...1 << 20).contains($0) }),
                zeros.allSatisfy({ (0...1 << 20).contains($0) })
            else { return nil }
            let rest = size + zeros[0] + zeros[1] - ((window - 1) * spacing[keyPath: way] + 1)
            return rest < 0 ? nil : rest / step[keyPath: way] + 1
        }
        guard let rows = count(input.height, height, \.rows), let columns = count(input.width, width, \.columns)
        else { return nil }
        return (rows, columns)
    }
}
