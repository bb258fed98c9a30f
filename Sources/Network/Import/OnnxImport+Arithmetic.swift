internal import Onnx

/// Operators that combine numbers.
extension OnnxImport {
    /// One number per channel of values of this shape, of a tensor that spreads over them; nil for one that varies
    /// within a channel, or from image to image.
    func perChannel(_ tensor: OnnxTensor, _ shape: TensorShape) -> OnnxTensor? {
        let values = tensor.floats
        if tensor.count == 1 {
            return OnnxTensor(
                shape: [shape.channels], values: .floats([Float](repeating: values[0], count: shape.channels)))
        }
        var sizes = tensor.shape
        while sizes.count > shape.sizes.count, sizes.first == 1 { sizes.removeFirst() }
        guard sizes.count == shape.sizes.count, sizes[0] == shape.channels, tensor.count == shape.channels
        else {
            return nil
        }
        return OnnxTensor(shape: [shape.channels], values: .floats(values))
    }

    mutating func arithmetic(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        guard let first = try input(node, 0) else { throw node.unsupported("its input 0 is missing") }
        if node.inputs.count == 1 { return try value(node, 0) }
        var result = first
        for index in node.inputs.indices.dropFirst() {
            guard let next = try input(node, index) else {
                throw node.unsupported("its input \(index) is missing")
            }
            result = .value(try combine(node, result, next))
        }
        guard case .value(let value) = result else {
            throw node.unsupported("it has one input, and that is constant")
        }
        return value
    }

    private mutating func combine(
        _ node: OnnxModel.Node, _ left: Known, _ right: Known
    ) throws(OnnxError) -> Graph.Value {
        let combination: Combination =
            switch node.operation {
            case "Sub": .subtract
            case "Mul": .multiply
            case "Div": .divide
            case "Min": .minimum
            case "Max": .maximum
            default: .add
            }
        switch (left, right) {
        case (.value(let one), .value(let other)):
            if combination == .add, shape(one) == shape(other) { return try append(node, .add, [one, other]) }
            guard shape(one).sizes.count == shape(other).sizes.count else {
                throw node.unsupported(
                    "it combines \(shape(one)) with \(shape(other)) across the images of a batch")
            }
            return try append(node, .combination(combination), [one, other])
        case (.value(let x), .constant(let tensor)):
            return try combine(node, combination, x, tensor, constantIsLeft: false)
        case (.constant(let tensor), .value(let x)):
            return try combine(node, combination, x, tensor, constantIsLeft: true)
        case (.constant, .constant): throw node.unsupported("several constants beside running values")
        }
    }

    private mutating func combine(
        _ node: OnnxModel.Node, _ combination: Combination, _ x: Graph.Value, _ tensor: OnnxTensor,
        constantIsLeft: Bool
    ) throws(OnnxError) -> Graph.Value {
        guard tensor.isFloat, tensor.count > 0 else {
            throw node.unsupported("a constant is not float32, or empty")
        }
        if let numbers = perChannel(tensor, shape(x))?.floats, !shape(x).sizes.isEmpty {
            let ones = [Float](repeating: 1, count: numbers.count)
            let zeros = [Float](repeating: 0, count: numbers.count)
            switch combination {
            case .add: return try affine(node, x, ones, numbers)
            case .subtract where constantIsLeft: return try affine(node, x, ones.map { -$0 }, numbers)
            case .subtract: return try affine(node, x, ones, numbers.map { -$0 })
            case .multiply: return try affine(node, x, numbers, zeros)
            case .divide where !constantIsLeft: return try affine(node, x, numbers.map { 1 / $0 }, zeros)
            case .minimum where tensor.count == 1:
                return try append(node, .activation(.clip(-.greatestFiniteMagnitude, numbers[0])), [x])
            case .maximum where tensor.count == 1:
                return try append(node, .activation(.clip(numbers[0], .greatestFiniteMagnitude)), [x])
            default: break
            }
        }
        var sizes = tensor.shape
        while sizes.count > shape(x).sizes.count, sizes.first == 1 { sizes.removeFirst() }
        guard sizes.count <= shape(x).sizes.count else {
            throw node.unsupported("a constant of shape \(tensor.shape) does not fit \(shape(x)) per image")
        }
        let constant = try append(node, .constant(TensorShape(sizes)), [], weights: [tensor.reshaped(sizes)])
        return try append(node, .combination(combination), constantIsLeft ? [constant, x] : [x, constant])
    }

    private mutating func affine(
        _ node: OnnxModel.Node, _ x: Graph.Value, _ scale: [Float], _ shift: [Float]
    ) throws(OnnxError) -> Graph.Value {
        let weights = [scale, shift].map { OnnxTensor(shape: [$0.count], values: .floats($0)) }
        return try append(node, .affine, [x], weights: weights)
    }

    mutating func power(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        let x = try value(node, 0)
        guard let exponent = try constant(node, 1), exponent.count == 1 else {
            throw node.unsupported("its exponent is not one number")
        }
        return try append(node, .activation(.power(exponent.floats[0])), [x])
    }

    mutating func reduction(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        let x = try value(node, 0)
        let rank = shape(x).sizes.count
        let given = try integers(node, "axes", 1) ?? []
        guard !given.isEmpty else {
            if try node.integer("noop_with_empty_axes") == 1 { return x }
            throw node.unsupported("it reduces all axes, across the images of a batch")
        }
        var axes: [Int] = []
        for one in given { axes.append(try axis(one, rank, node)) }
        let kind: GraphOperation.Reduction =
            switch node.operation {
            case "ReduceMean": .mean
            case "ReduceSum": .sum
            case "ReduceMax": .maximum
            case "ReduceMin": .minimum
            case "ReduceL1": .l1
            case "ReduceL2": .l2
            default: .squares
            }
        let keeps = try node.integer("keepdims") ?? 1 == 1
        guard keeps || Set(axes).count < rank else {
            throw node.unsupported("it leaves one number per image without an axis; keep the axes")
        }
        return try append(node, .reduction(kind, axes: axes, keepsAxes: keeps), [x])
    }

    mutating func softmax(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        let x = try value(node, 0)
        let rank = shape(x).sizes.count
        let axis = try axis(try node.integer("axis") ?? (opset < 13 ? 1 : -1), rank, node)
        // Older operator sets take all axes from that one on as one.
        guard opset >= 13 || axis == rank - 1 else { throw node.unsupported("its axis is not the last") }
        return try append(node, .softmax(axis: axis, logarithm: node.operation == "LogSoftmax"), [x])
    }
}
