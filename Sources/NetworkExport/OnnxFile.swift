public import Network

/// Writes networks as ONNX files, for programs that run those.
///
/// Input `data`: N × 3 × side × side, float32, red, green and blue of 0…255; `(pixel - mean) × scale` is part of the
/// model. Output `embedding`: N × dimension, float32, every row of unit length. Operator set 13. Face detection and
/// alignment are not in the file: its metadata say what the network expects.
public enum OnnxFile {
    /// Operators as of ONNX 1.8; every runtime of the last years has them.
    static let opset: Int64 = 13

    /// Writes the network of a directory to `path`, aside, synced and renamed.
    ///
    /// - Parameter precision: how weights are stored; float16 halves the file.
    /// - Returns: the network's card.
    /// - Throws: `.network` for a network that cannot be read or a file that cannot be written, `.refused`,
    ///   `.tooLarge`.
    @discardableResult
    public static func write(
        networkDirectory directory: String, to path: String, precision: SafeTensors.Precision = .float32
    ) throws(OnnxError) -> NetworkCard {
        let (card, bytes) = try wrap { () throws(NetworkError) in try NetworkDirectory.read(directory) }
        if card.isImported {
            guard precision == .float32 else {
                throw .refused(
                    network: card.name,
                    reason:
                        "it was imported, and is exported as the file that it came from; leave out `float16`")
            }
            // It is the file that was imported, byte for byte.
            try wrap { () throws(NetworkError) in try replaceFile(path, with: bytes) }
            return card
        }
        let (weights, graph) = try wrap { () throws(NetworkError) in
            let tensors = try SafeTensors(bytes: bytes, path: directory + "/" + card.weights.file)
            return (tensors, try card.graph())
        }
        let encoded = try encode(card, graph, weights: weights, precision: precision)
        try wrap { () throws(NetworkError) in try replaceFile(path, with: encoded) }
        return card
    }

    /// The bytes of an ONNX file; `graph` is the card's.
    ///
    /// - Parameters:
    ///   - isUnitLength: whether each row of the output is divided by its length; not for a network that will be
    ///     trained further, which divides for itself.
    ///   - precision: how weights are stored; float16 halves the file.
    /// - Throws: `.network` for tensors that are missing, misshapen or not finite, `.refused`, also for a weight that
    ///   float16 cannot hold, `.tooLarge`.
    public static func encode(
        _ card: NetworkCard, _ graph: Graph, weights: some WeightSource, isUnitLength: Bool = true,
        precision: SafeTensors.Precision = .float32
    ) throws(OnnxError) -> [UInt8] {
        let builder = try OnnxBuilder(network: card.name, opset: opset, precision: precision)
        for (key, text) in [
            ("name", card.name), ("architecture", card.architecture), ("weights.sha256", card.weights.sha256),
            ("alignment", "\(card.alignment.kind), padding \(card.alignment.padding)"),
            ("threshold.similarity", "\(card.threshold.similarity)"), ("license", card.license),
            ("source", card.source),
        ] {
            try builder.describe(key, text)
        }
        let (input, output) = (graph.inputShape, graph.outputShape)
        try builder.input("data", [0, input.channels, input.height, input.width])
        try builder.output("embedding", [0, output.count])
        var translation = OnnxTranslation(input: try normalised("data", card.input, builder))
        let result = try translation.run(graph, weights, builder)
        guard isUnitLength else {
            try builder.node("Identity", "answer", [result], output: "embedding")
            return try builder.encoded()
        }
        let length = try builder.node(
            "ReduceL2", "length", [result], [("axes", .integers([1])), ("keepdims", .integer(1))])
        try builder.node("Div", "unit", [result, length], output: "embedding")
        return try builder.encoded()
    }

    /// The name of the pixels as the layers take them; the pixels themselves where nothing is to be done.
    private static func normalised(
        _ data: String, _ input: NetworkCard.Input, _ builder: borrowing OnnxBuilder
    ) throws(OnnxError) -> String {
        if input.scale == 1, input.mean.allSatisfy({ $0 == 0 }) { return data }
        let mean = try builder.tensor("normalization.mean", [1, 3, 1, 1], input.mean)
        let scale = try builder.tensor("normalization.scale", [], [input.scale])
        let centred = try builder.node("Sub", "normalization.centre", [data, mean])
        return try builder.node("Mul", "normalization.scaled", [centred, scale])
    }
}

/// Carries a network's error in the module's own.
func wrap<Result>(_ call: () throws(NetworkError) -> Result) throws(OnnxError) -> Result {
    do { return try call() } catch { throw .network(error) }
}
