extension OnnxModel {
    /// The model without the operations whose inputs are all constants: their results are constants themselves.
    ///
    /// Weights that are stored as integers with a scale become float32 that way. Constants that nothing reads any
    /// longer are dropped.
    ///
    /// - Throws: `unsupported` for an operation on constants with wrong or unknown settings.
    public func folded() throws(OnnxError) -> OnnxModel {
        var model = self
        model.nodes = []
        for node in nodes {
            if let made = try node.folded(opset: opset, { model.constants[$0] }) {
                for (name, tensor) in zip(node.outputs, made) where !name.isEmpty {
                    model.constants[name] = tensor
                }
            } else {
                model.nodes.append(node)
            }
        }
        let read = Set(model.nodes.flatMap(\.inputs) + outputs.map(\.name))
        model.constants = model.constants.filter { read.contains($0.key) }
        return model
    }
}

extension OnnxModel {
    /// The model without what this output does not need.
    public func keeping(_ output: String) -> OnnxModel {
        var model = self
        var wanted: Set = [output]
        model.nodes = []
        for node in nodes.reversed() where node.outputs.contains(where: wanted.contains) {
            wanted.formUnion(node.inputs)
            model.nodes.append(node)
        }
        model.nodes.reverse()
        model.outputs = outputs.filter { $0.name == output }
        model.constants = constants.filter { wanted.contains($0.key) }
        return model
    }
}

extension OnnxModel.Node {
    /// What the node makes of constants; nil if an input is none, or the operation is not one that is folded.
    ///
    /// - Parameter constant: the constant of a name, if it is one.
    public func folded(
        opset: Int, _ constant: (String) -> OnnxTensor?
    ) throws(OnnxError) -> [OnnxTensor]? {
        guard domain.isEmpty else { return nil }
        var tensors: [OnnxTensor?] = []
        for input in inputs {
            if input.isEmpty {
                tensors.append(nil)
            } else if let tensor = constant(input) {
                tensors.append(tensor)
            } else {
                return nil
            }
        }
        guard outputs.count == 1 || operation == "Split" else { return nil }
        return try ConstantOperation(node: self, inputs: tensors, opset: opset).run()
    }
}
