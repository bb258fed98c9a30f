import ArgumentParsing
import Gallery
import Network
import Wire

/// How `network import` learns what a file does not say.
let importOptions = [
    OptionSpecification(
        "--card", value: "FILE",
        help: "A complete card: size, colours, alignment, threshold, license (docs/networks.md)."),
    OptionSpecification(
        "--family", value: "NAME", completion: .words(NetworkFamily.all.map(\.name)),
        help:
            "The project that the network comes from: \(NetworkFamily.all.map(\.name).joined(separator: ", "))."
    ),
    OptionSpecification("--side", value: "N", help: "Width and height of a chip in pixels."),
    OptionSpecification("--output", value: "NAME", help: "Name of the output that is the template."),
    OptionSpecification(
        "--mean", value: "R,G,B",
        help: "Subtracted from red, green, blue (0…255); one number for all. Needs --scale."),
    OptionSpecification(
        "--scale", value: "S", help: "Multiplied with pixels after --mean is subtracted. Needs --mean."),
    OptionSpecification(
        "--colors", value: "ORDER", completion: .choice(of: NetworkCard.Input.Colors.self),
        help: "Order of colours that the network expects: rgb or bgr."),
    OptionSpecification(
        "--alignment", value: "KIND", completion: .words(NetworkCard.Alignment.kinds),
        help: "How faces are cut out: \(NetworkCard.Alignment.kinds.joined(separator: ", "))."),
    OptionSpecification(
        "--padding", value: "P",
        help: "Room around the face, as a share of its size (default: 0; dlib-5-point: 0.25)."),
]

extension ParsedArguments {
    fileprivate func family() throws(UsageError) -> NetworkFamily? {
        guard let name = value("--family") else { return nil }
        guard let family = NetworkFamily.named(name) else {
            let known = NetworkFamily.all.map(\.name).joined(separator: ", ")
            throw UsageError("'--family \(name)': expected one of \(known)", command: "network")
        }
        return family
    }
}

extension NetworkImport.Facts {
    fileprivate init(_ arguments: ParsedArguments) throws(UsageError) {
        self.init()
        side = try arguments.integer("--side", in: 16...1024)
        output = arguments.value("--output")
        colors = try arguments.choice("--colors", as: NetworkCard.Input.Colors.self)
        let mean = arguments.value("--mean")
        scale = try arguments.real("--scale", in: 1e-6...1e6).map { Float($0) }
        guard (mean == nil) == (scale == nil) else {
            throw UsageError("--mean and --scale must be used together", command: "network")
        }
        if let mean {
            let numbers = mean.split(separator: ",", omittingEmptySubsequences: false).map { Float($0) }
            let values = numbers.compactMap(\.self).filter(\.isFinite)
            guard values.count == numbers.count, [1, 3].contains(values.count) else {
                throw UsageError(
                    "'--mean \(mean)': expected one number, or three separated by commas",
                    command: "network")
            }
            self.mean = values.count == 3 ? values : [Float](repeating: values[0], count: 3)
        }
        let padding = try arguments.real("--padding", in: 0...4)
        guard let kind = arguments.value("--alignment") else {
            guard padding == nil else { throw UsageError("--padding needs --alignment", command: "network") }
            return
        }
        guard NetworkCard.Alignment.kinds.contains(kind) else {
            throw UsageError(
                "'--alignment \(kind)': expected one of \(NetworkCard.Alignment.kinds.joined(separator: ", "))",
                command: "network")
        }
        alignment = NetworkCard.Alignment(
            kind: kind, padding: padding ?? (kind == NetworkCard.Alignment.fivePoint ? 0.25 : 0))
    }
}

/// Makes a network of an ONNX file.
func importNetwork(_ file: String, _ arguments: ParsedArguments, _ console: Console) throws {
    let bytes = try NetworkImport.read(file)
    var card: NetworkCard
    if let path = arguments.value("--card") {
        for option in importOptions.map(\.canonicalName) where option != "--card" {
            guard arguments.value(option) == nil else {
                throw UsageError("use --card or \(option), not both: a card contains it", command: "network")
            }
        }
        card = try NetworkCard.load(file: path)
    } else {
        card = try NetworkImport.card(
            for: bytes, file: file, family: arguments.family(), facts: NetworkImport.Facts(arguments))
    }
    if let name = arguments.value("--name") { card.name = name }
    let directory: String
    if let out = arguments.value("--out") {
        directory = out
    } else {
        guard !card.name.contains("/"), !card.name.hasPrefix(".") else {
            throw UsageError(
                "'\(card.name)' cannot be a name in the cache; use --name or --out", command: "network")
        }
        directory = ModelCache.standard.ownDirectory(ofNetwork: card.name)
        try ModelCache.standard.makeNetworksFolder()
    }
    try Outputs.check("--out", directory, inputs: [file])
    card = try NetworkDirectory.write(card, onnx: bytes, from: file, to: directory)
    console.note("license of the weights: \(printable(card.license))")
    console.note("\(printable(card.name)) imported to \(printable(directory))")
    if console.json { try console.print(json: NetworkRecord(card, in: directory)) }
}
