/// An ONNX file in the making, written byte by byte: what the reader is held against knows nothing of the reader.
struct TestModel {
    enum Values {
        case floats([Float])
        case integers([Int])
        case signedBytes([Int8])
        case bytes([UInt8])
    }

    enum Attribute {
        case integer(Int), float(Float), text(String), integers([Int]), floats([Float])
        case tensor([Int], Values)
        case graph
    }

    struct Node {
        var operation: String
        var inputs: [String]
        var outputs: [String]
        var attributes: [(String, Attribute)]
    }

    var opset = 17
    var inputs: [(name: String, shape: [Int])] = [("x", [0, 2, 3, 3])]
    var outputs = ["y"]
    var constants: [(name: String, shape: [Int], values: Values)] = []
    var nodes: [Node] = []
    /// Fields put at the end of a part, as they are.
    var extraInModel = Wire(), extraInGraph = Wire(), extraInTensor = Wire()
    private var made = 0

    init(_ input: [Int] = [2, 3, 3]) { inputs[0].shape = [0] + input }

    /// A constant; returns its name.
    mutating func constant(_ shape: [Int], _ values: Values) -> String {
        constants.append(("c\(constants.count)", shape, values))
        return "c\(constants.count - 1)"
    }

    mutating func constant(_ shape: [Int], _ values: [Float]) -> String { constant(shape, .floats(values)) }
    mutating func list(_ values: [Int]) -> String { constant([values.count], .integers(values)) }

    /// A node; returns the name of its output.
    @discardableResult
    mutating func node(
        _ operation: String, _ inputs: [String] = ["x"], _ attributes: [(String, Attribute)] = [],
        output: String? = nil
    ) -> String {
        made += 1
        let output = output ?? "v\(made)"
        nodes.append(Node(operation: operation, inputs: inputs, outputs: [output], attributes: attributes))
        return output
    }

    var encoded: [UInt8] {
        var graph = Wire()
        for node in nodes { graph.message(1, Self.wire(node)) }
        graph.text(2, "test")
        for (name, shape, values) in constants {
            var tensor = Self.tensor(shape, values)
            tensor.text(8, name)
            tensor.bytes += extraInTensor.bytes
            graph.message(5, tensor)
        }
        for (name, shape) in inputs { graph.message(11, Self.value(name, shape)) }
        for name in outputs { graph.message(12, Self.value(name, [])) }
        graph.bytes += extraInGraph.bytes
        var model = Wire()
        model.number(1, 8)
        var set = Wire()
        set.number(2, opset)
        model.message(8, set)
        model.message(7, graph)
        model.bytes += extraInModel.bytes
        return model.bytes
    }

    static func tensor(_ shape: [Int], _ values: Values) -> Wire {
        var tensor = Wire()
        for size in shape { tensor.number(1, size) }
        var raw: [UInt8] = []
        let type: Int
        switch values {
        case .floats(let all):
            type = 1
            for value in all { raw += (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
        case .integers(let all):
            type = 7
            for value in all { raw += (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        case .signedBytes(let all):
            type = 3
            raw = all.map { UInt8(bitPattern: $0) }
        case .bytes(let all):
            type = 2
            raw = all
        }
        tensor.number(2, type)
        tensor.data(9, raw)
        return tensor
    }

    private static func value(_ name: String, _ shape: [Int]) -> Wire {
        var (sizes, tensor, type, value) = (Wire(), Wire(), Wire(), Wire())
        for size in shape {
            var dimension = Wire()
            if size > 0 { dimension.number(1, size) } else { dimension.text(2, "N") }
            sizes.message(1, dimension)
        }
        tensor.number(1, 1)
        if !shape.isEmpty { tensor.message(2, sizes) }
        type.message(1, tensor)
        value.text(1, name)
        value.message(2, type)
        return value
    }

    private static func wire(_ node: Node) -> Wire {
        var wire = Wire()
        for input in node.inputs { wire.text(1, input) }
        for output in node.outputs { wire.text(2, output) }
        wire.text(3, node.outputs.first ?? "")
        wire.text(4, node.operation)
        for (name, attribute) in node.attributes {
            var part = Wire()
            part.text(1, name)
            switch attribute {
            case .float(let value):
                part.float(2, value)
                part.number(20, 1)
            case .integer(let value):
                part.number(3, value)
                part.number(20, 2)
            case .text(let value):
                part.text(4, value)
                part.number(20, 3)
            case .tensor(let shape, let values):
                part.message(5, tensor(shape, values))
                part.number(20, 4)
            case .graph:
                part.message(6, Wire())
                part.number(20, 5)
            case .floats(let all):
                for value in all { part.float(7, value) }
                part.number(20, 6)
            case .integers(let all):
                for value in all { part.number(8, value) }
                part.number(20, 7)
            }
            wire.message(5, part)
        }
        return wire
    }
}

/// Fields of a protocol buffer.
struct Wire {
    var bytes: [UInt8] = []

    private mutating func varint(_ value: Int) {
        var rest = UInt64(bitPattern: Int64(value))
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func number(_ field: Int, _ value: Int) {
        varint(field << 3)
        varint(value)
    }

    mutating func float(_ field: Int, _ value: Float) {
        varint(field << 3 | 5)
        bytes += (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
    }

    mutating func data(_ field: Int, _ content: [UInt8]) {
        varint(field << 3 | 2)
        varint(content.count)
        bytes += content
    }

    mutating func text(_ field: Int, _ text: String) { data(field, Array(text.utf8)) }
    mutating func message(_ field: Int, _ message: Wire) { data(field, message.bytes) }
}
