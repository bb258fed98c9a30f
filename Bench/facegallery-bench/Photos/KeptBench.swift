import ArgumentParsing
import FaceImage
import Gallery
import Network

let keptBench = Bench(
    specification: CommandSpecification(
        "kept", abstract: "What kept chips cost in bytes, and a change of the network from them in accuracy.",
        discussion: """
            Each photo's face is kept as a gallery with chips keeps it, by each network's finder, and every network
            makes a template of the chip and one of the photo. A line for each two networks: cosines between the two
            templates. 1 is no loss. Photos whose largest face is not the same for both finders do not count.
            """,
        options: [
            Shared.photos,
            OptionSpecification("--count", value: "N", help: "Photos, taken evenly (default: 200)."),
            OptionSpecification(
                "--networks", value: "A,B", help: "Networks in the cache (default: sface,dlib-resnet)."),
            Shared.json,
        ],
        example: "facegallery-bench kept --photos lfw/"),
    run: runKeptBench)

private struct KeptRecord: Encodable {
    var bench = "kept"
    var machine = Machine.this
    var commit = Machine.commit
    var keptBy: String
    var madeBy: String
    var photos: Int
    /// Photos whose largest face is another one for the other finder, or none.
    var otherFace: Int
    /// Chips from which no template was made.
    var lost: Int
    var medianCosine: Float
    var tenthCosine: Float
    var lowestCosine: Float
    var medianSide: Int
    var meanBytes: Int
    var largestBytes: Int
}

private struct KeptPhoto {
    var bytes = 0
    var side = 0
    /// nil if no template was made.
    var cosine: Float?
}

private func runKeptBench(arguments: ParsedArguments) throws {
    let folder = try arguments.required("--photos")
    let count = try arguments.integer("--count", in: 1...100_000) ?? 200
    let names = (arguments.value("--networks") ?? "sface,dlib-resnet").split(separator: ",").map(String.init)
    let encoders = try names.map { try PhotoEncoder(network: $0) }
    let all = try listPhotos(folder)
    guard all.count >= count else {
        throw BenchFault("\(folder) holds \(all.count) photos, fewer than \(count)")
    }
    let files = try stride(from: 0, to: all.count, by: all.count / count).prefix(count).map {
        try PhotoFile(.path("\(folder)/\(all[$0])"))
    }
    for keeper in encoders {
        let kept = files.map { try? keeper.chosenFace(in: $0, largest: true, keepsPicture: true) }
        for maker in encoders {
            var photos: [KeptPhoto] = []
            for (file, chosen) in zip(files, kept) {
                if let chosen, let photo = try compare(chosen, with: file, by: maker) { photos.append(photo) }
            }
            try report(photos, of: count, keptBy: keeper.card.name, madeBy: maker.card.name)
        }
    }
}

/// The template of a kept chip beside that of its photo; nil if the photo's face is another one.
private func compare(_ chosen: ChosenFace, with file: PhotoFile, by maker: PhotoEncoder) throws -> KeptPhoto? {
    guard let kept = chosen.kept, let own = try? maker.detectedFace(in: file, largest: true) else { return nil }
    let (one, other) = (chosen.detected.face.box, own.face.box)
    guard 2 * one.overlap(with: other) >= min(one.area, other.area) else { return nil }
    var photo = KeptPhoto(bytes: kept.jpeg.count, side: kept.side)
    guard let again = try maker.faces(of: kept, named: "the chip of \(file.name)").first else { return photo }
    let templates = try maker.encode([own, again]).map(\.template)
    photo.cosine = zip(templates[0], templates[1]).reduce(0) { $0 + $1.0 * $1.1 }
    return photo
}

private func report(_ photos: [KeptPhoto], of count: Int, keptBy: String, madeBy: String) throws {
    let cosines = photos.compactMap(\.cosine).sorted()
    guard let lowest = cosines.first else { throw BenchFault("no photo shows a face") }
    try printRecord(
        KeptRecord(
            keptBy: keptBy, madeBy: madeBy, photos: cosines.count, otherFace: count - photos.count,
            lost: photos.count - cosines.count, medianCosine: cosines[cosines.count / 2],
            tenthCosine: cosines[cosines.count / 10], lowestCosine: lowest,
            medianSide: photos.map(\.side).sorted()[photos.count / 2],
            meanBytes: photos.map(\.bytes).reduce(0, +) / photos.count,
            largestBytes: photos.map(\.bytes).max() ?? 0))
}
