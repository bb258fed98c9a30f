import ArgumentParsing
import Concurrency
import FaceImage
import Gallery
import Network
import VectorFiles

private struct EmbeddingLine: Encodable {
    var photo: String
    var row: Int?
    var box: [Int]?
    var reason: String?
    /// Left out where enrolment would take the face.
    var warnings: [FaceWarning]?
}

let embed = Verb(
    specification: CommandSpecification(
        "embed", abstract: "Write the templates of photos to a matrix.",
        discussion:
            "A row for each photo with a face, of its largest face; the photo's path in the list of names.",
        positionals: [PositionalSpecification("photo", .oneOrMore, help: "Photos, folders of photos, or - .")],
        options: [
            OptionSpecification("--out", value: "X.npy", help: "The matrix, float32, one row per photo."),
            OptionSpecification("--names", value: "X.txt", help: "The photos' paths, one a line."),
            Shared.network, Shared.exclude, Shared.maxBytes, Shared.maxPixels, Shared.maxSeconds, Shared.jobs,
            OptionSpecification(
                "--no-detect", help: "Take every photo whole, stretched to the network's square."),
            OptionSpecification("--one-face", help: "Refuse a photo that shows several faces."), Shared.json,
        ],
        example: "facegallery embed photos/ --out templates.npy --names photos.txt"),
    run: { arguments, console in
        let out = try arguments.required("--out")
        let names = try arguments.required("--names")
        guard out != names else { throw UsageError("each output needs a file of its own", command: "embed") }
        guard !(arguments.flag("--no-detect") && arguments.flag("--one-face")) else {
            throw UsageError("--no-detect and --one-face exclude each other", command: "embed")
        }
        let (photos, passedOver) = try PhotoList.photos(
            at: arguments.positionals, excluding: arguments.patterns())
        let network = arguments.value("--network") ?? ModelCache.defaultNetwork
        var outputs = Outputs(
            inputs: photos.map(\.path) + [ModelCache.standard.directory(ofNetwork: network)])
        outputs.add("--out", out)
        outputs.add("--names", names)
        try outputs.check()
        let encoder = try PhotoEncoder(
            network: network, limits: arguments.limits(),
            detectsFaces: !arguments.flag("--no-detect"))
        let matrix = try NpyMatrixWriter(path: out, columns: encoder.card.dimension)
        let list = try NamesWriter(path: names)
        let largest = !arguments.flag("--one-face")
        var progress = Progress(noun: "photos")
        var refused = 0
        var failure: ExitCode?
        try inOrder(photos, width: try arguments.jobs()) { item in
            Result { () throws(GalleryError) in
                let file = try encoder.read(item)
                let faces = try largest ? encoder.detectedFaces(in: file) : [encoder.detectedFace(in: file)]
                return (try encoder.encode([faces[0]])[0], faces.count)
            }
        } deliver: { item, result in
            progress.clear()
            switch result {
            case .success((let encoded, let count)):
                try matrix.append(encoded.template)
                try list.append(item.path)
                let box = encoded.face.box
                let warnings = joined(
                    FaceWarning.tellSeveral(count, in: item.path, console),
                    FaceWarning.tell(encoded.face, of: item.path, encoder, console))
                if console.json {
                    try console.print(
                        json: EmbeddingLine(
                            photo: item.path, row: matrix.rows - 1, box: [box.x, box.y, box.width, box.height],
                            warnings: warnings))
                }
            case .failure(let error):
                console.note("refused: \(printable("\(error)"))")
                if console.json { try console.print(json: EmbeddingLine(photo: item.path, reason: "\(error)")) }
                if item.isNamed { failure = failure ?? ExitCode(error) }
                refused += 1
            }
            progress.show(matrix.rows + refused, of: photos.count, refused: refused)
        }
        progress.clear()
        try matrix.finish()
        try list.finish()
        console.note("\(matrix.rows) of \(photos.count) photos have a row in \(printable(out))")
        if let text = passedOver.text { console.note(text) }
        return failure ?? (matrix.rows == 0 ? .badData : .done)
    })
