import Network

/// Turns the layers of a graph into ONNX nodes, one after the other.
struct OnnxTranslation {
    /// A layer's output by its name in the model: N × channels × height × width, or flat, N × channels.
    private struct Value {
        var name: String
        var isFlat = false
    }

    private var values: [Value]

    /// - Parameter input: what the graph's input layer gives.
    init(input: String) { values = [Value(name: input)] }

    /// Adds every layer; returns the last one's output, flat.
    mutating func run(
        _ graph: Graph, _ weights: some WeightSource, _ builder: borrowing OnnxBuilder
    ) throws(OnnxError) -> String {
        for node in graph.nodes.dropFirst() {
            var tensors: [[Float]] = []
            for (name, shape) in node.parameters {
                tensors.append(try wrap { () throws(NetworkError) in try weights.values(name, shape: shape) })
            }
            values.append(try add(node, graph, tensors, builder))
        }
        return try flat(values.count - 1, "output", builder)
    }

    private func add(
        _ node: Graph.Node, _ graph: Graph, _ tensors: [[Float]], _ builder: borrowing OnnxBuilder
    ) throws(OnnxError) -> Value {
        let (name, source) = (node.name, node.inputs[0])
        let input = values[source]
        switch node.layer {
        case .input, .dropout:
            return input
        case .convolution(_, let window, let groups, _):
            let x = try planes(source, graph, name, builder)
            let parameters = try given(node, tensors, builder)
            let attributes =
                attributes(window) + [
                    ("group", .integer(groups)),
                    ("dilations", .integers([window.spacing.rows, window.spacing.columns])),
                ]
            return Value(name: try builder.node("Conv", name, [x] + parameters, attributes))
        case .affine:
            // What leaves numbers as they are is not written: networks of imported files have one half each.
            var result = input.name
            let isShifted = tensors[1].contains { $0 != 0 }
            if !isShifted || tensors[0].contains(where: { $0 != 1 }) {
                let scale = try perChannel(node, 0, tensors[0], input, builder)
                var own = isShifted ? "\(name).scaled" : name
                while own != name, graph.nodes.contains(where: { $0.name == own }) { own += "_" }
                result = try builder.node("Mul", own, [result, scale])
            }
            if isShifted {
                let shift = try perChannel(node, 1, tensors[1], input, builder)
                result = try builder.node("Add", name, [result, shift])
            }
            return Value(name: result, isFlat: input.isFlat)
        case .batchNormalization(let epsilon):
            var tensors = tensors
            tensors[3] = tensors[3].map { max($0, 0) }
            let parameters = try given(node, tensors, builder)
            return Value(
                name: try builder.node(
                    "BatchNormalization", name, [input.name] + parameters, [("epsilon", .float(epsilon))]),
                isFlat: input.isFlat)
        case .relu:
            return Value(name: try builder.node("Relu", name, [input.name]), isFlat: input.isFlat)
        case .prelu:
            let slope = try perChannel(node, 0, tensors[0], input, builder)
            return Value(name: try builder.node("PRelu", name, [input.name, slope]), isFlat: input.isFlat)
        case .maxPooling(let window):
            let x = try planes(source, graph, name, builder)
            return Value(name: try builder.node("MaxPool", name, [x], attributes(window)))
        case .averagePooling(let window):
            // Padding is not counted, which is ONNX's default too; said, because other programs differ.
            let x = try planes(source, graph, name, builder)
            let attributes = attributes(window) + [("count_include_pad", .integer(0))]
            return Value(name: try builder.node("AveragePool", name, [x], attributes))
        case .globalAveragePooling:
            let x = try planes(source, graph, name, builder)
            return Value(name: try builder.node("GlobalAveragePool", name, [x]))
        case .add:
            let left = try filled(node, 0, graph, builder)
            let right = try filled(node, 1, graph, builder)
            return Value(name: try builder.node("Add", name, [left, right]))
        case .fullyConnected:
            let x = try flat(source, name, builder)
            let parameters = try given(node, tensors, builder)
            return Value(
                name: try builder.node("Gemm", name, [x] + parameters, [("transB", .integer(1))]), isFlat: true)
        case .operation(.reshape) where node.shape.sizes.count == 1:
            return Value(name: try flat(source, name, builder), isFlat: true)
        case .operation(let operation):
            throw .refused(
                network: name,
                reason: "the operation \(operation) comes from an ONNX file and cannot be written to another")
        }
    }

    private func attributes(_ window: Window) -> [(String, OnnxBuilder.Attribute)] {
        [
            ("kernel_shape", .integers([window.height, window.width])),
            ("strides", .integers([window.step.rows, window.step.columns])),
            (
                "pads",
                .integers([
                    window.before.rows, window.before.columns, window.after.rows, window.after.columns,
                ])
            ),
        ]
    }

    /// A layer's tensors as constants, under their own names.
    private func given(
        _ node: Graph.Node, _ tensors: [[Float]], _ builder: borrowing OnnxBuilder
    ) throws(OnnxError) -> [String] {
        var names: [String] = []
        for ((name, shape), values) in zip(node.parameters, tensors) {
            names.append(try builder.weights(name, shape, values))
        }
        return names
    }

    /// A number a channel, in the shape that spreads over what it is applied to.
    private func perChannel(
        _ node: Graph.Node, _ index: Int, _ numbers: [Float], _ input: Value, _ builder: borrowing OnnxBuilder
    ) throws(OnnxError) -> String {
        let shape = input.isFlat ? [numbers.count] : [numbers.count, 1, 1]
        return try builder.tensor(node.parameters[index].name, shape, numbers)
    }

    private func flat(
        _ value: Int, _ name: String, _ builder: borrowing OnnxBuilder
    ) throws(OnnxError) -> String {
        values[value].isFlat
            ? values[value].name
            : try builder.node("Flatten", "\(name).flat", [values[value].name], [("axis", .integer(1))])
    }

    private func planes(
        _ value: Int, _ graph: Graph, _ name: String, _ builder: borrowing OnnxBuilder
    ) throws(OnnxError) -> String {
        guard values[value].isFlat else { return values[value].name }
        let shape = try builder.tensor("\(name).planes.shape", [-1, graph.nodes[value].shape.channels, 1, 1])
        return try builder.node("Reshape", "\(name).planes", [values[value].name, shape])
    }

    /// An input of a sum, with zeros at the end of each axis where the other is larger.
    private func filled(
        _ node: Graph.Node, _ index: Int, _ graph: Graph, _ builder: borrowing OnnxBuilder
    ) throws(OnnxError) -> String {
        let name = "\(node.name).\(index == 0 ? "left" : "right")"
        let x = try planes(node.inputs[index], graph, name, builder)
        let (own, sum) = (graph.nodes[node.inputs[index]].shape, node.shape)
        guard own != sum else { return x }
        let ends = [0, sum.channels - own.channels, sum.height - own.height, sum.width - own.width]
        let pads = try builder.tensor("\(name).zeros", [0, 0, 0, 0] + ends)
        return try builder.node("Pad", "\(name).filled", [x, pads])
    }
}
