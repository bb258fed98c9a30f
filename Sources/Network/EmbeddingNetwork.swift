internal import Onnx

/// A face network ready to run: chips in, templates out.
///
/// Any number of threads may call one instance at once.
public final class EmbeddingNetwork: Sendable {
    /// What the network's directory says about it.
    public let card: NetworkCard
    /// Its layers.
    public let graph: Graph
    private let executor: Executor

    /// Numbers in a template.
    public var dimension: Int { card.dimension }

    /// Opens a network's directory, verifies the weights' SHA-256 and prepares the layers.
    ///
    /// - Parameters:
    ///   - directory: holds `card.json` and the weights it names.
    ///   - threads: threads one call of `templates(of:)` may use, 1…256.
    /// - Throws: `NetworkError`, naming the file that is missing or wrong.
    public convenience init(directory: String, threads: Int = 1) throws(NetworkError) {
        let (card, bytes) = try NetworkDirectory.read(directory)
        try self.init(card: card, file: bytes, directory: directory, threads: threads)
    }

    /// - Parameter file: the bytes that the card names, already compared with its digest.
    init(card: NetworkCard, file: [UInt8], directory: String, threads: Int) throws(NetworkError) {
        let path = directory + "/" + card.weights.file
        if card.isImported {
            let (graph, weights) = try Self.imported(card, file, path: path)
            try Self.requireShapes(of: card, graph)
            executor = try Executor(graph, weights: weights, threads: threads)
            self.graph = graph
        } else {
            graph = try card.graph(path: directory + "/card.json")
            executor = try Executor(graph, weights: SafeTensors(bytes: file, path: path), threads: threads)
        }
        self.card = card
    }

    /// The layers of an ONNX file up to the output that the card names.
    static func imported(
        _ card: NetworkCard, _ file: [UInt8], path: String
    ) throws(NetworkError) -> (Graph, ImportedWeights) {
        let model = try TensorNetwork.model(file, path: path)
        guard let output = card.output, model.outputs.contains(where: { $0.name == output }) else {
            let names = model.outputs.map(\.name).joined(separator: ", ")
            throw .badModel(
                path: path, reason: "it has no output \(card.output ?? ""); its outputs are \(names)")
        }
        let side = card.input.side
        let shape = TensorShape(channels: 3, height: side, width: side)
        if let own = try? OnnxImport.inputShape(of: model), own != shape {
            throw .badModel(path: path, reason: "its input is \(own), not the card's \(shape)")
        }
        return try OnnxImport.run(model.keeping(output), path: path, input: shape)
    }

    /// A network whose parameters are in memory, for example while they are trained; no file is read.
    ///
    /// What happens to `parameters` later does not change it.
    ///
    /// - Parameters:
    ///   - card: how pixels become input; its dimension and side are `graph`'s. Its weights are not looked at.
    ///   - graph: from 3 × side × side to `dimension` × 1 × 1.
    ///   - parameters: the weights of all layers of `graph`.
    ///   - threads: threads one call of `templates(of:)` may use, 1…256.
    /// - Throws: `badGraph` where card and graph disagree, `badWeights` for parameters that are not the graph's or
    ///   not finite.
    public init(
        card: NetworkCard, graph: Graph, parameters: NetworkParameters, threads: Int = 1
    ) throws(NetworkError) {
        try Self.requireShapes(of: card, graph)
        self.graph = graph
        executor = try Executor(graph, weights: parameters, threads: threads)
        self.card = card
    }

    private static func requireShapes(of card: NetworkCard, _ graph: Graph) throws(NetworkError) {
        let side = card.input.side
        guard graph.inputShape == TensorShape(channels: 3, height: side, width: side) else {
            throw .badGraph(layer: "input", reason: "is \(graph.inputShape), not the card's 3×\(side)×\(side)")
        }
        let output = graph.outputShape
        guard output.channels == card.dimension, output.count == card.dimension else {
            throw .badGraph(layer: "output", reason: "is \(output), not the card's \(card.dimension)×1×1")
        }
        guard card.input.mean.count == 3 else {
            throw .badArgument(name: "input.mean", reason: "has \(card.input.mean.count) numbers, not 3")
        }
    }

    /// The templates of face chips.
    ///
    /// Memory does not grow with the number of chips beyond the answer's own.
    ///
    /// - Parameter chips: each side × side × 3 bytes, RGB, row by row.
    /// - Returns: row-major, count × `dimension`, every row of unit length; empty for no chips.
    /// - Throws: `wrongChip` with the index of the first chip of another size; `notFinite`.
    public func templates(of chips: [[UInt8]]) throws(NetworkError) -> [Float] {
        let side = card.input.side
        for (index, chip) in chips.enumerated() where chip.count != side * side * 3 {
            throw .wrongChip(index: index, bytes: chip.count, side: side)
        }
        var templates = try outputs(of: chips)
        for index in chips.indices {
            let row = index * dimension..<(index + 1) * dimension
            var sum: Float = 0
            for place in row { sum += templates[place] * templates[place] }
            guard sum.isFinite, sum > 0 else { throw .notFinite(index: index) }
            let factor = 1 / sum.squareRoot()
            for place in row { templates[place] *= factor }
        }
        return templates
    }

    /// What the network makes of chips, of any length.
    private func outputs(of chips: [[UInt8]]) throws(NetworkError) -> [Float] {
        let pixels = PixelRule(card.input)
        guard card.mirrored == true else {
            return try unsafe executor.run(count: chips.count) { index, image in
                unsafe pixels.write(chips[index], mirrored: false, to: image)
            }
        }
        let both = try unsafe executor.run(count: chips.count * 2) { index, image in
            unsafe pixels.write(chips[index / 2], mirrored: index % 2 == 1, to: image)
        }
        var sums: [Float] = []
        sums.reserveCapacity(both.count / 2)
        for index in chips.indices {
            let start = index * 2 * dimension
            for place in start..<start + dimension { sums.append(both[place] + both[place + dimension]) }
        }
        return sums
    }

    /// A table of the layers: name, output shape, parameters, and the totals.
    public func summary() -> String { graph.summary() }
}
