import ArgumentParsing
import Concurrency
import Enrollment
import FaceImage
import Files
import Gallery
import Network
import VectorFiles
import Wire

/// The folder of the chips, which must be new: faces do not end up among other pictures.
private func makeChipFolder(_ path: String) throws -> OpenFolder {
    let (parent, name) = try OpenFolder.holding(path)
    guard try parent.makeFolder(name, mode: 0o700) else {
        throw CommandFailure(printable("\(path): --chips needs a new folder, but this exists"), .usage)
    }
    return try OpenFolder(name, in: parent)
}

private func write(_ chip: FaceChip, row: Int, to folder: OpenFolder) throws {
    let digits = "\(row)"
    let name = String(repeating: "0", count: max(0, 7 - digits.count)) + digits + ".png"
    guard let bytes = chip.png() else {
        throw CommandFailure(printable("\(folder.path)/\(name): the picture cannot be made"), .failed)
    }
    try ScratchFile.replace(name, in: folder, with: bytes, mode: 0o600)
}

let embed = Verb(
    specification: CommandSpecification(
        "embed", abstract: "Write the templates of photos to a matrix.",
        discussion:
            """
            Each photo with a face gets a row with the template of its largest face, and a line with its path in the
            list of names. The file X.npy.network.json beside the matrix says which network made it, so that galleries
            of other networks refuse it.
            """,
        positionals: [PositionalSpecification("photo", .oneOrMore, help: "Photos, folders of photos, or - .")],
        options: [
            OptionSpecification("--out", value: "X.npy", help: "The matrix, float32, one row per photo."),
            OptionSpecification("--names", value: "X.txt", help: "The photos' paths, one per line."),
            OptionSpecification(
                "--chips", value: "DIR",
                help: "A new folder for the faces as the network sees them: 0000000.png for row 0 and so on."),
            Shared.network, Shared.detector, Shared.anyRotation, Shared.exclude, Shared.maxBytes,
            Shared.maxPixels, Shared.maxSeconds, Shared.jobs, Shared.cache,
            OptionSpecification(
                "--no-detect", help: "Look for no faces: take whole photos, stretched to the network's square."),
            OptionSpecification("--one-face", help: "Refuse photos that show several faces."), Shared.json,
        ],
        example: "facegallery embed photos/ --out templates.npy --names photos.txt"),
    run: { arguments, console in
        let out = try arguments.required("--out")
        let names = try arguments.required("--names")
        guard out != names else { throw UsageError("every output needs a different file", command: "embed") }
        guard !(arguments.flag("--no-detect") && arguments.flag("--one-face")) else {
            throw UsageError("use --no-detect or --one-face, not both", command: "embed")
        }
        let finding = try arguments.finding()
        guard !arguments.flag("--no-detect") || finding == .standard else {
            throw UsageError(
                "--no-detect looks for no faces: leave out --detector and --any-rotation", command: "embed")
        }
        let (photos, passedOver) = try PhotoWalk.photos(
            at: arguments.positionals, excluding: arguments.patterns())
        let network = arguments.value("--network") ?? ModelCache.defaultNetwork
        var outputs = Outputs(
            inputs: photos.map(\.path) + [ModelCache.standard.directory(ofNetwork: network)])
        outputs.add("--out", out)
        outputs.add("--names", names)
        outputs.add("--chips", arguments.value("--chips"), .newFolder)
        outputs.add("--out", MatrixNetwork.path(of: out))
        try outputs.check()
        let encoder = try PhotoEncoder(
            network: network, limits: arguments.limits(),
            detectsFaces: !arguments.flag("--no-detect"), finding: finding)
        let matrix = try NpyMatrixWriter(path: out, columns: encoder.card.dimension)
        let list = try NamesWriter(path: names)
        let chips = try arguments.value("--chips").map(makeChipFolder)
        let largest = !arguments.flag("--one-face")
        var progress = Progress(noun: "photos")
        var refused = 0
        var failure: ExitCode?
        try inOrder(photos, width: try arguments.jobs()) { item in
            Result { () throws(GalleryError) in
                let file = try encoder.read(item)
                let chosen = try encoder.chosenFace(in: file, largest: largest)
                return (try encoder.encode([chosen.detected])[0], chosen)
            }
        } deliver: { item, result in
            progress.clear()
            switch result {
            case .success((let encoded, let chosen)):
                if let chips { try write(chosen.detected.chip, row: matrix.rows, to: chips) }
                try matrix.append(encoded.template)
                try list.append(item.path)
                let warnings = joined(
                    WarningRecord.tellSeveral(chosen.count, in: item.path, console),
                    joined(
                        WarningRecord.tellDoubtful(chosen.doubtful, in: item.path, console),
                        WarningRecord.tell(encoded.face, of: item.path, encoder, console)))
                if console.json {
                    try console.print(
                        json: EmbeddingRecord(
                            encoded.face, of: item.path, row: matrix.rows - 1, warnings: warnings))
                }
            case .failure(let error):
                let message = Advice.line(error)
                console.note("refused: \(printable(message))")
                if console.json {
                    let refusal = Refusal(error, photo: item.path)
                    try console.print(json: EmbeddingRecord(refusal, of: item.path, message: message))
                }
                if item.isNamed { failure = failure ?? ExitCode(error) }
                refused += 1
            }
            progress.show(matrix.rows + refused, of: photos.count, refused: refused)
        }
        progress.clear()
        try matrix.finish()
        try list.finish()
        try MatrixNetwork(encoder.card).write(beside: out)
        console.note("\(matrix.rows) of \(photos.count) photos have a row in \(printable(out))")
        if let text = passedOver.text { console.note(Advice.withOptions(text)) }
        return failure ?? (matrix.rows == 0 ? .badData : .done)
    })
