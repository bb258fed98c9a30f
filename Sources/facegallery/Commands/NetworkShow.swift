import ArgumentParsing
import Gallery
import Network
import Wire

/// Prints the networks of the cache, and the architectures.
func listNetworks(_ console: Console) throws -> ExitCode {
    let cache = ModelCache.standard
    let names = cache.networkNames()
    if names.isEmpty {
        console.note(
            "no network is in \(printable(cache.path))/networks; facegallery setup fetches the default")
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
            try console.print(json: NetworkRecord(card, named: name, in: directory))
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
            try console.print(json: ArchitectureRecord(architecture, graph))
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
    if console.json { return try console.print(json: NetworkRecord(card, in: directory, graph)) }
    for (field, text) in card.lines { try console.print(printable(padded(field, 14) + text)) }
    try console.print("")
    try console.print(String(graph.summary(.pair).dropLast()))
}

private func show(_ architecture: Architecture, _ console: Console) throws {
    let graph = try architecture.graph(side: architecture.defaultSide)
    if console.json {
        return try console.print(json: ArchitectureRecord(architecture, graph, withLayers: true))
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
