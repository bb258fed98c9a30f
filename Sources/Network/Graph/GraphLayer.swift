/// One operation of a network, without its weights.
///
/// The parameters a layer names are tensors of the file of weights: `<layer's name>.<parameter>`.
public enum GraphLayer: Hashable, Sendable {
    /// The network's input.
    case input(TensorShape)
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
    /// An operation of the kinds that imported networks use and training does not know.
    case operation(GraphOperation)

    /// How many inputs the layer takes, of `given` ones; some take any number.
    private func inputCount(_ given: Int) -> Int {
        switch self {
        case .input: 0
        case .add: 2
        case .operation(let operation): operation.inputCount ?? given
        default: 1
        }
    }

    /// The shape of the layer's output, or why it cannot take these inputs.
    func outputShape(of inputs: [TensorShape]) -> Result<TensorShape, Misfit> {
        let wanted = inputCount(inputs.count)
        guard inputs.count == wanted else {
            return .failure("takes \(wanted) inputs, has \(inputs.count)")
        }
        if case .input(let shape) = self {
            let positive = !shape.sizes.isEmpty && shape.sizes.allSatisfy { $0 > 0 }
            return positive ? .success(shape) : .failure("the shape \(shape) is empty")
        }
        if case .operation(let operation) = self { return operation.outputShape(of: inputs) }
        let input = inputs[0]
        guard !needsPlanes || input.isPlanes else {
            return .failure("its input \(input) is not channels × height × width")
        }
        switch self {
        case .input, .affine, .batchNormalization, .relu, .prelu, .operation:
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
            guard window.before.rows < window.height, window.before.columns < window.width,
                window.after.rows < window.height, window.after.columns < window.width
            else {
                return .failure("the padding \(window.before), \(window.after) leaves windows without a pixel")
            }
            return slide(window, over: input, channels: input.channels)
        case .globalAveragePooling:
            return .success(TensorShape(channels: input.channels, height: 1, width: 1))
        case .add:
            guard inputs[1].sizes.count == input.sizes.count else {
                return .failure("\(input) and \(inputs[1]) have different numbers of axes")
            }
            if input == inputs[1] { return .success(input) }
            guard input.isPlanes else { return .failure("\(input) and \(inputs[1]) are not alike") }
            return .success(
                TensorShape(
                    channels: max(input.channels, inputs[1].channels),
                    height: max(input.height, inputs[1].height),
                    width: max(input.width, inputs[1].width)))
        case .fullyConnected(let outputs, _):
            guard outputs > 0 else { return .failure("\(outputs) outputs") }
            return .success(
                input.isPlanes ? TensorShape(channels: outputs, height: 1, width: 1) : TensorShape([outputs]))
        }
    }

    /// Whether it reads planes of pixels, and nothing else.
    private var needsPlanes: Bool {
        switch self {
        case .convolution, .maxPooling, .averagePooling, .globalAveragePooling: true
        default: false
        }
    }

    /// The tensors the layer needs, by the last part of their name, for an input shape.
    func parameters(input: TensorShape) -> [(name: String, shape: [Int])] {
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
        case .operation(let operation): operation.parameters(input: input)
        default: []
        }
    }

    private func slide(_ window: Window, over input: TensorShape, channels: Int) -> Result<TensorShape, Misfit>
    {
        guard let (height, width) = window.output(of: input) else {
            return .failure("a \(window.height)×\(window.width) window does not fit into \(input)")
        }
        return .success(TensorShape(channels: channels, height: height, width: width))
    }
}

/// Why a layer cannot take its inputs.
struct Misfit: Error, ExpressibleByStringInterpolation {
    let reason: String
    init(stringLiteral value: String) { reason = value }
    init(_ reason: String) { self.reason = reason }
}
