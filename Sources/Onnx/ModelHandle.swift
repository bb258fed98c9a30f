internal import COnnx

/// The bridge's model, and the only place that frees it.
@safe struct ModelHandle: ~Copyable {
    private let raw: OpaquePointer

    /// More than the largest networks have by a factor of ten; a part costs up to 200 bytes.
    private static let limits = conx_limits(parts: 1 << 20, values: 1 << 28)

    init(_ bytes: [UInt8]) throws(OnnxError) {
        var made: OpaquePointer?
        let (status, reason) = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { message in
            guard let start = message.baseAddress else { return (CONX_NO_MEMORY, "") }
            unsafe start.initialize(repeating: 0, count: message.count)
            let status = unsafe bytes.withUnsafeBufferPointer { buffer in
                guard let first = buffer.baseAddress else { return CONX_INVALID }
                return unsafe conx_read(first, buffer.count, Self.limits, &made, start, message.count)
            }
            return (status, unsafe String(cString: start))
        }
        if status == CONX_NO_MEMORY { throw .noMemory }
        guard status == CONX_OK, let made = unsafe made else {
            throw .notAModel(reason: reason.isEmpty ? "it is empty" : reason)
        }
        unsafe raw = made
    }

    deinit { unsafe conx_model_free(raw) }

    /// What the file says of itself, and how many parts it has.
    struct Header {
        var version: Int, opset: Int, producer: String
        var inputs: Int, outputs: Int, initializers: Int, nodes: Int, metadata: Int
    }

    var header: Header {
        let given = unsafe conx_model_header(raw)
        return unsafe Header(
            version: Int(given.ir_version), opset: Int(given.opset), producer: String(cString: given.producer),
            inputs: given.inputs, outputs: given.outputs, initializers: given.initializers, nodes: given.nodes,
            metadata: given.metadata)
    }

    func line(_ index: Int) -> (key: String, text: String) {
        let line = unsafe conx_model_line(raw, index)
        return unsafe (String(cString: line.key), String(cString: line.text))
    }

    func input(_ index: Int) -> OnnxModel.Value {
        let value = unsafe conx_model_input(raw, index)
        return unsafe Self.value(value) { unsafe conx_input_size(raw, index, $0) }
    }

    func output(_ index: Int) -> OnnxModel.Value {
        let value = unsafe conx_model_output(raw, index)
        return unsafe Self.value(value) { unsafe conx_output_size(raw, index, $0) }
    }

    private static func value(_ value: conx_value, _ size: (Int) -> Int64) -> OnnxModel.Value {
        let shape =
            unsafe value.rank < 0
            ? nil : unsafe (0..<Int(value.rank)).map { axis in size(axis) < 1 ? nil : Int(size(axis)) }
        return unsafe OnnxModel.Value(name: String(cString: value.name), shape: shape, isFloat: value.type == 1)
    }

    func initializer(_ index: Int) throws(OnnxError) -> (String, OnnxTensor) {
        let tensor = unsafe conx_model_initializer(raw, index)
        return unsafe (String(cString: tensor.name), Self.tensor(tensor))
    }

    private static func tensor(_ given: conx_tensor) -> OnnxTensor {
        let shape = unsafe UnsafeBufferPointer(start: given.shape, count: given.rank).map(Int.init)
        let count = unsafe given.count
        func filled<Number>(_ fill: (UnsafeMutablePointer<Number>) -> Void) -> [Number] {
            unsafe [Number](unsafeUninitializedCapacity: count) { buffer, filled in
                if count > 0, let start = buffer.baseAddress { unsafe fill(start) }
                filled = count
            }
        }
        let values: OnnxTensor.Values = unsafe withUnsafePointer(to: given) { tensor in
            // Numbers of onnx's TensorProto.DataType.
            switch unsafe given.type {
            case 1, 10, 11, 16: return unsafe .floats(filled { unsafe conx_floats_of(tensor, $0) })
            case 2: return unsafe .bytes(filled { unsafe conx_bytes_of(tensor, $0) })
            case 3:
                return unsafe .signedBytes(
                    filled { (start: UnsafeMutablePointer<Int8>) in
                        unsafe start.withMemoryRebound(to: UInt8.self, capacity: count) {
                            unsafe conx_bytes_of(tensor, $0)
                        }
                    })
            default:
                let all: [Int64] = unsafe filled { unsafe conx_integers_of(tensor, $0) }
                return .integers(all.map(Int.init))
            }
        }
        return OnnxTensor(shape: shape, values: values)
    }

    func node(_ index: Int) throws(OnnxError) -> OnnxModel.Node {
        let view = unsafe conx_model_node(raw, index)
        let (inputs, outputs, attributes) = unsafe (view.inputs, view.outputs, view.attributes)
        var node = unsafe OnnxModel.Node(
            operation: String(cString: view.operation), name: String(cString: view.name),
            domain: String(cString: view.domain),
            inputs: (0..<inputs).map { unsafe String(cString: conx_node_input_name(raw, index, $0)) },
            outputs: (0..<outputs).map { unsafe String(cString: conx_node_output_name(raw, index, $0)) },
            attributes: [:])
        if node.domain == "ai.onnx" { node.domain = "" }
        for place in 0..<attributes {
            let given = unsafe conx_node_attribute(raw, index, place)
            node.attributes[unsafe String(cString: given.name)] = unsafe attribute(given, index, place)
        }
        return node
    }

    private func attribute(_ given: conx_attribute, _ node: Int, _ place: Int) -> OnnxModel.Attribute {
        let count = unsafe given.count
        // Numbers of onnx's AttributeProto.AttributeType; the bridge lets no others through.
        switch unsafe given.type {
        case 1: return unsafe .float(given.real)
        case 2: return unsafe .integer(Int(given.integer))
        case 3: return unsafe .text(String(cString: given.text))
        case 4: return unsafe .tensor(Self.tensor(conx_attribute_tensor(raw, node, place)))
        case 6: return unsafe .floats(Array(UnsafeBufferPointer(start: given.reals, count: count)))
        case 7:
            return unsafe .integers(UnsafeBufferPointer(start: given.integers, count: count).map(Int.init))
        default:
            return .texts((0..<count).map { unsafe String(cString: conx_attribute_text(raw, node, place, $0)) })
        }
    }
}
