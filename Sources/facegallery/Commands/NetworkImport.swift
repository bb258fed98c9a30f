import ArgumentParsing
import Gallery
import Network

/// Makes a network of an ONNX file.
func importNetwork(_ file: String, _ arguments: ParsedArguments, _ console: Console) throws {
    let bytes = try NetworkImport.read(file)
    var card: NetworkCard
    if let path = arguments.value("--card") {
        card = try NetworkCard.load(file: path)
    } else {
        card = try NetworkImport.card(for: bytes, file: file)
    }
    if let name = arguments.value("--name") { card.name = name }
    let directory: String
    if let out = arguments.value("--out") {
        directory = out
    } else {
        guard !card.name.contains("/"), !card.name.hasPrefix(".") else {
            throw UsageError("'\(card.name)' is no name in the cache; give --name or --out", command: "network")
        }
        directory = ModelCache.standard.directory(ofNetwork: card.name)
        try ModelCache.standard.makeNetworksFolder()
    }
    try Outputs.check("--out", directory, inputs: [file])
    card = try NetworkDirectory.write(card, onnx: bytes, from: file, to: directory)
    console.note("\(printable(card.name)) imported to \(printable(directory))")
    if console.json {
        try console.print(json: NetworkLine(name: card.name, directory: directory, card: card))
    }
}
