/// A network as layers and the wires between them; knows no weights and no library.
///
/// Layers stand in the order in which they run: each reads only what stands before it.
/// The last layer is the network's output. A value; safe to share between threads.
public struct Graph: Sendable {
    /// One layer in its place.
    public struct Node: Sendable {
        /// Unique in the graph; the prefix of its tensors' names.
        public let name: String
        /// What it computes.
        public let layer: GraphLayer
        /// Indices of the nodes it reads.
        public let inputs: [Int]
        /// The shape of its output for one image.
        public let shape: TensorShape
        /// The tensors it needs, by full name.
        public let parameters: [(name: String, shape: [Int])]

        /// Numbers in its tensors.
        public var parameterCount: Int { parameters.reduce(0) { $0 + $1.shape.reduce(1, *) } }
    }

    /// A layer's output, to be read by later layers of the same graph.
    public struct Value: Hashable, Sendable {
        let index: Int
    }

    /// The layers, in the order in which they run; the first is the input.
    public private(set) var nodes: [Node]
    /// The input layer's output.
    public let input = Value(index: 0)
    /// What the network answers, by name; the last layer's output alone where nothing else is said.
    public var outputs: [(name: String, value: Value)] {
        named.isEmpty ? [(nodes[nodes.count - 1].name, Value(index: nodes.count - 1))] : named
    }
    private var named: [(name: String, value: Value)] = []
    private var names: Set<String> = []

    /// A graph of nothing but its input.
    ///
    /// - Throws: `badGraph` for an empty shape.
    public init(input shape: TensorShape) throws(NetworkError) {
        nodes = []
        try add("input", .input(shape), [])
    }

    /// Shape of the input of one image.
    public var inputShape: TensorShape { nodes[0].shape }
    /// Shape of the first output for one image.
    public var outputShape: TensorShape { shape(of: outputs[0].value) }

    /// Shape of a layer's output for one image.
    public func shape(of value: Value) -> TensorShape { nodes[value.index].shape }
    /// Numbers in all tensors.
    public var parameterCount: Int { nodes.reduce(0) { $0 + $1.parameterCount } }

    /// Says what the network answers: outputs of its layers, under names of the caller's choice.
    ///
    /// - Throws: `badGraph` for none, a name that comes twice, or a layer of another graph.
    public mutating func answer(_ outputs: [(name: String, value: Value)]) throws(NetworkError) {
        guard !outputs.isEmpty, Set(outputs.map(\.name)).count == outputs.count,
            outputs.allSatisfy({ nodes.indices.contains($0.value.index) })
        else { throw .badGraph(layer: "output", reason: "outputs are none, of one name, or of another graph") }
        named = outputs
    }

    /// Multiplications of weights with values, and of matrices, in one layer for one image.
    ///
    /// Those of activations, normalisations and means are left out: they are few, and mostly part of another layer when
    /// the network runs.
    public func multiplications(of node: Node) -> Int {
        switch node.layer {
        case .convolution(_, let window, let groups, _):
            let channels = nodes[node.inputs[0]].shape.channels / groups
            return node.shape.count * channels * window.height * window.width
        case .fullyConnected(let outputs, _): return outputs * nodes[node.inputs[0]].shape.count
        case .operation(.matrixProduct):
            return node.shape.count * (nodes[node.inputs[0]].shape.sizes.last ?? 1)
        default: return 0
        }
    }

    /// Those of all layers.
    public var multiplicationCount: Int { nodes.reduce(0) { $0 + multiplications(of: $1) } }

    /// Appends a layer that reads `inputs`.
    ///
    /// - Throws: `badGraph` when the name is taken, or the inputs do not fit.
    @discardableResult
    public mutating func add(_ name: String, _ layer: GraphLayer, _ inputs: [Value]) throws(NetworkError)
        -> Value
    {
        guard !name.isEmpty, names.insert(name).inserted else {
            throw .badGraph(layer: name, reason: "the name is empty or taken")
        }
        guard inputs.allSatisfy({ nodes.indices.contains($0.index) }) else {
            throw .badGraph(layer: name, reason: "it reads a layer of another graph")
        }
        let shapes = inputs.map { nodes[$0.index].shape }
        switch layer.outputShape(of: shapes) {
        case .failure(let misfit):
            throw .badGraph(layer: name, reason: misfit.reason)
        case .success(let shape):
            guard shape.isReasonable else {
                throw .badGraph(
                    layer: name,
                    reason: "\(shape) is more than \(TensorShape.mostNumbers) numbers, or of too many axes")
            }
            let parameters = layer.parameters(input: shapes.first ?? shape).map {
                ("\(name).\($0.name)", $0.shape)
            }
            nodes.append(
                Node(
                    name: name, layer: layer, inputs: inputs.map(\.index), shape: shape, parameters: parameters)
            )
            return Value(index: nodes.count - 1)
        }
    }
}
