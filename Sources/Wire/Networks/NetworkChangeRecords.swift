package import Network

/// A network that was written as an ONNX file: the line of `network export`.
public struct NetworkExportRecord: Codable, Hashable, Sendable {
    /// The network's name.
    public var name: String
    /// The file.
    public var onnx: String
    /// Sizes of the input: N × channels (red, green, blue of 0…255) × height × width; 0 stands for N.
    public var data: [Int]
    /// Sizes of the output: N × numbers; 0 stands for N.
    public var embedding: [Int]

    /// A network that was written to a file.
    package init(_ card: NetworkCard, to path: String) {
        (name, onnx) = (card.name, path)
        (data, embedding) = ([0, 3, card.input.side, card.input.side], [0, card.dimension])
    }
}

/// A network that was deleted: the line of `network remove`.
public struct NetworkRemovalRecord: Codable, Hashable, Sendable {
    /// The network's name in the cache.
    public var removed: String
    /// The directory that is gone.
    public var directory: String

    /// A network that was deleted.
    package init(_ name: String, in directory: String) { (removed, self.directory) = (name, directory) }
}
