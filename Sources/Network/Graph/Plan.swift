/// A graph rewritten as the operations a machine executes: fewer than its layers, with their weights.
///
/// Factors per channel are multiplied into the weights before them, activations and the sum of a bridge become the
/// end of the operation before them, and sums of unlike shapes get their zeros from an operation of their own.
struct Plan: Sendable {
    /// Weights of a convolution or a fully connected layer, after everything that scales its output.
    struct Linear: Sendable {
        var weight: [Float]
        var bias: [Float]
        var activation: Activation?

        /// Multiplies each output by its scale and adds its shift.
        mutating func rescale(by scale: [Float], shift: [Float]) {
            let row = weight.count / bias.count
            for output in bias.indices {
                let factor = scale[output]
                for place in output * row..<(output + 1) * row { weight[place] *= factor }
                bias[output] = bias[output] * factor + shift[output]
            }
        }
    }

    enum Work: Sendable {
        /// If `onto` is a value, the result is added to it in place and takes its place.
        case convolution(Linear, Window, groups: Int, onto: Int?)
        case fullyConnected(Linear)
        case maxPooling(Window)
        case averagePooling(Window, countsPadding: Bool)
        case activation(Activation)
        /// A slope per channel; `inPlace` where nobody else reads the input.
        case prelu([Float], inPlace: Bool)
        /// A factor and a summand per channel, for values that are no planes.
        case affine([Float], [Float])
        /// Zeros at the end of each axis, up to the output's shape.
        case pad
        case add(Int, Activation?)
        /// The right input may have one number along an axis where the left has several.
        case combination(Combination, Int, Activation?)
        /// The same numbers, row-major, under another shape.
        case view
        /// Axes in another order: the first of the result is the first that is named.
        case transpose([Int])
        case concatenation([Int], axis: Int)
        /// Planes of another size, where oneDNN's rule is the network's.
        case resample(isLinear: Bool)
        case matrixProduct(Int)
        /// What oneDNN lacks, on row-major values.
        case kernel(Kernel)
    }

    struct Step: Sendable {
        var name: String
        var work: Work
        var input: Int
        var output: Int
    }

    /// Shape of each value for one image; steps name values by index.
    private(set) var shapes: [TensorShape] = []
    private(set) var steps: [Step] = []
    /// Values that are the same for every image.
    private(set) var constants: [Int: [Float]] = [:]
    /// What the network answers: names and values.
    private(set) var outputs: [(name: String, value: Int)] = []
    /// The value the network reads.
    let input = 0
    /// What each channel of the input is multiplied with and gains before anything else; nil for nothing.
    private(set) var inputScaling: (scale: [Float], shift: [Float])?

    /// Rewrites `graph` with the tensors of `weights`.
    ///
    /// - Throws: `badWeights` when a tensor is missing, misshapen or not finite.
    init(_ graph: Graph, weights: some WeightSource) throws(NetworkError) {
        let chains = Chains(graph)
        // The value of each node's output, once it is made.
        var values = [Int](repeating: -1, count: graph.nodes.count)
        for index in graph.nodes.indices {
            guard let chain = chains.ending(at: index) else { continue }
            values[index] = try value(of: chain, in: graph, chains, values, weights)
        }
        outputs = graph.outputs.map { ($0.name, values[$0.value.index]) }
    }

    /// Drops weights that a machine has taken over; shapes and steps stay.
    mutating func forgetWeights() {
        for index in steps.indices {
            switch steps[index].work {
            case .convolution(var linear, let window, let groups, let onto):
                linear.weight = []
                steps[index].work = .convolution(linear, window, groups: groups, onto: onto)
            case .fullyConnected(var linear):
                linear.weight = []
                steps[index].work = .fullyConnected(linear)
            default: break
            }
        }
    }

    mutating func newValue(_ shape: TensorShape) -> Int {
        shapes.append(shape)
        return shapes.count - 1
    }

    mutating func emit(_ name: String, _ work: Work, _ input: Int, _ shape: TensorShape) -> Int {
        let output = newValue(shape)
        steps.append(Step(name: name, work: work, input: input, output: output))
        return output
    }

    mutating func setConstant(_ shape: TensorShape, _ numbers: [Float]) -> Int {
        let value = newValue(shape)
        constants[value] = numbers
        return value
    }

    /// Applies factors per channel to the input itself, if nothing was made of it yet.
    mutating func scaleInput(by scale: [Float], shift: [Float]) {
        inputScaling = (scale, shift)
    }

    mutating func padded(_ value: Int, to shape: TensorShape, name: String) -> Int {
        shapes[value] == shape ? value : emit(name, .pad, value, shape)
    }
}
