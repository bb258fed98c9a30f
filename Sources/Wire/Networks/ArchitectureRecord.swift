package import Network

/// An arrangement of layers without weights: a line of `network list`, or the line of `network show`.
public struct ArchitectureRecord: Codable, Hashable, Sendable {
    /// Its name.
    public var architecture: String
    /// What it is, in a line.
    public var summary: String
    /// Width and height of a chip, in pixels.
    public var side: Int
    /// Numbers in a template.
    public var dimension: Int
    /// Numbers that are learnt.
    public var parameters: Int
    /// Multiplications for one image.
    public var multiplications: Int
    /// Its layers; nil in a list.
    public var layers: [LayerRecord]?

    /// An architecture at its usual side.
    package init(_ architecture: Architecture, _ graph: Graph, withLayers: Bool = false) {
        (self.architecture, summary) = (architecture.rawValue, architecture.summary)
        (side, dimension) = (architecture.defaultSide, graph.outputShape.count)
        (parameters, multiplications) = (graph.parameterCount, graph.multiplicationCount)
        layers = withLayers ? LayerRecord.all(of: graph) : nil
    }
}
