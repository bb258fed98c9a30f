/// A network's layers with their numbers, apart from what runs them: for training.
public struct NetworkLayers: Sendable {
    /// What the network's directory says about it.
    public let card: NetworkCard
    /// Its layers.
    public let graph: Graph
    /// Their tensors.
    public let parameters: NetworkParameters

    /// Reads a network's directory and verifies the weights' SHA-256; of an imported network, the layers up to the
    /// output that is the template.
    ///
    /// - Throws: as `EmbeddingNetwork(directory:)`.
    public init(directory: String) throws(NetworkError) {
        let (card, bytes) = try NetworkDirectory.read(directory)
        let path = directory + "/" + card.weights.file
        self.card = card
        if card.isImported {
            let (graph, weights) = try EmbeddingNetwork.imported(card, bytes, path: path)
            self.graph = graph
            parameters = try NetworkParameters(graph, weights: weights)
        } else {
            graph = try card.graph(path: directory + "/card.json")
            parameters = try NetworkParameters(graph, weights: SafeTensors(bytes: bytes, path: path))
        }
    }
}
