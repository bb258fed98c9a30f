import ArgumentParsing
import Gallery
import Network
import NetworkExport

struct NetworkLine: Encodable {
    struct LayerLine: Encodable {
        var name: String
        var output: [Int]
        var parameters: Int
    }
    var name: String
    var directory: String
    var card: NetworkCard
    var parameters: Int?
    var layers: [LayerLine]?
}

private struct ExportLine: Encodable {
    var name: String
    var onnx: String
    /// N × channels × height × width, red, green, blue of 0…255; 0 is N.
    var data: [Int]
    var embedding: [Int]
}

let network = Verb(
    specification: CommandSpecification(
        "network",
        abstract: "List networks, show one, import one from an ONNX file, or write one as such a file.",
        discussion: """
            list            the networks in the cache
            show NAME       a network's card and its layers, as the pair that verify compares photos with
            import FILE     makes a network of an ONNX file, in the cache or in --out DIR
            export NAME     writes the network to the file that --onnx names
            NAME is a network's name in the cache, or its directory, with a / in its path.
            """,
        positionals: [
            PositionalSpecification("action", .oneOrMore, help: "list, show NAME, import FILE or export NAME.")
        ],
        options: [
            OptionSpecification(
                "--onnx", value: "FILE",
                help: "Where export writes: input data N×3×side×side (RGB, 0…255), output embedding."),
            OptionSpecification(
                "--card", value: "FILE",
                help:
                    "How import finds its card: size, colours, alignment, threshold, license (docs/networks.md)."
            ),
            OptionSpecification(
                "--name", value: "NAME",
                help: "What import calls the network (default: the card's, or the file's)."),
            OptionSpecification(
                "--out", value: "DIR", help: "Where import writes (default: the cache, under the name)."),
            Shared.json,
        ],
        example: """
            facegallery network show dlib-resnet
            facegallery network export mynet/ --onnx mynet.onnx
            """),
    run: { arguments, console in
        let words = arguments.positionals
        let onnx = arguments.value("--onnx")
        guard onnx == nil || words.first == "export" else {
            throw UsageError("--onnx is for export", command: "network")
        }
        for option in ["--card", "--name", "--out"] {
            guard arguments.value(option) == nil || words.first == "import" else {
                throw UsageError("\(option) is for import", command: "network")
            }
        }
        switch (words.first, words.count) {
        case ("import", 2): try importNetwork(words[1], arguments, console)
        case ("list", 1): return try listNetworks(console)
        case ("show", 2): try showNetwork(words[1], console)
        case ("export", 2):
            guard let onnx else {
                throw UsageError("export needs --onnx FILE", command: "network")
            }
            try exportNetwork(words[1], to: onnx, console)
        case ("list", _): throw UsageError("list takes no name", command: "network")
        case ("import", _): throw UsageError("import takes one ONNX file", command: "network")
        case ("show", _), ("export", _):
            throw UsageError("\(words[0]) takes the name of one network", command: "network")
        default:
            throw UsageError(
                "unknown action '\(words.first ?? "")'; expected one of list, show, import, export",
                command: "network")
        }
        return .done
    })

private func listNetworks(_ console: Console) throws -> ExitCode {
    let cache = ModelCache.standard
    let names = cache.networkNames()
    if names.isEmpty {
        console.note("no network is in \(printable(cache.path))/networks; make setup installs the default")
    }
    var broken = 0
    for name in names {
        let card: NetworkCard
        do throws(GalleryError) { card = try cache.card(ofNetwork: name) } catch {
            console.note("error: \(printable("\(error)"))")
            broken += 1
            continue
        }
        let directory = cache.directory(ofNetwork: name)
        if console.json {
            try console.print(json: NetworkLine(name: name, directory: directory, card: card))
        } else {
            try console.print(
                printable(
                    "\(name)  \(card.architecture)  \(card.dimension) numbers  threshold \(short(card.threshold.similarity))"
                        + "  \(directory)"))
        }
    }
    return broken > 0 && broken == names.count ? .badData : .done
}

private func showNetwork(_ name: String, _ console: Console) throws {
    let directory = ModelCache.standard.directory(ofNetwork: name)
    let card = try NetworkCard.load(directory: directory)
    // The layers of an imported network are in its file.
    let graph = card.isImported ? try EmbeddingNetwork(directory: directory).graph : try card.graph()
    if console.json {
        let layers = graph.nodes.map { node in
            NetworkLine.LayerLine(
                name: node.name, output: node.shape.sizes,
                parameters: node.parameterCount)
        }
        try console.print(
            json: NetworkLine(
                name: card.name, directory: directory, card: card, parameters: graph.parameterCount,
                layers: layers))
        return
    }
    for (field, text) in card.lines { try console.print(printable(padded(field, 14) + text)) }
    try console.print("")
    try console.print(String(graph.summary(.pair).dropLast()))
}

private func exportNetwork(_ name: String, to path: String, _ console: Console) throws {
    let directory = ModelCache.standard.directory(ofNetwork: name)
    try Outputs.check("--onnx", path, inputs: [directory])
    let card = try OnnxFile.write(networkDirectory: directory, to: path)
    console.note("\(printable(card.name)) written to \(printable(path))")
    guard console.json else { return }
    try console.print(
        json: ExportLine(
            name: card.name, onnx: path, data: [0, 3, card.input.side, card.input.side],
            embedding: [0, card.dimension]))
}
