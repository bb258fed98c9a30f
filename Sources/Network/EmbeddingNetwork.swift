/// A face network ready to run: chips in, templates out.
///
/// Any number of threads may call one instance at once.
public final class EmbeddingNetwork: Sendable {
    /// What the network's directory says about it.
    public let card: NetworkCard
    private let graph: Graph
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
        let card = try NetworkCard.load(directory: directory)
        let path = directory + "/" + card.weights.file
        let bytes = try readFile(path, limit: 1 << 32)
        let found = SHA256.hex(of: bytes)
        guard found == card.weights.sha256 else {
            throw .wrongWeights(path: path, expected: card.weights.sha256, found: found)
        }
        graph = try Self.graph(of: card, directory: directory)
        executor = try Executor(graph, weights: SafeTensors(bytes: bytes, path: path), threads: threads)
        self.card = card
    }

    private static func graph(of card: NetworkCard, directory: String) throws(NetworkError) -> Graph {
        guard let architecture = Architecture(rawValue: card.architecture) else {
            let known = Architecture.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badCard(
                path: directory + "/card.json",
                reason: "architecture \"\(card.architecture)\" is unknown; this build knows \(known)")
        }
        return try architecture.graph(side: card.input.side, dimension: card.dimension)
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
