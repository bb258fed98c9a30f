internal import COneDNN
internal import Network

/// Writes down a graph's operations, forward and then backward, as one program over one arena.
///
/// Each layer's forward pass is followed by a note how to undo it; the notes are read in reverse (Rumelhart et
/// al., "Learning representations by back-propagating errors", 1986).
struct Tape {
    /// An array of the arena.
    struct Tensor {
        var descriptor: Descriptor
        var buffer: Int
    }

    /// How a statistic of a batch, a number a channel, reaches the running one.
    struct Statistic {
        var buffer: Int
        /// Where the running one stands among the parameters' values.
        var running: Range<Int>
        var factor: Float
    }

    /// Values that are dropped at random.
    struct Mask {
        var buffer: Int
        var rate: Float
    }

    typealias Backward = (inout Tape) throws(NetworkError) -> Void

    let graph: Graph
    let batch: Int
    let engine: Handle
    let parameters: ParameterMemory
    private(set) var instructions: [Program.Instruction] = []
    private(set) var sizes: [Int] = []
    private(set) var pins: [(buffer: Int, time: Int)] = []
    var statistics: [Statistic] = []
    var masks: [Mask] = []
    /// Arrays that hold one number everywhere.
    var constants: [(buffer: Int, value: Float)] = []
    private var backward: [Backward] = []
    /// Each node's output, in every order in memory it was needed in.
    private var values: [Int: [Tensor]] = [:]
    private var gradients: [Int: Tensor] = [:]
    private var weights: [String: [Tensor]] = [:]
    private let trained: [Bool]
    /// Names of the layers that stay as they are.
    private let frozen: Set<String>
    /// The node whose forward pass is being written down.
    private var recording = 0
    private let readers: [[Int]]

    /// The arrays a caller fills and reads, and the number of instructions before the loss.
    private(set) var input = 0
    private(set) var output = 0
    private(set) var outputGradient = 0
    private(set) var forwardCount = 0

    init(
        _ graph: Graph, batch: Int, parameters: ParameterMemory, engine: Handle, frozen: Set<String>
    ) throws(NetworkError) {
        self.graph = graph
        self.batch = batch
        self.engine = engine
        self.parameters = parameters
        var trained: [Bool] = []
        var readers = [[Int]](repeating: [], count: graph.nodes.count)
        for (index, node) in graph.nodes.enumerated() {
            let learns = !node.parameters.isEmpty && !frozen.contains(node.name)
            trained.append(learns || node.inputs.contains { trained[$0] })
            for input in node.inputs { readers[input].append(index) }
        }
        self.trained = trained
        self.readers = readers
        self.frozen = frozen
        for index in graph.nodes.indices { try record(index) }
        let plain = try Descriptor(axes(graph.outputShape), layer: "output")
        let last = graph.nodes.count - 1
        output = try value(last, as: plain, for: "output").buffer
        forwardCount = instructions.count
        let gradient = newTensor(plain)
        outputGradient = gradient.buffer
        pins += [(input, -1), (output, forwardCount), (outputGradient, forwardCount)]
        pins += masks.map { ($0.buffer, -1) } + constants.map { ($0.buffer, -1) }
        pins += statistics.map { ($0.buffer, forwardCount) }
        gradients[last] = gradient
        for step in backward.reversed() { try step(&self) }
    }

    /// The program of everything that was written down.
    func program() -> Program {
        Program(
            batch: batch, instructions: instructions, sizes: sizes, input: input, outputs: [output], pins: pins)
    }

    func axes(_ shape: TensorShape) -> [Int] { [batch, shape.channels, shape.height, shape.width] }

    mutating func newTensor(_ descriptor: Descriptor) -> Tensor {
        sizes.append(descriptor.bytes)
        return Tensor(descriptor: descriptor, buffer: sizes.count - 1)
    }

    mutating func run(_ primitive: Primitive, _ arguments: [Program.Argument], layer: String) {
        instructions.append(.run(primitive, arguments, layer: layer))
    }

    /// Writes the same numbers in the target's order in memory.
    mutating func copy(
        _ source: Program.Argument, _ target: Program.Argument, layer: String
    ) throws(NetworkError) {
        let primitive = try Primitive(
            from: source.descriptor, to: target.descriptor, engine: engine, layer: layer)
        run(primitive, [source, target], layer: layer)
    }

    /// The sum or product of two arrays of one descriptor, number by number.
    mutating func combined(
        _ kind: dnnl_alg_kind_t, _ left: Tensor, _ right: Tensor, layer: String
    ) throws(NetworkError) -> Tensor {
        var operation = dnnl_binary_desc_t()
        let status = unsafe left.descriptor.withRaw {
            unsafe dnnl_binary_desc_init(&operation, kind, $0, $0, $0)
        }
        try check(status, "binary", layer: layer)
        let primitive = try unsafe Primitive(
            &operation, "binary", ending: Ending(), engine: engine, layer: layer)
        let target = newTensor(left.descriptor)
        run(
            primitive,
            [argument(DNNL_ARG_SRC_0, left), argument(DNNL_ARG_SRC_1, right), argument(DNNL_ARG_DST, target)],
            layer: layer)
        return target
    }

    mutating func clear(_ tensor: Tensor) { instructions.append(.clear(buffer: tensor.buffer)) }

    /// Whether a gradient must reach the output of node `index`.
    func isTrained(_ index: Int) -> Bool { trained[index] }

    /// Whether the layer of node `index` keeps its parameters.
    func isFrozen(_ index: Int) -> Bool { frozen.contains(graph.nodes[index].name) }

    /// The only layer that reads node `index`; nil when there are several, or none.
    func onlyReader(_ index: Int) -> Int? { readers[index].count == 1 ? readers[index][0] : nil }

    // MARK: Values

    mutating func set(_ index: Int, _ tensor: Tensor) { values[index] = [tensor] }

    func value(_ index: Int) throws(NetworkError) -> Tensor {
        guard let tensor = values[index]?.first else {
            throw .badGraph(layer: graph.nodes[index].name, reason: "it is read before it is computed")
        }
        return tensor
    }

    mutating func value(
        _ index: Int, as wanted: Descriptor, for layer: String
    ) throws(NetworkError) -> Tensor {
        if let found = values[index]?.first(where: { $0.descriptor == wanted }) { return found }
        let target = try reordered(try value(index), wanted, layer: layer)
        values[index, default: []].append(target)
        return target
    }

    /// The same numbers in another order in memory.
    mutating func reordered(
        _ source: Tensor, _ wanted: Descriptor, layer: String
    ) throws(NetworkError) -> Tensor {
        if source.descriptor == wanted { return source }
        let target = newTensor(wanted)
        try copy(argument(DNNL_ARG_SRC, source), argument(DNNL_ARG_DST, target), layer: layer)
        return target
    }

    // MARK: NetworkParameters

    /// A tensor of weights in the order `wanted`.
    mutating func weight(
        _ name: String, _ shape: [Int], as wanted: Descriptor
    ) throws(NetworkError) -> Program.Argument {
        let memory = try parameters.value(name, shape)
        if memory.descriptor == wanted {
            return argument(DNNL_ARG_WEIGHTS, memory)
        }
        if let found = weights[name]?.first(where: { $0.descriptor == wanted }) {
            return argument(DNNL_ARG_WEIGHTS, found)
        }
        let target = newTensor(wanted)
        try copy(argument(DNNL_ARG_SRC, memory), argument(DNNL_ARG_DST, target), layer: name)
        weights[name, default: []].append(target)
        return argument(DNNL_ARG_WEIGHTS, target)
    }

    /// Runs an operation that writes the gradient of a tensor of weights, in its order, and files it row-major.
    mutating func run(
        _ primitive: Primitive, _ arguments: [Program.Argument], weightGradient name: String, _ shape: [Int],
        layer: String
    ) throws(NetworkError) {
        let target = try parameters.gradient(name, shape)
        let written = try primitive.descriptor(dnnl_query_diff_weights_md)
        if written == target.descriptor {
            run(primitive, arguments + [argument(DNNL_ARG_DIFF_WEIGHTS, target)], layer: layer)
            return
        }
        let own = newTensor(written)
        run(primitive, arguments + [argument(DNNL_ARG_DIFF_WEIGHTS, own)], layer: layer)
        try copy(argument(DNNL_ARG_SRC, own), argument(DNNL_ARG_DST, target), layer: layer)
    }

    // MARK: Gradients

    /// Leaves a note how the gradient of a layer's output becomes those of its inputs and weights.
    ///
    /// Below the first layer that learns nothing is undone.
    mutating func note(_ step: @escaping Backward) {
        if isTrained(recording) { backward.append(step) }
    }

    /// The loss's gradient by the output of node `index`.
    func gradient(_ index: Int) throws(NetworkError) -> Tensor {
        guard let tensor = gradients[index] else {
            throw .badGraph(layer: graph.nodes[index].name, reason: "nothing reads it")
        }
        return tensor
    }

    mutating func gradient(
        _ index: Int, as wanted: Descriptor, for layer: String
    ) throws(NetworkError) -> Tensor {
        try reordered(try gradient(index), wanted, layer: layer)
    }

    /// Adds to the gradient of node `index`: a value that several layers read has the sum of their gradients.
    mutating func contribute(_ index: Int, _ tensor: Tensor) throws(NetworkError) {
        guard let before = gradients[index] else {
            gradients[index] = tensor
            return
        }
        let layer = graph.nodes[index].name
        let after = try reordered(tensor, before.descriptor, layer: layer)
        gradients[index] = try combined(dnnl_binary_add, before, after, layer: layer)
    }

    private mutating func record(_ index: Int) throws(NetworkError) {
        let node = graph.nodes[index]
        recording = index
        switch node.layer {
        case .input:
            let tensor = newTensor(try Descriptor(interleaved: axes(node.shape), layer: node.name))
            input = tensor.buffer
            set(index, tensor)
        case .convolution(_, let window, let groups, let bias):
            try convolve(index, window, groups: groups, bias: bias)
        case .affine: try normalize(index, epsilon: 0, statistics: false)
        case .batchNormalization(let epsilon): try normalize(index, epsilon: epsilon, statistics: true)
        case .relu: try rectify(index)
        case .prelu: try rectifyWithSlope(index)
        case .dropout(let rate): try drop(index, rate: rate)
        case .maxPooling(let window): try pool(index, dnnl_pooling_max, window)
        case .averagePooling(let window): try pool(index, dnnl_pooling_avg_exclude_padding, window)
        case .globalAveragePooling:
            let from = graph.nodes[node.inputs[0]].shape
            try pool(index, dnnl_pooling_avg_exclude_padding, Window(over: from))
        case .add: try add(index)
        case .operation(.reshape): try reshape(index)
        case .operation(let operation):
            throw .badGraph(
                layer: node.name, reason: "training does not know the gradient of this operation: \(operation)")
        case .fullyConnected(_, let bias): try connect(index, bias: bias)
        }
    }
}

/// An array of the arena as an argument of an operation.
func argument(_ kind: Int32, _ tensor: Tape.Tensor) -> Program.Argument {
    Program.Argument(kind: kind, descriptor: tensor.descriptor, place: .buffer(tensor.buffer))
}

/// Parameters or their gradients as an argument of an operation.
func argument(_ kind: Int32, _ memory: Memory) -> Program.Argument {
    Program.Argument(kind: kind, descriptor: memory.descriptor, place: .constant(memory))
}
