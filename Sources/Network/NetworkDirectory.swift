internal import Files
internal import FoundationEssentials

/// Reads and writes the directory that `EmbeddingNetwork(directory:)` opens: a card and the weights it names.
public enum NetworkDirectory {
    /// Writes weights and card, each aside, synced and renamed; everyone may read them.
    ///
    /// Where a network is there already, its weights are replaced just before its card: who opens the directory
    /// between the two is refused for weights that are not the card's, and reads the new network a moment later.
    ///
    /// - Parameters:
    ///   - card: everything but `weights.sha256`, which is computed here; `weights.file` is kept.
    ///   - parameters: every tensor of the card's architecture; others are left out.
    ///   - directory: made if its parent is there.
    ///   - precision: how the weights are written.
    /// - Returns: the card as written.
    /// - Throws: `badCard` or `badWeights` before anything is written, also for a weight that float16 cannot hold;
    ///   `cannotWrite`.
    @discardableResult
    public static func write(
        _ card: NetworkCard, _ parameters: NetworkParameters, to directory: String,
        precision: SafeTensors.Precision = .float32
    ) throws(NetworkError) -> NetworkCard {
        let graph = try card.graph(path: directory + "/card.json")
        var tensors: [(name: String, shape: [Int], values: [Float])] = []
        for (name, shape) in graph.nodes.flatMap(\.parameters) {
            let values = try parameters.values(name, shape: shape)
            if let large = values.first(where: { !precision.rounded($0).isFinite }) {
                throw .badWeights(
                    path: directory + "/" + card.weights.file,
                    reason:
                        "tensor \(name) has the number \(large), which is too large for \(precision.rawValue)")
            }
            tensors.append((name, shape, values))
        }
        guard let bytes = try? SafeTensors.encode(tensors, precision: precision) else {
            throw .badWeights(path: "the parameters in memory", reason: "they cannot be encoded")
        }
        var card = card
        card.weights.sha256 = SHA256.hex(of: bytes)
        let text = try card.encoded(path: directory + "/card.json")
        let folder = try openOrMakeFolder(directory)
        try replaceFile(card.weights.file, in: folder, with: bytes)
        try replaceFile(NetworkCard.fileName, in: folder, with: text)
        return card
    }

    /// Writes the directory of a network that is imported from an ONNX file; the file is kept as it is.
    ///
    /// The network is opened before anything is written, so that a directory that was written can be opened.
    ///
    /// - Parameters:
    ///   - card: as `NetworkCard(importing:…)` makes it; a digest of zeros is filled in, any other is compared.
    ///   - bytes: the bytes of the file.
    ///   - source: what errors call the file.
    ///   - directory: made if its parent is there.
    /// - Returns: the card as written.
    /// - Throws: `badCard`, `wrongWeights` or `badModel` before anything is written, `cannotWrite`.
    @discardableResult
    public static func write(
        _ card: NetworkCard, onnx bytes: [UInt8], from source: String, to directory: String
    ) throws(NetworkError) -> NetworkCard {
        var card = card
        let digest = SHA256.hex(of: bytes)
        if card.weights.sha256 != NetworkCard.Weights().sha256, card.weights.sha256 != digest {
            throw .wrongWeights(path: source, expected: card.weights.sha256, found: digest)
        }
        card.weights.sha256 = digest
        let text = try card.encoded(path: directory + "/card.json")
        guard card.isImported else {
            throw .badCard(
                path: directory + "/card.json", reason: "it is not the card of an imported network (format 2)")
        }
        do throws(NetworkError) {
            _ = try EmbeddingNetwork(card: card, file: bytes, directory: directory, threads: 1)
        } catch .badModel(_, let reason) {
            throw .badModel(path: source, reason: reason)
        }
        let folder = try openOrMakeFolder(directory)
        try replaceFile(card.weights.file, in: folder, with: bytes)
        try replaceFile(NetworkCard.fileName, in: folder, with: text)
        return card
    }

    /// Copies a network, its files the owner's alone, after its weights have been checked against its card.
    ///
    /// - Parameters:
    ///   - source: the directory of the network.
    ///   - target: made if its parent is there.
    /// - Returns: the card.
    /// - Throws: as `EmbeddingNetwork(directory:)` of a network that is not whole, `cannotWrite`.
    @discardableResult
    public static func copy(from source: String, to target: String) throws(NetworkError) -> NetworkCard {
        let from = try reading { () throws(FileError) in try OpenFolder(source) }
        // Read once: the card that is copied is the one that the weights were compared with.
        let (card, text) = try NetworkCard.load(from: from)
        let weights = try weights(of: card, in: from)
        let folder = try openOrMakeFolder(target, mode: 0o700, followingLinks: false)
        try replaceFile(card.weights.file, in: folder, with: weights, mode: 0o600)
        try replaceFile(NetworkCard.fileName, in: folder, with: text, mode: 0o600)
        return card
    }

    /// A network's card and the bytes of its weights.
    ///
    /// - Throws: `wrongWeights` where the weights are not the card's, and as `NetworkCard.load`.
    public static func read(_ directory: String) throws(NetworkError) -> (card: NetworkCard, weights: [UInt8]) {
        let folder: OpenFolder
        do throws(FileError) { folder = try OpenFolder(directory) } catch {
            throw .unreadable(path: "\(directory)/\(NetworkCard.fileName)", reason: error.reason)
        }
        let card = try NetworkCard.load(from: folder).card
        return (card, try weights(of: card, in: folder))
    }

    private static func weights(of card: NetworkCard, in folder: OpenFolder) throws(NetworkError) -> [UInt8] {
        let bytes = try readFile(card.weights.file, in: folder, limit: 1 << 32)
        let found = SHA256.hex(of: bytes)
        guard found == card.weights.sha256 else {
            throw .wrongWeights(
                path: "\(folder.path)/\(card.weights.file)", expected: card.weights.sha256, found: found)
        }
        return bytes
    }
}

extension NetworkCard {
    /// Writes `card.json` alone, aside, synced and renamed.
    ///
    /// - Throws: `badCard` for a field that `load` would refuse, `cannotWrite`.
    public func save(directory: String) throws(NetworkError) {
        let text = try encoded(path: "\(directory)/\(Self.fileName)")
        let folder = try writing { () throws(FileError) in try OpenFolder(directory) }
        try replaceFile(Self.fileName, in: folder, with: text)
    }

    /// The layers the card names, without weights.
    ///
    /// - Throws: `badCard` for an architecture this build does not know, `badGraph` where it does not fit the side.
    public func graph() throws(NetworkError) -> Graph { try graph(path: "the card of \(name)") }

    /// The same; `path` is the card's, for messages.
    func graph(path: String) throws(NetworkError) -> Graph {
        guard !isImported else {
            throw .badCard(path: path, reason: "its layers are in \(weights.file), not in the card")
        }
        guard let architecture = Architecture(rawValue: architecture) else {
            let known = Architecture.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badCard(
                path: path,
                reason: "architecture \"\(self.architecture)\" is unknown; this build knows \(known)")
        }
        return try architecture.graph(side: input.side, dimension: dimension)
    }

    func encoded(path: String) throws(NetworkError) -> [UInt8] {
        if let fault { throw .badCard(path: path, reason: fault) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else {
            throw .badCard(path: path, reason: "a number is not finite")
        }
        return [UInt8](data) + [UInt8(ascii: "\n")]
    }
}
