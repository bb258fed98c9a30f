internal import Onnx

/// Operators with windows and weights.
extension OnnxImport {
    mutating func convolution(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        let x = try value(node, 0)
        guard let weight = try constant(node, 1), weight.isFloat, weight.shape.count == 4, shape(x).isPlanes
        else {
            throw node.unsupported("convolutions are supported over planes of pixels, with constant weights")
        }
        let kernel = Array(weight.shape[2...])
        if let given = try node.integers("kernel_shape"), given != kernel {
            throw node.unsupported("its window is \(given), that of its weights \(kernel)")
        }
        let window = try window(node, kernel, over: shape(x))
        let bias = try constant(node, 2)
        let filters = weight.shape[0]
        let groups = try node.integer("group") ?? 1
        guard groups > 0, weight.shape[1] * groups == shape(x).channels else {
            throw node.unsupported(
                "weights of shape \(weight.shape) do not fit \(shape(x)) in \(groups) groups")
        }
        var weights = [weight]
        if bias != nil { weights.append(try self.weight(node, 2, [filters])) }
        return try append(
            node, .convolution(filters: filters, window: window, groups: groups, bias: bias != nil), [x],
            weights: weights)
    }

    /// The window of a convolution or pooling.
    private func window(
        _ node: OnnxModel.Node, _ kernel: [Int], over shape: TensorShape
    ) throws(OnnxError) -> Window {
        let strides = try node.integers("strides") ?? [1, 1]
        let spacing = try node.integers("dilations") ?? [1, 1]
        var pads = try node.integers("pads") ?? [0, 0, 0, 0]
        let numbers = kernel + strides + spacing
        guard kernel.count == 2, strides.count == 2, spacing.count == 2, pads.count == 4, shape.isPlanes,
            numbers.allSatisfy({ (1...65536).contains($0) }), pads.allSatisfy({ (0...65536).contains($0) })
        else {
            throw node.unsupported(
                "its window is \(kernel), its strides \(strides), its dilations \(spacing), its pads \(pads)")
        }
        let sizes = [shape.height, shape.width]
        let reach = (0..<2).map { (kernel[$0] - 1) * spacing[$0] + 1 }
        let kind = try node.text("auto_pad") ?? "NOTSET"
        switch kind {
        case "NOTSET", "": break
        case "VALID": pads = [0, 0, 0, 0]
        case "SAME_UPPER", "SAME_LOWER":
            for axis in 0..<2 {
                let count = (sizes[axis] + strides[axis] - 1) / strides[axis]
                let zeros = max((count - 1) * strides[axis] + reach[axis] - sizes[axis], 0)
                let smaller = zeros / 2
                pads[axis] = kind == "SAME_UPPER" ? smaller : zeros - smaller
                pads[axis + 2] = zeros - pads[axis]
            }
        default: throw node.unsupported("auto_pad is \(kind)")
        }
        if try node.integer("ceil_mode") == 1 {
            for axis in 0..<2 {
                let padded = sizes[axis] + pads[axis] + pads[axis + 2]
                var count = (padded - reach[axis] + strides[axis] - 1) / strides[axis] + 1
                // A window begins on a pixel or before the first.
                if (count - 1) * strides[axis] >= sizes[axis] + pads[axis] { count -= 1 }
                pads[axis + 2] += max((count - 1) * strides[axis] + reach[axis] - padded, 0)
            }
        }
        var window = Window(height: kernel[0], width: kernel[1])
        window.step = Extent(rows: strides[0], columns: strides[1])
        window.spacing = Extent(rows: spacing[0], columns: spacing[1])
        window.before = Extent(rows: pads[0], columns: pads[1])
        window.after = Extent(rows: pads[2], columns: pads[3])
        return window
    }

    mutating func pooling(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        var x = try value(node, 0)
        guard node.outputs.dropFirst().allSatisfy(\.isEmpty) else {
            throw node.unsupported("places of the largest values are not supported")
        }
        guard let kernel = try node.integers("kernel_shape") else { throw node.unsupported("it has no window") }
        var window = try window(node, kernel, over: shape(x))
        guard window.spacing == Extent(1) else { throw node.unsupported("pooling with dilations") }
        if node.operation == "MaxPool" { return try append(node, .maxPooling(window), [x]) }
        guard try node.integer("count_include_pad") == 1 else {
            return try append(node, .averagePooling(window), [x])
        }
        guard try node.integer("ceil_mode") == 1 else {
            return try append(node, .averageWithPadding(window), [x])
        }
        // The zeros count, and what windows reach over beyond them does not: the zeros become pixels.
        let pads = try node.integers("pads") ?? [0, 0, 0, 0]
        x = try append(
            node,
            .padding(before: [0, pads[0], pads[1]], after: [0, pads[2], pads[3]], .constant(0)), [x])
        window.before = Extent(0)
        window.after = Extent(rows: window.after.rows - pads[2], columns: window.after.columns - pads[3])
        return try append(node, .averagePooling(window), [x])
    }

    mutating func gemm(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        let x = try value(node, 0)
        guard try node.integer("transA") ?? 0 == 0, shape(x).sizes.count == 1 else {
            throw node.unsupported("its left matrix is not one row per image")
        }
        guard let matrix = try constant(node, 1), matrix.isFloat, matrix.shape.count == 2 else {
            throw node.unsupported("its right matrix is not constant")
        }
        let rows = try node.integer("transB") == 1 ? matrix : Self.turned(matrix)
        let alpha = try node.float("alpha") ?? 1
        guard let bias = try constant(node, 2) else {
            return try connect(node, x, Self.scaled(rows, by: alpha), nil)
        }
        guard bias.isFloat, bias.count == 1 || bias.count == rows.shape[0] else {
            throw node.unsupported("its summand has shape \(bias.shape)")
        }
        let beta = try node.float("beta") ?? 1
        let values = (0..<rows.shape[0]).map { bias.floats[bias.count == 1 ? 0 : $0] * beta }
        return try connect(
            node, x, Self.scaled(rows, by: alpha), OnnxTensor(shape: [values.count], values: .floats(values)))
    }

    private mutating func connect(
        _ node: OnnxModel.Node, _ x: Graph.Value, _ rows: OnnxTensor, _ bias: OnnxTensor?
    ) throws(OnnxError) -> Graph.Value {
        guard rows.shape[1] == shape(x).count else {
            throw node.unsupported("a matrix of \(rows.shape) does not fit \(shape(x).count) values")
        }
        return try append(
            node, .fullyConnected(outputs: rows.shape[0], bias: bias != nil), [x],
            weights: [rows] + (bias.map { [$0] } ?? []))
    }

    private static func scaled(_ tensor: OnnxTensor, by factor: Float) -> OnnxTensor {
        factor == 1
            ? tensor : OnnxTensor(shape: tensor.shape, values: .floats(tensor.floats.map { $0 * factor }))
    }

    /// Columns as rows.
    private static func turned(_ matrix: OnnxTensor) -> OnnxTensor {
        let (rows, columns, values) = (matrix.shape[0], matrix.shape[1], matrix.floats)
        var turned = [Float](repeating: 0, count: values.count)
        for row in 0..<rows {
            for column in 0..<columns { turned[column * rows + row] = values[row * columns + column] }
        }
        return OnnxTensor(shape: [columns, rows], values: .floats(turned))
    }

    mutating func matrixProduct(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        if case .value(let x)? = try input(node, 0), shape(x).sizes.count == 1,
            let matrix = try constant(node, 1), matrix.isFloat, matrix.shape.count == 2
        {
            return try connect(node, x, Self.turned(matrix), nil)
        }
        return try append(node, .matrixProduct, [try operand(node, 0), try operand(node, 1)])
    }

    /// An input that may be constant, as a value.
    mutating func operand(_ node: OnnxModel.Node, _ index: Int) throws(OnnxError) -> Graph.Value {
        switch try input(node, index) {
        case nil: throw node.unsupported("its input \(index) is missing")
        case .value(let value): return value
        case .constant(let tensor):
            guard tensor.isFloat, tensor.count > 0 else {
                throw node.unsupported("its input \(index) is not float32, or empty")
            }
            return try append(node, .constant(TensorShape(tensor.shape)), [], weights: [tensor])
        }
    }

    mutating func batchNormalization(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        let x = try value(node, 0)
        guard try node.integer("training_mode") ?? 0 == 0, node.outputs.dropFirst().allSatisfy(\.isEmpty),
            try node.integer("spatial") ?? 1 == 1
        else { throw node.unsupported("it is set to training; export the network for inference") }
        var weights: [OnnxTensor] = []
        for index in 1...4 { weights.append(try weight(node, index, [shape(x).channels])) }
        return try append(
            node, .batchNormalization(epsilon: try node.float("epsilon") ?? 1e-5), [x], weights: weights)
    }

    mutating func prelu(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        let x = try value(node, 0)
        guard let slope = try constant(node, 1), slope.isFloat,
            let slopes = perChannel(slope, shape(x))
        else { throw node.unsupported("its slopes are not one number per channel") }
        return try append(node, .prelu, [x], weights: [slopes])
    }

    mutating func layerNormalization(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        let x = try value(node, 0)
        let rank = shape(x).sizes.count
        let axis = try axis(try node.integer("axis") ?? -1, rank, node)
        guard node.outputs.dropFirst().allSatisfy(\.isEmpty) else {
            throw node.unsupported("its mean and variance are not supported as outputs")
        }
        let sizes = Array(shape(x).sizes[axis...])
        let scale = try weight(node, 1, sizes)
        let zeros = OnnxTensor(shape: sizes, values: .floats([Float](repeating: 0, count: scale.count)))
        let shift = try constant(node, 2) == nil ? zeros : try weight(node, 2, sizes)
        return try append(
            node, .layerNormalization(axis: axis, epsilon: try node.float("epsilon") ?? 1e-5), [x],
            weights: [scale, shift])
    }
}
