import ArgumentParsing
import Gallery
import Network
import NetworkExport

private struct NetworkLine: Encodable {
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
        "network", abstract: "List networks, show one, or write one as an ONNX file.",
        discussion: """
            list            the networks in the cache
            show NAME       a network's card and its layers, as the pair that verify compares photos with
            export NAME     writes the network to the file that --onnx names
            NAME is a network's name in the cache, or its directory, with a / in its path.
            """,
        positionals: [PositionalSpecification("action", .oneOrMore, help: "list, show NAME or export NAME.")],
        options: [
            OptionSpecification(
                "--onnx", value: "FILE",
                help: "Where export writes: input data N×3×side×side (RGB, 0…255), output embedding."),
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
        switch (words.first, words.count) {
        case ("list", 1): return try listNetworks(console)
        case ("show", 2): try showNetwork(words[1], console)
        case ("export", 2):
            guard let onnx else {
                throw UsageError("export needs --onnx FILE", command: "network")
            }
            try exportNetwork(words[1], to: onnx, console)
        case ("list", _): throw UsageError("list takes no name", command: "network")
        case ("show", _), ("export", _):
            throw UsageError("\(words[0]) takes the name of one network", command: "network")
        default:
            throw UsageError(
                "unknown action '\(words.first ?? "")'; expected one of list, show, export", command: "network")
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
    let graph = try card.graph()
    if console.json {
        let layers = graph.nodes.map { node in
            NetworkLine.LayerLine(
                name: node.name, output: [node.shape.channels, node.shape.height, node.shape.width],
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

private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
}

extension NetworkCard {
    /// The fields of a network that users ask for, one line per field.
    fileprivate var lines: [(String, String)] {
        var lines = [
            ("name", name), ("architecture", architecture), ("dimension", "\(dimension)"),
            ("input", "\(input.side)×\(input.side) RGB, (pixel - \(input.mean)) × \(input.scale)"),
            (
                "alignment",
                alignment.isWholePhoto ? alignment.kind : "\(alignment.kind), padding \(alignment.padding)"
            ),
            ("weights", "\(weights.file), SHA-256 \(weights.sha256)"),
            (
                "threshold",
                "cosine \(short(threshold.similarity)), which \(threshold.falseMatchRate) of pairs of different people reach"
            ),
            ("measured", threshold.measured), ("license", license), ("source", source),
        ]
        guard let training else { return lines }
        lines += [
            (
                "trained on",
                "\(training.photos) photos of \(training.people) people, SHA-256 \(training.dataFingerprint)"
            ),
            ("trained with", "\(training.loss); \(training.epochs) epochs, seed \(training.seed)"),
        ]
        if let accuracy = training.accuracy {
            lines.append(("accuracy", "\(accuracy); \(training.measured ?? "")"))
        }
        if let rankOne = training.rankOne {
            let rate = training.falseNegativeRate.map { ", FNIR \(percent($0)) at an FPIR of 1 %" } ?? ""
            lines.append(("rank-1", "\(percent(rankOne))\(rate)"))
        }
        if let initial = training.initial {
            let rate = initial.falseNegativeRate.map { ", FNIR \(percent($0))" } ?? ""
            let before = "accuracy \(percent(initial.accuracy)), rank-1 \(percent(initial.rankOne))\(rate)"
            lines.append(("began with", "weights of SHA-256 \(initial.weights): \(before)"))
        }
        return lines
    }
}
