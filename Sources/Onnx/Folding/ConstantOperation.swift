/// One operation on constants.
struct ConstantOperation {
    let node: OnnxModel.Node
    let inputs: [OnnxTensor?]
    let opset: Int

    /// The results; nil for an operation that is not computed here.
    func run() throws(OnnxError) -> [OnnxTensor]? {
        switch node.operation {
        case "Constant": return [try constant()]
        case "ConstantOfShape": return [try constantOfShape()]
        case "Identity": return [try input(0)]
        case "DequantizeLinear": return [try dequantized()]
        case "QuantizeLinear": return [try quantized()]
        case "Cast": return [try cast()]
        case "Shape": return [try shape()]
        case "Reshape": return [try reshaped()]
        case "Flatten": return [try flattened()]
        case "Squeeze": return [try squeezed()]
        case "Unsqueeze": return [try unsqueezed()]
        case "Transpose": return [try transposed()]
        case "Gather": return [try gathered()]
        case "Slice": return [try sliced()]
        case "Concat": return [try concatenated()]
        case "Expand": return [try expanded()]
        case "Add", "Sub", "Mul", "Div", "Pow", "Min", "Max": return [try combined()]
        case "Neg", "Sqrt", "Floor", "Ceil", "Abs", "Exp", "Log", "Reciprocal": return [try mapped()]
        default: return nil
        }
    }

    func input(_ index: Int) throws(OnnxError) -> OnnxTensor {
        guard inputs.indices.contains(index), let tensor = inputs[index] else {
            throw node.unsupported("its input \(index) is missing")
        }
        return tensor
    }

    func optional(_ index: Int) -> OnnxTensor? { inputs.indices.contains(index) ? inputs[index] : nil }

    /// An input that is a list of integers, or, in older operator sets, the attribute of that name.
    func integers(_ name: String, input index: Int) throws(OnnxError) -> [Int]? {
        if let tensor = optional(index) {
            guard let values = tensor.integers else { throw node.unsupported("\(name) are not integers") }
            return values
        }
        return try node.integers(name)
    }

    /// An axis that may be counted from the end.
    func axis(_ given: Int, rank: Int) throws(OnnxError) -> Int {
        let axis = given < 0 ? given + rank : given
        guard (0..<max(rank, 1)).contains(axis) else {
            throw node.unsupported("axis \(given) is outside a tensor of \(rank) axes")
        }
        return axis
    }

    /// Numbers of a shape; refuses what no network needs.
    func count(of shape: [Int]) throws(OnnxError) -> Int {
        var count = 1
        for size in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard size >= 0, !overflow, product <= 1 << 28 else {
                throw node.unsupported("a constant of shape \(shape) is too large, or impossible")
            }
            count = product
        }
        return count
    }

    private func constant() throws(OnnxError) -> OnnxTensor {
        for (name, value) in node.attributes {
            switch (name, value) {
            case ("value", .tensor(let tensor)): return tensor
            case ("value_int", .integer(let value)): return OnnxTensor(shape: [], values: .integers([value]))
            case ("value_float", .float(let value)): return OnnxTensor(shape: [], values: .floats([value]))
            case ("value_ints", .integers(let all)):
                return OnnxTensor(shape: [all.count], values: .integers(all))
            case ("value_floats", .floats(let all)):
                return OnnxTensor(shape: [all.count], values: .floats(all))
            default: continue
            }
        }
        throw node.unsupported("its value is neither numbers nor a tensor of them")
    }

    private func constantOfShape() throws(OnnxError) -> OnnxTensor {
        guard let shape = try input(0).integers else { throw node.unsupported("its shape is not integers") }
        let count = try count(of: shape)
        guard case .tensor(let value)? = node.attributes["value"] else {
            return OnnxTensor(shape: shape, values: .floats([Float](repeating: 0, count: count)))
        }
        guard value.count == 1 else { throw node.unsupported("its value is not one number") }
        return value.gathered(shape: shape, [Int](repeating: 0, count: count))
    }

    private func cast() throws(OnnxError) -> OnnxTensor {
        let tensor = try input(0)
        // Numbers of onnx's TensorProto.DataType.
        switch try node.integer("to") {
        case 1, 10, 11, 16: return OnnxTensor(shape: tensor.shape, values: .floats(tensor.floats))
        case 6, 7, 12, 13:
            if tensor.isFloat {
                let whole = tensor.floats.map { Int(exactly: $0.rounded(.towardZero)) ?? 0 }
                return OnnxTensor(shape: tensor.shape, values: .integers(whole))
            }
            return OnnxTensor(shape: tensor.shape, values: .integers(tensor.integers ?? []))
        case 9:
            return OnnxTensor(shape: tensor.shape, values: .integers(tensor.floats.map { $0 == 0 ? 0 : 1 }))
        default: throw node.unsupported("a constant is cast to a type that is not supported")
        }
    }

    private func shape() throws(OnnxError) -> OnnxTensor {
        try OnnxModel.Node.shapeTensor(of: try input(0).shape, node)
    }
}

extension OnnxModel.Node {
    /// What the operation `Shape` gives for a tensor of this shape.
    public static func shapeTensor(of shape: [Int], _ node: OnnxModel.Node) throws(OnnxError) -> OnnxTensor {
        func place(_ name: String, _ other: Int) throws(OnnxError) -> Int {
            guard let given = try node.integer(name) else { return other }
            return min(max(given < 0 ? given + shape.count : given, 0), shape.count)
        }
        let start = try place("start", 0)
        let end = try place("end", shape.count)
        let part = start < end ? Array(shape[start..<end]) : []
        return OnnxTensor(shape: [part.count], values: .integers(part))
    }
}
