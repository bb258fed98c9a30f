internal import Onnx

extension OnnxImport {
    /// What an operator of the standard makes: its first output.
    mutating func layer(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        if let activation = try activation(node) {
            let x = try value(node, 0)
            if activation == .relu(slope: 0) { return try append(node, .relu, [x]) }
            return try append(node, .activation(activation), [x])
        }
        switch node.operation {
        case "Identity", "Dropout", "Cast": return try passed(node)
        case "Conv": return try convolution(node)
        case "MaxPool", "AveragePool": return try pooling(node)
        case "GlobalAveragePool": return try append(node, .globalAveragePooling, [try value(node, 0)])
        case "GlobalMaxPool":
            let x = try value(node, 0)
            return try append(node, .maxPooling(Window(over: shape(x))), [x])
        case "Gemm": return try gemm(node)
        case "MatMul": return try matrixProduct(node)
        case "BatchNormalization": return try batchNormalization(node)
        case "PRelu": return try prelu(node)
        case "Add", "Sub", "Mul", "Div", "Min", "Max", "Sum": return try arithmetic(node)
        case "Pow": return try power(node)
        case "Reshape": return try reshape(node)
        case "Flatten": return try flatten(node)
        case "Squeeze", "Unsqueeze": return try squeeze(node)
        case "Transpose": return try transpose(node)
        case "Concat": return try concatenation(node)
        case "Slice": return try slice(node)
        case "Gather": return try gather(node)
        case "Pad": return try padding(node)
        case "Resize", "Upsample": return try resize(node)
        case "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare":
            return try reduction(node)
        case "Softmax", "LogSoftmax": return try softmax(node)
        case "LpNormalization":
            let x = try value(node, 0)
            let power = try node.integer("p") ?? 2
            guard power == 1 || power == 2 else { throw node.unsupported("a norm of power \(power)") }
            let axis = try axis(try node.integer("axis") ?? -1, shape(x).sizes.count, node)
            return try append(node, .unitLength(axis: axis, power: power), [x])
        case "LayerNormalization": return try layerNormalization(node)
        case "InstanceNormalization":
            let x = try value(node, 0)
            let weights = try [weight(node, 1, [shape(x).channels]), weight(node, 2, [shape(x).channels])]
            return try append(
                node, .instanceNormalization(epsilon: try node.float("epsilon") ?? 1e-5), [x], weights: weights)
        default:
            throw node.unsupported(
                "this operator is not supported; export the network without it (docs/networks.md lists the operators)"
            )
        }
    }

    /// Operators that leave numbers as they are.
    private func passed(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        if node.operation == "Cast", try node.integer("to") != 1 {
            throw node.unsupported("it casts running values to another type than float32")
        }
        return try value(node, 0)
    }

    /// The function of each number that an operator is, if it is one.
    private func activation(_ node: OnnxModel.Node) throws(OnnxError) -> Activation? {
        switch node.operation {
        case "Relu": return .relu(slope: 0)
        case "LeakyRelu": return .relu(slope: try node.float("alpha") ?? 0.01)
        case "Clip":
            let (low, high) = (try bound(node, "min", 1), try bound(node, "max", 2))
            return .clip(low ?? -.greatestFiniteMagnitude, high ?? .greatestFiniteMagnitude)
        case "Sigmoid": return .sigmoid
        case "HardSigmoid":
            return .hardSigmoid(alpha: try node.float("alpha") ?? 0.2, beta: try node.float("beta") ?? 0.5)
        case "HardSwish": return .hardSwish
        case "Swish": return .swish(alpha: try node.float("alpha") ?? 1)
        case "Elu": return .elu(alpha: try node.float("alpha") ?? 1)
        case "Gelu": return try node.text("approximate") == "tanh" ? .tanhGelu : .gelu
        case "Erf": return .erf
        case "Tanh": return .tanh
        case "Exp": return .exp
        case "Log": return .log
        case "Sqrt": return .squareRoot
        case "Abs": return .absolute
        case "Neg": return .linear(scale: -1, shift: 0)
        case "Reciprocal": return .power(-1)
        case "Softplus": return .softplus
        case "Mish": return .mish
        default: return nil
        }
    }

    private func bound(_ node: OnnxModel.Node, _ name: String, _ index: Int) throws(OnnxError) -> Float? {
        guard let tensor = try constant(node, index) else { return try node.float(name) }
        guard tensor.count == 1 else { throw node.unsupported("its \(name) is not one number") }
        return tensor.floats[0]
    }

    /// A constant input as a tensor of weights of this shape.
    func weight(_ node: OnnxModel.Node, _ index: Int, _ shape: [Int]) throws(OnnxError) -> OnnxTensor {
        guard let tensor = try constant(node, index) else {
            throw node.unsupported("its input \(index) is missing")
        }
        guard tensor.isFloat, tensor.count == shape.reduce(1, *) else {
            throw node.unsupported("its input \(index) has shape \(tensor.shape), not \(shape)")
        }
        return tensor.reshaped(shape)
    }
}
