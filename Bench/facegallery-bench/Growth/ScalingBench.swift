import ArgumentParsing
import Foundation
import VectorFiles
import VectorIndex

let scalingBench = Bench(
    specification: CommandSpecification(
        "scaling", abstract: "Time of a search, build and memory from 10,000 references to 10,000,000.",
        discussion: """
            Smaller galleries are the first references of the largest, the probes are the same for all. The last line
            fits a · N^b to the sizes: of the median time of a search, of building, of memory.
            """,
        options: WorldOptions.options + [
            Workspace.option,
            OptionSpecification(
                "--sizes", value: "N,N,…", help: "References (default: 10000,100000,1000000,10000000)."),
            OptionSpecification(
                "--max-search-loss", value: "P", help: "Best answers that may be missed (default: 0.001)."),
            OptionSpecification(
                "--seconds", value: "S", help: "No new round of a size begins after so long (default: 20)."),
            Shared.json,
        ],
        example: "facegallery-bench scaling --sizes 10000,30000,100000 --json"),
    run: runScalingBench)

private struct SizePoint: Encodable {
    var set: String
    var maxSearchLoss: Double
    var p50Us, p90Us, p99Us, maxUs, qps, batchQps: Double
    var recall1: Double
    var recall10: Nullable<Double>
    var buildS: Double
    var buildThreads: Int
    var bytesPerReference: Double
    /// Anonymous memory of this process.
    var processBytes: Int
    var lists: Int
}

private struct Fit: Encodable {
    var set: String
    var sizes: [Int]
    var p50Exponent, p99Exponent, batchExponent, buildExponent, memoryExponent: Nullable<Double>
}

/// The sizes that an option names, ascending.
func sizes(_ arguments: ParsedArguments, or standard: [Int]) throws -> [Int] {
    guard let text = arguments.value("--sizes") else { return standard }
    let sizes = text.split(separator: ",").map { Int($0) }
    guard !sizes.isEmpty, sizes.allSatisfy({ $0 ?? 0 > 0 }) else {
        throw UsageError(
            "'--sizes \(text)': expected whole numbers with commas between", command: arguments.command.name)
    }
    return sizes.compactMap(\.self).sorted()
}

private func runScalingBench(_ arguments: ParsedArguments) throws {
    let all = try sizes(arguments, or: [10_000, 100_000, 1_000_000, 10_000_000])
    guard let least = all.first, let most = all.last else { return }
    let options = try WorldOptions(arguments, rows: most)
    let workspace = try Workspace(arguments)
    let loss = try arguments.real("--max-search-loss", in: 0...1) ?? 0.001
    let budget = try arguments.real("--seconds", in: 0...86_400) ?? 20
    // Probes' mates are among the least.
    let world = try PreparedWorld(options, folder: workspace.path, within: least)
    var points: [(n: Int, point: SizePoint)] = []
    for n in all {
        let engine = try Engine(over: world.base, rows: n, threads: options.threads)
        let facts = engine.index.statistics
        for set in world.sets {
            let truth = ExactNeighbours.search(
                probes: set.rows, in: world.base, rows: n, k: 10, threads: options.threads)
            let recall = try Recall(probes: set.rows, truth: truth, base: world.base)
            let mode = IndexSearchMode(maxSearchLoss: loss)
            let single = try Run(engine, set.rows, k: 10, mode: mode, perCall: 1, budget: budget)
            let batch = try Run(engine, set.rows, k: 10, mode: mode, budget: budget)
            let found = try recall.measure(single.found, probes: set.rows, base: world.base)
            let times = single.times
            let point = SizePoint(
                set: set.name, maxSearchLoss: loss, p50Us: times.microseconds(0.5),
                p90Us: times.microseconds(0.9), p99Us: times.microseconds(0.99), maxUs: times.microseconds(1),
                qps: single.qps, batchQps: batch.qps, recall1: found.first, recall10: Nullable(found.firstTen),
                buildS: engine.build.seconds, buildThreads: options.threads,
                bytesPerReference: facts.bytesPerReference, processBytes: anonymousBytes(), lists: facts.lists)
            try printLine(Conditions("scaling", engine.index, n: n, threads: 1, card: world.card), point)
            points.append((n, point))
        }
    }
    let index = try VectorIndex(dimension: world.base.columns)
    for set in world.sets {
        let own = points.filter { $0.point.set == set.name }
        func exponent(_ value: (SizePoint) -> Double) -> Nullable<Double> {
            Nullable(PowerLaw(own.map { (Double($0.n), value($0.point)) })?.exponent)
        }
        try printLine(
            Conditions("scaling fit", index, n: most, threads: 1, card: world.card),
            Fit(
                set: set.name, sizes: all, p50Exponent: exponent(\.p50Us), p99Exponent: exponent(\.p99Us),
                batchExponent: exponent { 1 / $0.batchQps }, buildExponent: exponent(\.buildS),
                memoryExponent: Nullable(
                    PowerLaw(own.map { (Double($0.n), $0.point.bytesPerReference * Double($0.n)) })?.exponent)))
    }
}

/// Bytes of this process's memory that are no file's pages.
func anonymousBytes() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1_024
}
