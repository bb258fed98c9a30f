internal import COnnx

extension OnnxModel {
    /// Largest file that is read, in bytes.
    public static let largestFile = 1 << 30

    /// Reads the bytes of an ONNX file.
    ///
    /// Linear in the file's size, in time and in memory. Nothing is taken that is not in the file itself.
    ///
    /// - Throws: `notAModel` for bytes that are no model, a damaged one, or one that has parts that are not supported:
    ///   weights in other files, sub-graphs, functions, sparse tensors, training graphs; `noMemory`.
    public init(_ bytes: [UInt8]) throws(OnnxError) {
        let file = try ModelHandle(bytes)
        let header = file.header
        (version, opset, producer) = (header.version, header.opset, header.producer)
        guard opset >= 7 else {
            throw .notAModel(
                reason: "its operator set is \(opset); 7 and later are supported, so export the network again")
        }
        var metadata: [String: String] = [:]
        for index in 0..<header.metadata {
            let line = file.line(index)
            metadata[line.key] = line.text
        }
        self.metadata = metadata
        var constants: [String: OnnxTensor] = [:]
        for index in 0..<header.initializers {
            let (name, tensor) = try file.initializer(index)
            guard constants.updateValue(tensor, forKey: name) == nil else {
                throw .notAModel(reason: "it has two tensors of the name \(name)")
            }
        }
        self.constants = constants
        var values: [Value] = []
        for index in 0..<header.inputs { values.append(file.input(index)) }
        let listed = values
        values = []
        for index in 0..<header.outputs { values.append(file.output(index)) }
        outputs = values
        var nodes: [Node] = []
        nodes.reserveCapacity(header.nodes)
        for index in 0..<header.nodes { nodes.append(try file.node(index)) }
        self.nodes = nodes
        // Files may list constants as inputs, and inputs that nothing reads since their weights were converted.
        let read = Set(nodes.flatMap(\.inputs) + outputs.map(\.name))
        inputs = listed.filter { constants[$0.name] == nil && read.contains($0.name) }
        try requireOrder()
    }

    /// Every name is made once, before it is read.
    private func requireOrder() throws(OnnxError) {
        var known = Set(constants.keys)
        for input in inputs {
            guard known.insert(input.name).inserted else {
                throw .notAModel(reason: "it has two inputs of the name \(input.name)")
            }
        }
        for node in nodes {
            if let missing = node.inputs.first(where: { !$0.isEmpty && !known.contains($0) }) {
                throw .notAModel(reason: "node \(node.label) reads \(missing), which nothing before it makes")
            }
            for output in node.outputs where !output.isEmpty {
                guard known.insert(output).inserted else {
                    throw .notAModel(reason: "the value \(output) is made twice")
                }
            }
        }
        guard !outputs.isEmpty else { throw .notAModel(reason: "its graph has no output") }
        if let missing = outputs.first(where: { !known.contains($0.name) }) {
            throw .notAModel(reason: "nothing makes its output \(missing.name)")
        }
    }
}
