import ArgumentParsing
import Clustering
import Evaluation
import Foundation
import VectorFiles

let clusterBench = Bench(
    specification: CommandSpecification(
        "cluster",
        abstract: "How well faces are grouped by person (B-cubed), how fast, and what more faces cost.",
        discussion: """
            --photos DIR, holding lfw-dev.npy and lfw-dev.txt, are real people; --kind and -n add synthetic ones, of
            whom two thirds have one photo. Everything is grouped at once, in another order, and without the last
            --added faces, which are added then: all three must give the same groups. --write keeps the set for
            Bench/peers/cluster.py.
            """,
        options: [
            Shared.photos,
            OptionSpecification(
                "--kind", value: "KIND", help: "Synthetic people: dlib-resnet or margin-softmax."),
            OptionSpecification(
                "--statistics", value: "DIR",
                help: "Their statistics (default: those of the kind in Bench/Data)."),
            OptionSpecification("-n", value: "N", help: "Synthetic faces (default: 100000)."),
            OptionSpecification(
                "--min-similarity", value: "S", help: "From which cosine on two faces are one person."),
            OptionSpecification("--added", value: "N", help: "Faces that are added at the end (default: 100)."),
            OptionSpecification("--write", value: "X.npy", help: "Write the set, and X.npy.persons.txt."),
            Shared.threads, Shared.seed, Shared.json,
        ],
        example: "facegallery-bench cluster --kind margin-softmax -n 20000 --min-similarity 0.49"),
    run: runClusterBench)

private struct ClusterRecord: Encodable {
    var bench = "cluster"
    var program = "facegallery"
    var machine = Machine.this
    var commit = Machine.commit
    var set: String
    var n, people, dimension, threads: Int
    var aloneShare: Double
    var minSimilarity: Double
    var precision, recall, f: Double
    var clusters: Int
    /// Comparing all, and making groups of it.
    var compareSeconds, groupSeconds: Double
    var added: Int
    /// Comparing the added faces with all, and making groups of all.
    var addedCompareSeconds, addedGroupSeconds: Double
    /// Whether another order, and the addition, gave the same groups.
    var sameGroups: Bool
    var peakBytes: Int
}

private func runClusterBench(_ arguments: ParsedArguments) throws {
    let (threads, seed) = (try arguments.threads(), try arguments.seed())
    let photos = arguments.value("--photos")
    guard let similarity = try arguments.real("--min-similarity", in: 0...1) else {
        throw BenchFault("--min-similarity is missing", isUsage: true)
    }
    var set: ClusterSet?
    var name = photos.map { URL(filePath: $0).lastPathComponent + " lfw-dev" }
    if let kind = try arguments.choice("--kind", as: VectorKind.self) {
        let population = try kind.population(
            dimension: nil, seed: seed, statistics: arguments.value("--statistics"))
        let rows = try arguments.integer("-n", in: 1...10_000_000) ?? 100_000
        let synthetic = ClusterSet(population, rows: rows, seed: seed)
        let statistics = arguments.value("--statistics").map { URL(filePath: $0).lastPathComponent }
        name = [name, "\(statistics ?? kind.rawValue) synthetic"].compactMap(\.self).joined(separator: " + ")
        set = synthetic
    }
    if let photos {
        let real = try ClusterSet(photos: photos)
        if set == nil { set = real } else { try set?.add(real) }
    }
    guard var set, let name else { throw BenchFault("give --photos, --kind or both", isUsage: true) }
    set.shuffle(seed: seed)
    if let path = arguments.value("--write") { try set.write(to: path) }
    let added = min(try arguments.integer("--added", in: 0...1_000_000) ?? 100, set.persons.count - 1)
    try measure(set, name, similarity: similarity, added: added, threads: threads)
}

private func measure(_ set: ClusterSet, _ name: String, similarity: Double, added: Int, threads: Int) throws {
    var graph = try FaceGraph(dimension: set.dimension, minSimilarity: similarity)
    let rows = try graph.add(set.templates)
    let compare = try timed { try graph.compare(threads: threads) }.seconds
    var clusters: [Int?] = []
    let group = try timed { clusters = try graph.clusters(of: rows, threads: threads) }.seconds
    let peak = peakBytes()

    let first = set.persons.count - added
    var grown = try FaceGraph(dimension: set.dimension, minSimilarity: similarity)
    // In the other order, too.
    var before: [Int] = []
    for face in (0..<first).reversed() {
        before += try grown.add(Array(set.templates[face * set.dimension..<(face + 1) * set.dimension]))
    }
    try grown.compare(threads: threads)
    let later = try grown.add(Array(set.templates[(first * set.dimension)...]))
    let addedCompare = try timed { try grown.compare(threads: threads) }.seconds
    var again: [Int?] = []
    let addedGroup = try timed {
        again = try grown.clusters(of: before.reversed() + later, threads: threads)
    }.seconds
    guard let quality = ClusteringQuality(groups: clusters, persons: set.persons) else {
        throw BenchFault("there are no faces")
    }
    try printRecord(
        ClusterRecord(
            set: name, n: set.persons.count, people: Set(set.persons).count, dimension: set.dimension,
            threads: threads, aloneShare: set.aloneShare, minSimilarity: similarity,
            precision: quality.precision, recall: quality.recall, f: quality.f,
            clusters: clusters.compactMap(\.self).max() ?? 0, compareSeconds: compare, groupSeconds: group,
            added: added, addedCompareSeconds: addedCompare, addedGroupSeconds: addedGroup,
            sameGroups: again == clusters, peakBytes: peak))
}

/// The most memory that this process has had.
private func peakBytes() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1_024
}
