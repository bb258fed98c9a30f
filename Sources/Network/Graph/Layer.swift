/// The size of one image's values: channels × height × width.
public struct Shape: Hashable, Sendable, CustomStringConvertible {
    /// Planes of values.
    public var channels: Int
    /// Rows of a plane.
    public var height: Int
    /// Columns of a plane.
    public var width: Int

    /// A shape of three positive sizes.
    public init(channels: Int, height: Int, width: Int) {
        self.channels = channels
        self.height = height
        self.width = width
    }

    /// Values of one image.
    public var count: Int { channels * height * width }

    /// `channels×height×width`.
    public var description: String { "\(channels)×\(height)×\(width)" }
}

/// A rectangular window that slides over planes; sizes in pixels, padding the same on both sides.
public struct Window: Hashable, Sendable {
    /// Height and width of the window.
    public var height: Int, width: Int
    /// Step between two windows.
    public var stride: Int
    /// Zeros around the planes, above and below.
    public var padding: Int

    /// A square window.
    public init(_ side: Int, stride: Int = 1, padding: Int = 0) {
        (height, width) = (side, side)
        self.stride = stride
        self.padding = padding
    }

    /// A window of any shape.
    public init(height: Int, width: Int, stride: Int = 1, padding: Int = 0) {
        (self.height, self.width) = (height, width)
        self.stride = stride
        self.padding = padding
    }

    /// How many windows fit: `(size + 2 padding - window) / stride + 1` of each side, nil when none does.
    func output(of input: Shape) -> (height: Int, width: Int)? {
        guard height > 0, width > 0, stride > 0, padding >= 0 else { return nil }
        let rows = input.height + 2 * padding - height
        let columns = input.width + 2 * padding - width
        guard rows >= 0, columns >= 0 else { return nil }
        return (rows / stride + 1, columns / stride + 1)
    }
}

/// One operation of a network, without its weights.
///
/// The parameters a layer names are tensors of the file of weights: `<layer's name>.<parameter>`.
public enum Layer: Hashable, Sendable {
    /// The network's input.
    case input(Shape)
    /// Cross-correlation: `weight` filters × channels/groups × height × width and, if `bias`, `bias` filters.
    case convolution(filters: Int, window: Window, groups: Int, bias: Bool)
    /// `x × scale + shift`, a number each per channel.
    case affine
    /// `(x - mean) / √(variance + epsilon) × scale + shift`, a number each per channel.
    case batchNormalization(epsilon: Float)
    /// `max(x, 0)`.
    case relu
    /// `x` where it is positive, elsewhere `x × slope`, a number per channel (He et al., 2015).
    case prelu
    /// While training, values are zeroed with probability `rate` and the rest divided by `1 - rate`; else `x`.
    case dropout(rate: Float)
    /// The largest value of each window; padding never wins.
    case maxPooling(Window)
    /// The mean of each window, over the pixels that exist.
    case averagePooling(Window)
    /// The mean of each plane: channels × 1 × 1.
    case globalAveragePooling
    /// The sum of two inputs; the smaller is filled with zeros at the end of each axis.
    case add
    /// `weight × x`, outputs × inputs, over all values of an image, and `bias` if there is one.
    case fullyConnected(outputs: Int, bias: Bool)

    /// How many inputs the layer takes.
    var inputCount: Int {
        switch self {
        case .input: 0
        case .add: 2
        default: 1
        }
    }

    /// The shape of the layer's output, or why it cannot take these inputs.
    func outputShape(of inputs: [Shape]) -> Result<Shape, Misfit> {
        guard inputs.count == inputCount else {
            return .failure("takes \(inputCount) inputs, has \(inputs.count)")
        }
        if case .input(let shape) = self {
            let positive = shape.channels > 0 && shape.height > 0 && shape.width > 0
            return positive ? .success(shape) : .failure("the shape \(shape) is empty")
        }
        let input = inputs[0]
        switch self {
        case .input, .affine, .batchNormalization, .relu, .prelu:
            return .success(input)
        case .dropout(let rate):
            return rate >= 0 && rate < 1 ? .success(input) : .failure("a rate of \(rate) is outside 0..<1")
        case .convolution(let filters, let window, let groups, _):
            guard filters > 0, groups > 0, filters % groups == 0, input.channels % groups == 0 else {
                return .failure(
                    "\(groups) groups divide neither \(filters) filters nor \(input.channels) channels")
            }
            return slide(window, over: input, channels: filters)
        case .maxPooling(let window), .averagePooling(let window):
            guard window.padding < window.height, window.padding < window.width else {
                return .failure("padding \(window.padding) leaves windows without a pixel")
            }
            return slide(window, over: input, channels: input.channels)
        case .globalAveragePooling:
            return .success(Shape(channels: input.channels, height: 1, width: 1))
        case .add:
            return .success(
                Shape(
                    channels: max(input.channels, inputs[1].channels),
                    height: max(input.height, inputs[1].height),
                    width: max(input.width, inputs[1].width)))
        case .fullyConnected(let outputs, _):
            guard outputs > 0 else { return .failure("\(outputs) outputs") }
            return .success(Shape(channels: outputs, height: 1, width: 1))
        }
    }

    /// The tensors the layer needs, by the last part of their name, for an input shape.
    func parameters(input: Shape) -> [(name: String, shape: [Int])] {
        switch self {
        case .convolution(let filters, let window, let groups, let bias):
            [("weight", [filters, input.channels / groups, window.height, window.width])]
                + (bias ? [("bias", [filters])] : [])
        case .affine:
            [("scale", [input.channels]), ("shift", [input.channels])]
        case .batchNormalization:
            ["scale", "shift", "mean", "variance"].map { ($0, [input.channels]) }
        case .prelu: [("slope", [input.channels])]
        case .fullyConnected(let outputs, let bias):
            [("weight", [outputs, input.count])] + (bias ? [("bias", [outputs])] : [])
        default: []
        }
    }

    private func slide(_ window: Window, over input: Shape, channels: Int) -> Result<Shape, Misfit> {
        guard let (height, width) = window.output(of: input) else {
            return .failure("a \(window.height)×\(window.width) window does not fit into \(input)")
        }
        return .success(Shape(channels: channels, height: height, width: width))
    }
}

/// Why a layer cannot take its inputs.
struct Misfit: Error, ExpressibleByStringInterpolation {
    let reason: String
    init(stringLiteral value: String) { reason = value }
}
