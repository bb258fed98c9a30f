import ArgumentParsing
import Gallery
import Network
import NetworkExport
import Wire

let network = Verb(
    specification: CommandSpecification(
        "network",
        abstract:
            "List networks; show, remove, import or export one.",
        discussion: """
            list            lists the networks in the cache, and the architectures that train can use
            show NAME       shows a network's card and layers (as the pair of networks that verify uses), or an
                            architecture's layers, shapes, parameters and multiplications
            remove NAME     deletes a network from the cache
            import FILE     makes a network from an ONNX file, in the cache or in --out DIR
            export NAME     writes the network to the ONNX file that --onnx names
            NAME is a network's name in the cache, or its directory with a / in it.
            """,
        positionals: [
            PositionalSpecification(
                "action", .oneOrMore, completion: .words(["list", "show", "remove", "import", "export"]),
                help: "list, show NAME, remove NAME, import FILE or export NAME.")
        ],
        options: [
            OptionSpecification(
                "--onnx", value: "FILE",
                help: "The file that export writes; input data: N×3×side×side, RGB, 0…255; output embedding."),
            OptionSpecification(
                "--float16",
                help: "Export weights as float16, in half the bytes; they are still computed as float32."),
            OptionSpecification(
                "--name", value: "NAME",
                help: "Name for the imported network (default: that of the card, or of the file)."),
            OptionSpecification(
                "--out", value: "DIR",
                help: "Directory for the imported network (default: in the cache, under its name)."),
        ] + importOptions + [
            OptionSpecification(
                "--force", help: "Remove even a network that the set-up fetched."),
            Shared.cache, Shared.json,
        ],
        example: """
            facegallery network show dlib-resnet
            facegallery network show mobilefacenet
            facegallery network import w600k_r50.onnx --family arcface
            facegallery network export mynet/ --onnx mynet.onnx
            """),
    run: { arguments, console in
        let words = arguments.positionals
        let onnx = arguments.value("--onnx")
        guard onnx == nil || words.first == "export" else {
            throw UsageError("--onnx is only for export", command: "network")
        }
        guard !arguments.flag("--float16") || words.first == "export" else {
            throw UsageError("--float16 is only for export", command: "network")
        }
        for option in importOptions.map(\.canonicalName) + ["--name", "--out"] {
            guard arguments.value(option) == nil || words.first == "import" else {
                throw UsageError("\(option) is only for import", command: "network")
            }
        }
        guard !arguments.flag("--force") || words.first == "remove" else {
            throw UsageError("--force is only for remove", command: "network")
        }
        switch (words.first, words.count) {
        case ("import", 2): try importNetwork(words[1], arguments, console)
        case ("list", 1): return try listNetworks(console)
        case ("show", 2): try showNetwork(words[1], console)
        case ("remove", 2): try removeNetwork(words[1], force: arguments.flag("--force"), console)
        case ("export", 2):
            guard let onnx else {
                throw UsageError("export needs --onnx FILE", command: "network")
            }
            try exportNetwork(words[1], to: onnx, arguments.flag("--float16") ? .float16 : .float32, console)
        case ("list", _): throw UsageError("list takes no name", command: "network")
        case ("import", _): throw UsageError("import takes one ONNX file", command: "network")
        case ("show", _), ("export", _), ("remove", _):
            throw UsageError("\(words[0]) takes the name of one network", command: "network")
        default:
            throw UsageError(
                "unknown action '\(words.first ?? "")'; expected one of list, show, remove, import, export",
                command: "network")
        }
        return .done
    })

private func exportNetwork(
    _ name: String, to path: String, _ precision: SafeTensors.Precision, _ console: Console
) throws {
    let directory = ModelCache.standard.directory(ofNetwork: name)
    try Outputs.check("--onnx", path, inputs: [directory])
    let card = try OnnxFile.write(networkDirectory: directory, to: path, precision: precision)
    console.note("\(printable(card.name)) written to \(printable(path))")
    if console.json { try console.print(json: NetworkExportRecord(card, to: path)) }
}
