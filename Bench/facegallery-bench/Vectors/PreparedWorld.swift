import ArgumentParsing
import Foundation
import VectorFiles

/// What references and probes are to be made of, as options say it.
struct WorldOptions {
    let kind: VectorKind
    let rows: Int
    let seed: UInt64
    let probes: Int
    let threads: Int
    private let dimension: Int?
    private let photos: String?
    private let perPerson: Int
    private let statistics: String?

    /// The options that say it.
    static let options = [
        OptionSpecification("--kind", value: "KIND", help: "What they are like (default: margin-softmax)."),
        OptionSpecification("-n", value: "N", help: "References (default: 200000)."),
        OptionSpecification("--dimension", value: "D", help: "Numbers in a vector (default: 128)."),
        Shared.seed,
        OptionSpecification("--count", value: "N", help: "Probes of each sort, at most (default: 2000)."),
        OptionSpecification("--photos", value: "DIR", help: "Templates of real photos to mix in."),
        OptionSpecification(
            "--per-person", value: "N", help: "Probes of each real person, at most (default: 3)."),
        OptionSpecification(
            "--statistics", value: "DIR", help: "mean, between and within of another network's templates."),
    ]

    /// - Parameter rows: references, where other options than `-n` say how many.
    init(_ arguments: ParsedArguments, rows: Int? = nil) throws {
        kind = try arguments.choice("--kind", as: VectorKind.self) ?? .marginSoftmax
        self.rows = try rows ?? arguments.integer("-n", in: 1...1_000_000_000) ?? 200_000
        dimension = try arguments.integer("--dimension", in: 1...65_536)
        seed = try arguments.seed()
        probes = try arguments.integer("--count", in: 1...1_000_000) ?? 2_000
        photos = arguments.value("--photos")
        perPerson = try arguments.integer("--per-person", in: 1...1_000_000) ?? 3
        statistics = arguments.value("--statistics")
        threads = ProcessInfo.processInfo.activeProcessorCount
    }

    /// The world, of which further rows may be asked.
    ///
    /// - Parameter within: real people stand among so many first rows; all without it.
    func world(rows: Int? = nil, within: Int? = nil) throws -> World {
        let population = try kind.population(dimension: dimension, seed: seed, statistics: statistics)
        let real = try photos.map { try RealFaces(folder: $0, perPerson: perPerson) }
        return try World(
            rows: rows ?? self.rows, population: population, real: real, seed: seed, threads: threads,
            realWithin: within)
    }
}

/// References and probes in files of a folder, made once.
struct PreparedWorld {
    /// Probes of one sort, row-major, with their neighbours.
    struct Probes {
        let name: String
        let rows: [Float]
        let truth: NpyIntegers
    }

    let base: NpyMatrixMap
    let card: DataCard
    let mated: Probes
    let nonMated: Probes

    /// Takes what an earlier run left in `folder`, if it was made of the same options, or makes it.
    ///
    /// - Parameter extraRows: references that follow those of the options, and are in no truth.
    init(_ options: WorldOptions, folder: String, extraRows: Int = 0, within: Int? = nil) throws {
        let world = try options.world(rows: options.rows + extraRows, within: within ?? options.rows)
        let path = "\(folder)/base.npy"
        let card = DataCard(world, options: options)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        if DataCard.beside(path) != card {
            try world.writeReferences(to: path)
            let base = try NpyMatrixMap(path: path)
            let mated = world.matedProbes(options.probes, among: within ?? options.rows)
            let nonMated = world.nonMatedProbes(options.probes)
            for (name, probes) in [("mated", mated), ("non-mated", nonMated)] {
                let writer = try NpyMatrixWriter(path: "\(folder)/\(name).npy", columns: world.dimension)
                try writer.append(probes)
                try writer.finish()
                let truth = ExactNeighbours.search(
                    probes: probes, in: base, rows: options.rows, k: 10, threads: options.threads)
                try truth.write(to: truthPath(of: "\(folder)/\(name).npy"))
            }
            try card.write(beside: path)
        }
        self.card = card
        base = try NpyMatrixMap(path: path)
        func probes(_ name: String) throws -> Probes {
            let matrix = try NpyMatrixMap(path: "\(folder)/\(name).npy")
            return Probes(
                name: name, rows: matrix.floats(0..<matrix.rows),
                truth: try NpyIntegers(path: truthPath(of: "\(folder)/\(name).npy")))
        }
        mated = try probes("mated")
        nonMated = try probes("non-mated")
    }

    var sets: [Probes] { [mated, nonMated] }
}

/// What a file of references holds, written beside it.
struct DataCard: Codable, Equatable {
    var kind: String
    var n: Int
    var dimension: Int
    var seed: UInt64
    var realPeople: Int
    var probes: Int?

    init(kind: String, n: Int, dimension: Int, seed: UInt64, realPeople: Int, probes: Int? = nil) {
        (self.kind, self.n, self.dimension, self.seed) = (kind, n, dimension, seed)
        (self.realPeople, self.probes) = (realPeople, probes)
    }

    init(_ world: World, options: WorldOptions) {
        self.init(
            kind: options.kind.rawValue, n: world.rows, dimension: world.dimension, seed: options.seed,
            realPeople: world.realPeople, probes: options.probes)
    }

    /// The name of the card of a file of references.
    static func path(of base: String) -> String {
        (base.hasSuffix(".npy") ? String(base.dropLast(4)) : base) + ".json"
    }

    /// The card beside a file of references, where there is one.
    static func beside(_ base: String) -> DataCard? {
        guard let data = FileManager.default.contents(atPath: path(of: base)) else { return nil }
        return try? JSONDecoder().decode(DataCard.self, from: data)
    }

    func write(beside base: String) throws {
        try JSONEncoder().encode(self).write(to: URL(fileURLWithPath: Self.path(of: base)))
    }
}

/// Where the neighbours of a file of probes are written.
func truthPath(of probes: String) -> String {
    (probes.hasSuffix(".npy") ? String(probes.dropLast(4)) : probes) + "-truth.npy"
}

/// A folder for the files of a run: the one that is named, which stays, or a temporary one.
final class Workspace {
    let path: String
    private let isTemporary: Bool

    /// The option that names one.
    static let option = OptionSpecification(
        "--work", value: "DIR", help: "Keep the run's files here, and use them again (default: none are kept).")

    init(_ arguments: ParsedArguments) throws {
        let named = arguments.value("--work")
        isTemporary = named == nil
        path =
            named
            ?? FileManager.default.temporaryDirectory
            .appendingPathComponent("facegallery-bench-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        if isTemporary { try? FileManager.default.removeItem(atPath: path) }
    }
}
