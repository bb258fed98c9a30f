import ArgumentParsing
import Foundation
import VectorFiles

let dataBench = Bench(
    specification: CommandSpecification(
        "data", abstract: "Write references and probes of any number, the same for the same seed.",
        discussion: """
            Kinds: dlib-resnet and margin-softmax are face-like (128 dimensions; Bench/Data has their statistics),
            people are subjects even over the sphere in any dimension; uniform, clusters, duplicates and equal are
            not like faces. Photo 0 of every subject is a reference.

            --probes are further photos of subjects that are enrolled, --non-mated photos of others. With --photos
            DIR, holding lfw-dev.npy and lfw-dev.txt, real people stand among the references, and all probes are
            their photos. Beside each file of probes its exact neighbours are written, as NAME-truth.npy, and
            beside the references what they are, as BASE.json.
            """,
        options: [
            OptionSpecification("--kind", value: "KIND", help: "What they are like (default: margin-softmax)."),
            OptionSpecification("-n", value: "N", help: "References (default: 200000)."),
            OptionSpecification("--dimension", value: "D", help: "Numbers in a vector (default: 128)."),
            Shared.seed,
            OptionSpecification("--out", value: "BASE.npy", help: "The references, a row each."),
            OptionSpecification("--probes", value: "MATE.npy", help: "Probes whose subjects are enrolled."),
            OptionSpecification("--non-mated", value: "X.npy", help: "Probes whose subjects are not."),
            OptionSpecification("--count", value: "N", help: "Probes of each sort, at most (default: 2000)."),
            OptionSpecification("--photos", value: "DIR", help: "Templates of real photos to mix in."),
            OptionSpecification(
                "--statistics", value: "DIR", help: "mean, between and within of another network's templates."),
            OptionSpecification("-k", value: "K", help: "Exact neighbours of a probe (default: 100)."),
            OptionSpecification("--threads", value: "N", help: "Threads that compute (default: all cores)."),
        ],
        example: "facegallery-bench data --kind dlib-resnet -n 200000 --out base.npy --probes mate.npy"),
    run: runDataBench)

/// What a file of references holds, written beside it.
struct DataCard: Codable {
    var kind: String
    var n: Int
    var dimension: Int
    var seed: UInt64
    var realPeople: Int

    /// The name of the card of a file of references.
    static func path(of base: String) -> String {
        (base.hasSuffix(".npy") ? String(base.dropLast(4)) : base) + ".json"
    }

    /// The card beside a file of references, where there is one.
    static func beside(_ base: String) -> DataCard? {
        guard let data = FileManager.default.contents(atPath: path(of: base)) else { return nil }
        return try? JSONDecoder().decode(DataCard.self, from: data)
    }
}

private func runDataBench(_ arguments: ParsedArguments) throws {
    let kind = try arguments.choice("--kind", as: VectorKind.self) ?? .marginSoftmax
    let count = try arguments.integer("--count", in: 1...1_000_000) ?? 2_000
    let threads = try arguments.threads(default: ProcessInfo.processInfo.activeProcessorCount)
    let seed = try arguments.seed()
    let out = try arguments.required("--out")
    let k = try arguments.integer("-k", in: 1...10_000) ?? 100
    let population = try kind.population(
        dimension: arguments.integer("--dimension", in: 1...65_536), seed: seed,
        statistics: arguments.value("--statistics"))
    let real = try arguments.value("--photos").map(RealFaces.init(folder:))
    let world = try World(
        rows: arguments.integer("-n", in: 1...1_000_000_000) ?? 200_000, population: population, real: real,
        seed: seed,
        threads: threads)
    let start = ContinuousClock.now
    try writeReferences(of: world, to: out)
    let card = DataCard(
        kind: kind.rawValue, n: world.rows, dimension: world.dimension, seed: seed,
        realPeople: (real?.enrolled.count ?? 0) / world.dimension)
    try JSONEncoder().encode(card).write(to: URL(fileURLWithPath: DataCard.path(of: out)))
    note("\(world.rows) references of \(world.dimension) written to \(out) in \(elapsed(since: start)) s")

    let base = try NpyMatrixMap(path: out)
    for (option, probes) in [
        ("--probes", world.matedProbes(count)), ("--non-mated", world.nonMatedProbes(count)),
    ] {
        guard let path = arguments.value(option) else { continue }
        let begin = ContinuousClock.now
        try write(probes, dimension: world.dimension, to: path)
        let truth = ExactNeighbours.search(probes: probes, in: base, k: k, threads: threads)
        try truth.write(to: truthPath(of: path))
        note("\(truth.rows) probes and their neighbours beside \(path) in \(elapsed(since: begin)) s")
    }
}

/// Where the neighbours of a file of probes are written.
func truthPath(of probes: String) -> String {
    (probes.hasSuffix(".npy") ? String(probes.dropLast(4)) : probes) + "-truth.npy"
}

private func writeReferences(of world: World, to path: String) throws {
    let writer = try NpyMatrixWriter(path: path, columns: world.dimension)
    try unsafe world.forEachBlock { rows in try unsafe writer.append(rows) }
    try writer.finish()
}

private func write(_ probes: [Float], dimension: Int, to path: String) throws {
    let writer = try NpyMatrixWriter(path: path, columns: dimension)
    try writer.append(probes)
    try writer.finish()
}

private func elapsed(since start: ContinuousClock.Instant) -> String {
    String(format: "%.1f", seconds(since: start))
}
