public import Network

/// A network with weights: a line of `network list`, the line of `network show` and `network import`.
public struct NetworkRecord: Codable, Equatable, Sendable {
    /// Its name.
    public var name: String
    /// Its directory.
    public var directory: String
    /// What its card says.
    public var card: NetworkCard
    /// What galleries record of it.
    public var fingerprint: String
    /// Numbers that were learnt; nil where it was not opened.
    public var parameters: Int?
    /// Its layers; nil where it was not opened.
    public var layers: [LayerRecord]?

    /// A network as its card and its layers have it.
    package init(_ card: NetworkCard, named name: String? = nil, in directory: String, _ graph: Graph? = nil) {
        (self.name, self.directory, self.card) = (name ?? card.name, directory, card)
        (fingerprint, parameters) = (card.fingerprint, graph?.parameterCount)
        layers = graph.map(LayerRecord.all)
    }
}

/// A layer of a network.
public struct LayerRecord: Codable, Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Sizes of what it gives for one image.
    public var output: [Int]
    /// Numbers that are learnt.
    public var parameters: Int
    /// Multiplications for one image.
    public var multiplications: Int

    /// All layers, in the order of their work.
    package static func all(of graph: Graph) -> [LayerRecord] {
        graph.nodes.map { node in
            LayerRecord(
                name: node.name, output: node.shape.sizes, parameters: node.parameterCount,
                multiplications: graph.multiplications(of: node))
        }
    }
}
