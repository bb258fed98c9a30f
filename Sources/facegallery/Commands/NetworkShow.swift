import ArgumentParsing
import Gallery
import Network

struct NetworkLine: Encodable {
    var name: String
    var directory: String
    var card: NetworkCard
    /// What galleries record of it.
    var fingerprint: String
    var parameters: Int?
    var layers: [LayerLine]?
}

struct LayerLine: Encodable {
    var name: String
    var output: [Int]
    var parameters: Int
    /// For one image.
    var multiplications: Int

    static func all(of graph: Graph) -> [LayerLine] {
        graph.nodes.map { node in
            LayerLine(
                name: node.name, output: node.shape.sizes, parameters: node.parameterCount,
                multiplications: graph.multiplications(of: node))
        }
    }
}

/// An arrangement of layers without weights.
private struct ArchitectureLine: Encodable {
    var architecture: String
    var summary: String
    var side: Int
    var dimension: Int
    var parameters: Int
    var multiplications: Int
    var layers: [LayerLine]?
}

/// Prints the networks of the cache, and the architectures.
func listNetworks(_ console: Console) throws -> ExitCode {
    let cache = ModelCache.standard
    let names = cache.networkNames()
    if names.isEmpty {
        console.note("no network is in \(printable(cache.path))/networks; make setup installs the default")
    }
    var broken = 0
    for name in names {
        let card: NetworkCard
        do throws(GalleryError) { card = try cache.card(ofNetwork: name) } catch {
            console.note("error: \(printable(Advice.line(error)))")
            broken += 1
            continue
        }
        let directory = cache.directory(ofNetwork: name)
        if console.json {
            try console.print(
                json: NetworkLine(
                    name: name, directory: directory, card: card, fingerprint: card.fingerprint))
        } else {
            try console.print(
                printable(
                    "\(name)  \(card.architecture)  \(card.dimension) numbers  threshold \(short(card.threshold.similarity))"
                        + "  \(directory)"))
        }
    }
    for architecture in Architecture.allCases {
        let graph = try architecture.graph(side: architecture.defaultSide)
        if console.json {
            try console.print(json: ArchitectureLine(architecture, graph))
        } else {
            try console.print(
                "\(architecture)  without weights, for train --network  \(graph.parameterCount) parameters at "
                    + "\(architecture.defaultSide)×\(architecture.defaultSide)")
        }
    }
    return broken > 0 && broken == names.count ? .badData : .done
}

/// Prints a network of the cache or a directory, or an architecture.
func showNetwork(_ name: String, _ console: Console) throws {
    let cache = ModelCache.standard
    if let architecture = Architecture(rawValue: name), !cache.networkNames().contains(name) {
        return try show(architecture, console)
    }
    let directory = cache.directory(ofNetwork: name)
    let card = try NetworkCard.load(directory: directory)
    // The layers of an imported network are in its file.
    let graph = card.isImported ? try EmbeddingNetwork(directory: directory).graph : try card.graph()
    if console.json {
        try console.print(
            json: NetworkLine(
                name: card.name, directory: directory, card: card, fingerprint: card.fingerprint,
                parameters: graph.parameterCount, layers: LayerLine.all(of: graph)))
        return
    }
    for (field, text) in card.lines { try console.print(printable(padded(field, 14) + text)) }
    try console.print("")
    try console.print(String(graph.summary(.pair).dropLast()))
}

private func show(_ architecture: Architecture, _ console: Console) throws {
    let graph = try architecture.graph(side: architecture.defaultSide)
    if console.json {
        var line = ArchitectureLine(architecture, graph)
        line.layers = LayerLine.all(of: graph)
        return try console.print(json: line)
    }
    let side = architecture.defaultSide
    for (field, text) in [
        ("architecture", "\(architecture): \(architecture.summary)"),
        ("input", "\(side)×\(side) RGB; another side with train --side"),
        ("weights", "none: facegallery train --network \(architecture) makes them"),
    ] { try console.print(padded(field, 14) + text) }
    try console.print("")
    try console.print(String(graph.summary().dropLast()))
}

extension ArchitectureLine {
    fileprivate init(_ architecture: Architecture, _ graph: Graph) {
        self.init(
            architecture: architecture.rawValue, summary: architecture.summary, side: architecture.defaultSide,
            dimension: graph.outputShape.count, parameters: graph.parameterCount,
            multiplications: graph.multiplicationCount)
    }
}
