/// Operations that imported networks are made of beyond the layers that training knows.
///
/// Axes are those of one image: 0 is the first after the batch.
public enum GraphOperation: Hashable, Sendable {
    /// Numbers that do not depend on the image: `value`.
    case constant(TensorShape)
    /// A function of each number.
    case activation(Activation)
    /// A function of the numbers of two inputs at the same place.
    case combination(Combination)
    /// The mean of each window, in which padding counts as zeros.
    case averageWithPadding(Window)
    /// The same numbers under another shape: −1 is what is left, 0 keeps the size at that place.
    case reshape([Int])
    /// Axes in another order: the first of the result is the first that is named.
    case transpose([Int])
    /// Inputs one after the other along an axis.
    case concatenation(axis: Int)
    /// Every `step`-th of an axis from `start`, `count` of them; nil for as many as there are.
    case slice(axis: Int, start: Int, step: Int, count: Int?)
    /// Numbers around the values: so many before and after along each axis.
    case padding(before: [Int], after: [Int], Border)
    /// Planes of another size.
    case resize(Resizing)
    /// One number for all along some axes.
    case reduction(Reduction, axes: [Int], keepsAxes: Bool)
    /// `e^x` over the sum of those along an axis, or its logarithm.
    case softmax(axis: Int, logarithm: Bool)
    /// Mean 0 and variance 1 over the axes from `axis` on, then times `scale` plus `shift`.
    case layerNormalization(axis: Int, epsilon: Float)
    /// Mean 0 and variance 1 over each plane, then times `scale` plus `shift` of the channel.
    case instanceNormalization(epsilon: Float)
    /// Divided by the length (of power 1 or 2) along an axis.
    case unitLength(axis: Int, power: Int)
    /// The product of the matrices in the last two axes.
    case matrixProduct

    /// What padding is filled with.
    public enum Border: Hashable, Sendable {
        /// One number, the value at the edge, or what a mirror at the edge shows.
        case constant(Float), edge, reflection
    }

    /// What stands for several numbers.
    public enum Reduction: String, Hashable, Sendable {
        /// Their mean, sum, largest, smallest.
        case mean, sum, maximum, minimum
        /// The sum of their magnitudes, the root of the sum of their squares, that sum itself.
        case l1, l2, squares
    }

    /// How planes are resized.
    public struct Resizing: Hashable, Sendable {
        /// How many times as many rows and columns.
        public var scale: (rows: Float, columns: Float) { (rowScale, columnScale) }
        /// The size to reach, where it does not follow from the scale.
        public var size: Extent?
        /// Whether numbers between pixels are interpolated; otherwise the nearest is taken.
        public var isLinear: Bool
        /// Where a place of the result is in the input, and which pixel is nearest.
        public var coordinates: Coordinates, rounding: Rounding
        var rowScale: Float, columnScale: Float

        /// Names as in ONNX's `Resize`.
        public enum Coordinates: String, Hashable, Sendable {
            case halfPixel = "half_pixel", asymmetric, alignCorners = "align_corners"
            case pytorchHalfPixel = "pytorch_half_pixel"
        }

        /// Names as in ONNX's `Resize`.
        public enum Rounding: String, Hashable, Sendable {
            case preferFloor = "round_prefer_floor", preferCeil = "round_prefer_ceil", floor, ceil
        }

        /// By a scale, or to a size.
        public init(
            rowScale: Float = 1, columnScale: Float = 1, size: Extent? = nil, isLinear: Bool,
            coordinates: Coordinates, rounding: Rounding = .preferFloor
        ) {
            (self.rowScale, self.columnScale, self.size) = (rowScale, columnScale, size)
            (self.isLinear, self.coordinates, self.rounding) = (isLinear, coordinates, rounding)
        }
    }
}
