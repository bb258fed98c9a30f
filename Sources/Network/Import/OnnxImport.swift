internal import Onnx

/// Turns the operations of an ONNX model into layers of a graph, one after the other.
struct OnnxImport {
    /// What a name of the model stands for.
    enum Known {
        case value(Graph.Value)
        case constant(OnnxTensor)
    }

    /// The layers so far.
    var graph: Graph
    /// Their weights.
    private var weights: [String: OnnxTensor] = [:]
    let opset: Int
    private var known: [String: Known] = [:]
    private var names: [String: Int] = [:]

    /// A folded model's layers, for one size of input.
    ///
    /// - Parameters:
    ///   - path: what errors call the file.
    ///   - shape: the input of one image; nil for the one that the file names.
    /// - Throws: `badModel` for an operation that is not supported, or settings that do not fit.
    static func run(
        _ model: OnnxModel, path: String, input shape: TensorShape? = nil
    ) throws(NetworkError) -> (graph: Graph, weights: ImportedWeights) {
        do throws(OnnxError) {
            var run = try OnnxImport(model, shape)
            for node in model.nodes { try run.add(node) }
            try run.finish(model)
            return (run.graph, ImportedWeights(run.weights, path: path))
        } catch {
            throw .badModel(path: path, reason: "\(error)")
        }
    }

    private init(_ model: OnnxModel, _ shape: TensorShape?) throws(OnnxError) {
        let own = shape == nil ? try Self.inputShape(of: model) : shape
        guard let shape = own, model.inputs.count == 1 else {
            throw .notAModel(reason: "it has \(model.inputs.count) inputs; one is supported")
        }
        do throws(NetworkError) { graph = try Graph(input: shape) } catch {
            throw .notAModel(reason: "\(error)")
        }
        opset = model.opset
        for (name, tensor) in model.constants { known[name] = .constant(tensor) }
        known[model.inputs[0].name] = .value(graph.input)
    }

    /// The input of one image, as the file names it.
    static func inputShape(of model: OnnxModel) throws(OnnxError) -> TensorShape {
        guard model.inputs.count == 1 else {
            let names = model.inputs.map(\.name).joined(separator: ", ")
            throw .notAModel(reason: "it has \(model.inputs.count) inputs (\(names)); one is supported")
        }
        let input = model.inputs[0]
        guard input.isFloat else { throw .notAModel(reason: "its input \(input.name) is not float32") }
        guard let sizes = input.shape, sizes.count > 1 else {
            throw .notAModel(reason: "its input \(input.name) has no shape")
        }
        let fixed = sizes.dropFirst().compactMap(\.self)
        guard fixed.count == sizes.count - 1, fixed.allSatisfy({ $0 <= 1 << 16 }) else {
            throw .notAModel(
                reason:
                    "its input \(input.name) leaves a size open or is too large; export it with a fixed size")
        }
        guard sizes[0] ?? 1 == 1 else {
            throw .notAModel(
                reason: "it takes batches of \(sizes[0] ?? 0) alone; export it for batches of 1 or N")
        }
        return TensorShape(fixed)
    }

    private mutating func finish(_ model: OnnxModel) throws(OnnxError) {
        var outputs: [(name: String, value: Graph.Value)] = []
        for output in model.outputs {
            guard case .value(let value)? = known[output.name] else {
                throw .notAModel(reason: "its output \(output.name) does not depend on its input")
            }
            outputs.append((output.name, value))
        }
        do throws(NetworkError) { try graph.answer(outputs) } catch { throw .notAModel(reason: "\(error)") }
    }

    private mutating func add(_ node: OnnxModel.Node) throws(OnnxError) {
        let made = try node.folded(opset: opset) { name in
            if case .constant(let tensor)? = known[name] { tensor } else { nil }
        }
        if let made {
            for (name, tensor) in zip(node.outputs, made) { self.known[name] = .constant(tensor) }
            return
        }
        guard node.domain.isEmpty else { throw node.unsupported("operators of this domain are not supported") }
        if node.operation == "Shape" {
            // A batch counts as one image: shapes that networks compute keep its axis or leave it out.
            let sizes = [1] + shape(try value(node, 0)).sizes
            self.known[node.outputs[0]] = .constant(try OnnxModel.Node.shapeTensor(of: sizes, node))
            return
        }
        if node.operation == "Split" {
            for (name, part) in zip(node.outputs, try split(node)) { self.known[name] = .value(part) }
            return
        }
        guard let output = node.outputs.first else { throw node.unsupported("it has no output") }
        self.known[output] = .value(try layer(node))
    }

    // MARK: Inputs

    func input(_ node: OnnxModel.Node, _ index: Int) throws(OnnxError) -> Known? {
        guard node.inputs.indices.contains(index), !node.inputs[index].isEmpty else { return nil }
        guard let found = known[node.inputs[index]] else {
            throw node.unsupported("it reads \(node.inputs[index]), an output that is not supported")
        }
        return found
    }

    /// An input that depends on the image.
    func value(_ node: OnnxModel.Node, _ index: Int) throws(OnnxError) -> Graph.Value {
        guard case .value(let value)? = try input(node, index) else {
            throw node.unsupported("its input \(index) is missing or constant, which is not supported")
        }
        return value
    }

    /// An input that is a constant; nil if it is left out.
    func constant(_ node: OnnxModel.Node, _ index: Int) throws(OnnxError) -> OnnxTensor? {
        switch try input(node, index) {
        case nil: return nil
        case .constant(let tensor): return tensor
        case .value:
            throw node.unsupported("its input \(index) is computed from the image, which is not supported")
        }
    }

    /// An input that is a list of integers or, in older operator sets, the attribute of that name.
    func integers(_ node: OnnxModel.Node, _ name: String, _ index: Int) throws(OnnxError) -> [Int]? {
        guard let tensor = try constant(node, index) else { return try node.integers(name) }
        guard let values = tensor.integers else { throw node.unsupported("\(name) are not integers") }
        return values
    }

    func shape(_ value: Graph.Value) -> TensorShape { graph.shape(of: value) }

    /// An axis of one image; `given` counts the batch too, and may count from the end.
    func axis(_ given: Int, _ rank: Int, _ node: OnnxModel.Node) throws(OnnxError) -> Int {
        let axis = (given < 0 ? given + rank + 1 : given) - 1
        guard (0..<rank).contains(axis) else {
            throw node.unsupported("axis \(given) is outside, or goes across the images of a batch")
        }
        return axis
    }

    // MARK: Layers

    /// Appends a layer under the node's name.
    mutating func append(
        _ node: OnnxModel.Node, _ layer: GraphLayer, _ inputs: [Graph.Value], weights given: [OnnxTensor] = []
    ) throws(OnnxError) -> Graph.Value {
        let count = names[node.label, default: 0]
        names[node.label] = count + 1
        let name = count == 0 ? node.label : "\(node.label).\(count)"
        do throws(NetworkError) {
            let value = try graph.add(name, layer, inputs)
            for ((parameter, _), tensor) in zip(graph.nodes[graph.nodes.count - 1].parameters, given) {
                weights[parameter] = tensor
            }
            return value
        } catch {
            if case .badGraph(_, let reason) = error { throw node.unsupported(reason) }
            throw node.unsupported("\(error)")
        }
    }

    mutating func append(
        _ node: OnnxModel.Node, _ operation: GraphOperation, _ inputs: [Graph.Value], weights: [OnnxTensor] = []
    ) throws(OnnxError) -> Graph.Value {
        try append(node, .operation(operation), inputs, weights: weights)
    }
}
