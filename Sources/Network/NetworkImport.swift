internal import Onnx

/// What is known of an ONNX file before there is a card for it.
public enum NetworkImport {
    /// The bytes of an ONNX file of at most 1 GiB.
    ///
    /// - Throws: `unreadable` without such a file.
    public static func read(_ path: String) throws(NetworkError) -> [UInt8] {
        try readFile(path, limit: OnnxModel.largestFile)
    }

    /// A card for a face network whose file says all that is needed: one output of numbers, one square input, and the
    /// normalisation of pixels among its layers.
    ///
    /// It takes red, green and blue of 0…255 from faces aligned to five points, and matches nobody: no threshold was
    /// measured. Its name is the file's, without the ending.
    ///
    /// - Throws: `badModel` for a file that does not say it, which needs a card.
    public static func card(for bytes: [UInt8], file path: String) throws(NetworkError) -> NetworkCard {
        let model = try TensorNetwork.model(bytes, path: path)
        let (graph, weights) = try OnnxImport.run(model, path: path)
        func open(_ reason: String) -> NetworkError {
            .badModel(
                path: path, reason: "\(reason); write a card for it (docs/networks.md) and name it with --card")
        }
        let shape = graph.inputShape
        guard shape.channels == 3, shape.height == shape.width, shape.isPlanes else {
            throw open("its input is \(shape), not a square of three colours")
        }
        guard graph.outputs.count == 1 else {
            throw open("it has \(graph.outputs.count) outputs, one of which is the template")
        }
        guard try Plan(graph, weights: weights).inputScaling != nil else {
            throw open("how pixels become its input is not among its layers")
        }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return NetworkCard(
            importing: name.hasSuffix(".onnx") && name.count > 5 ? String(name.dropLast(5)) : name,
            output: graph.outputs[0].name, dimension: graph.outputShape.count,
            input: NetworkCard.Input(side: shape.width, mean: [0, 0, 0], scale: 1),
            alignment: NetworkCard.Alignment(kind: NetworkCard.Alignment.template, padding: 0),
            license: "not known", source: name,
            threshold: NetworkCard.Threshold(similarity: 1, falseMatchRate: 0, measured: "not measured"))
    }
}
