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
    public init(directory: String, threads: Int = 1) throws(NetworkError) {
        let (card, bytes) = try NetworkDirectory.read(directory)
        let path = directory + "/" + card.weights.file
        graph = try card.graph(path: directory + "/card.json")
        executor = try Executor(graph, weights: SafeTensors(bytes: bytes, path: path), threads: threads)
        self.card = card
    }

    /// A network whose parameters are in memory, for example while they are trained; no file is read.
    ///
    /// What happens to `parameters` later does not change it.
    ///
    /// - Parameters:
    ///   - card: how pixels become input; its dimension and side are `graph`'s. Its weights are not looked at.
    ///   - graph: from 3 × side × side to `dimension` × 1 × 1.
    ///   - threads: threads one call of `templates(of:)` may use, 1…256.
    /// - Throws: `badGraph` where card and graph disagree, `badWeights` for parameters that are not the graph's or
    ///   not finite.
    public init(
        card: NetworkCard, graph: Graph, parameters: Parameters, threads: Int = 1
    ) throws(NetworkError) {
        try Self.requireShapes(of: card, graph)
        self.graph = graph
        executor = try Executor(graph, weights: parameters, threads: threads)
        self.card = card
    }

    private static func requireShapes(of card: NetworkCard, _ graph: Graph) throws(NetworkError) {
        let side = card.input.side
        guard graph.inputShape == Shape(channels: 3, height: side, width: side) else {
            throw .badGraph(layer: "input", reason: "is \(graph.inputShape), not the card's 3×\(side)×\(side)")
        }
        guard graph.outputShape == Shape(channels: card.dimension, height: 1, width: 1) else {
            throw .badGraph(
                layer: "output", reason: "is \(graph.outputShape), not the card's \(card.dimension)×1×1")
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
        let (side, mean, scale) = (card.input.side, card.input.mean, card.input.scale)
        for (index, chip) in chips.enumerated() where chip.count != side * side * 3 {
            throw .wrongChip(index: index, bytes: chip.count, side: side)
        }
        var templates = try unsafe executor.run(count: chips.count) { index, image in
            let shift = [-mean[0] * scale, -mean[1] * scale, -mean[2] * scale]
            unsafe chips[index].withUnsafeBufferPointer { chip in
                for place in stride(from: 0, to: min(chip.count, image.count) - 2, by: 3) {
                    unsafe image[place] = Float(chip[place]) * scale + shift[0]
                    unsafe image[place + 1] = Float(chip[place + 1]) * scale + shift[1]
                    unsafe image[place + 2] = Float(chip[place + 2]) * scale + shift[2]
                }
            }
        }
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

    /// A table of the layers: name, output shape, parameters, and the totals.
    public func summary() -> String { graph.summary() }
}
