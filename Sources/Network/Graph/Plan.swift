/// A graph rewritten as the operations a machine executes: fewer than its layers, with their weights.
///
/// Factors per channel are multiplied into the weights before them, `relu` and the sum of a bridge become the
/// end of the operation before them, and sums of unlike shapes get their zeros from an operation of their own.
struct Plan: Sendable {
    /// Weights of a convolution or a fully connected layer, after everything that scales its output.
    struct Linear: Sendable {
        var weight: [Float]
        var bias: [Float]
        var relu = false

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

    enum Operation: Sendable {
        /// If `onto` is a value, the result is added to it in place and takes its place.
        case convolution(Linear, Window, groups: Int, onto: Int?)
        case fullyConnected(Linear)
        case maxPooling(Window)
        case averagePooling(Window)
        case relu
        /// A slope per channel; `inPlace` where nobody else reads the input.
        case prelu([Float], inPlace: Bool)
        /// Zeros at the end of each axis, up to the output's shape.
        case pad
        case add(Int, relu: Bool)
    }

    struct Step: Sendable {
        var name: String
        var operation: Operation
        var input: Int
        var output: Int
    }

    /// Shape of each value for one image; steps name values by index.
    private(set) var shapes: [Shape] = []
    private(set) var steps: [Step] = []
    private(set) var output = 0
    /// The value the network reads.
    let input = 0

    /// Rewrites `graph` with the tensors of `weights`.
    ///
    /// - Throws: `badWeights` when a tensor is missing, misshapen or not finite.
    init(_ graph: Graph, weights: some WeightSource) throws(NetworkError) {
        let chains = Chains(graph)
        var values = [Int](repeating: -1, count: graph.nodes.count)
        for (index, node) in graph.nodes.enumerated() {
            guard let chain = chains.ending(at: index) else { continue }
            let head = graph.nodes[chain.head]
            let name = head.name
            guard let first = head.inputs.first else {
                values[index] = newValue(node.shape)
                continue
            }
            let source = values[first]
            switch head.layer {
            case .input: break
            case .convolution(_, let window, let groups, let bias):
                let linear = try chain.linear(in: graph, weights: weights, bias: bias)
                var onto: Int?
                if let bridge = chain.bridge {
                    onto = padded(values[bridge], to: node.shape, name: name)
                }
                values[index] = emit(
                    name, .convolution(linear, window, groups: groups, onto: onto), source, node.shape)
            case .affine, .batchNormalization:
                let ones = [Float](repeating: 1, count: head.shape.channels)
                var linear = Linear(weight: ones, bias: ones.map { _ in 0 }, relu: chain.relu)
                for place in [chain.head] + chain.scalings {
                    let (scale, shift) = try graph.nodes[place].scaling(weights)
                    linear.rescale(by: scale, shift: shift)
                }
                values[index] = emit(
                    name, .convolution(linear, Window(1), groups: head.shape.channels, onto: nil), source,
                    node.shape)
            case .fullyConnected(_, let bias):
                let linear = try chain.linear(in: graph, weights: weights, bias: bias)
                values[index] = emit(name, .fullyConnected(linear), source, node.shape)
            case .relu: values[index] = emit(name, .relu, source, node.shape)
            case .dropout: values[index] = source
            case .prelu:
                let slopes = try head.tensors(weights)[0]
                let own = graph.nodes[first].layer.makesItsOwnValue && chains.readers(of: first) == 1
                values[index] = emit(name, .prelu(slopes, inPlace: own), source, node.shape)
            case .maxPooling(let window): values[index] = emit(name, .maxPooling(window), source, node.shape)
            case .averagePooling(let window):
                values[index] = emit(name, .averagePooling(window), source, node.shape)
            case .globalAveragePooling:
                var window = Window(1)
                (window.height, window.width) = (shapes[source].height, shapes[source].width)
                values[index] = emit(name, .averagePooling(window), source, node.shape)
            case .add:
                let left = padded(source, to: node.shape, name: name)
                let right = padded(values[head.inputs[1]], to: node.shape, name: name)
                values[index] = emit(name, .add(right, relu: chain.relu), left, node.shape)
            }
        }
        output = values[graph.nodes.count - 1]
    }

    /// Drops weights that a machine has taken over; shapes and steps stay.
    mutating func forgetWeights() {
        for index in steps.indices {
            switch steps[index].operation {
            case .convolution(var linear, let window, let groups, let onto):
                linear.weight = []
                steps[index].operation = .convolution(linear, window, groups: groups, onto: onto)
            case .fullyConnected(var linear):
                linear.weight = []
                steps[index].operation = .fullyConnected(linear)
            default: break
            }
        }
    }

    private mutating func newValue(_ shape: Shape) -> Int {
        shapes.append(shape)
        return shapes.count - 1
    }

    private mutating func emit(_ name: String, _ operation: Operation, _ input: Int, _ shape: Shape) -> Int {
        let output = newValue(shape)
        steps.append(Step(name: name, operation: operation, input: input, output: output))
        return output
    }

    private mutating func padded(_ value: Int, to shape: Shape, name: String) -> Int {
        shapes[value] == shape ? value : emit(name, .pad, value, shape)
    }
}
