import ArgumentParsing
import Foundation
import VectorFiles
import VectorIndex

let searchBench = Bench(
    specification: CommandSpecification(
        "search", abstract: "The index: queries a second, time of a call and what is found of the truth.",
        discussion: """
            Builds an index over the rows of --base, or takes the one that an earlier run left in --index, searches
            the probes and prints a line of JSON a point. --truth holds the row numbers of each probe's nearest
            references, best first (int64); a row as much alike as the truth's counts as found. Times are of
            a call: of one probe, or with --batch all of all. Queries a second are those of the best round.
            """,
        options: SearchSet.options + [
            OptionSpecification("-k", value: "K", help: "Neighbours of a probe (default: 10)."),
            Shared.threads,
            OptionSpecification("--batch", value: "1|all", help: "Probes a call (default: all)."),
            OptionSpecification(
                "--max-search-loss", value: "P", help: "Best answers that may be missed (default: 0.001)."),
            OptionSpecification("--exact", help: "Compare everything."),
            OptionSpecification("--sweep", help: "A point for each of many losses, and for exact search."),
            OptionSpecification(
                "--rounds", value: "N", help: "Times that all probes are searched (default: 3)."),
            OptionSpecification(
                "--seconds", value: "S", help: "No new round of a point begins after so long (default: 10)."),
            Shared.json,
        ],
        example: """
            facegallery-bench data -n 200000 --out base.npy --probes mate.npy
            facegallery-bench search --base base.npy --probes mate.npy --truth mate-truth.npy --sweep --json
            """),
    run: runSearchBench)

/// The losses of a sweep, wide ones first; 0 is exact search.
let sweptLosses = [
    0.5, 0.2, 0.15, 0.12, 0.1, 0.082, 0.068, 0.056, 0.047, 0.039, 0.033, 0.027, 0.022, 0.018, 0.015, 0.012,
    0.01, 0.0068,
    0.0047, 0.0033, 0.0022, 0.0015, 0.001, 0.0005, 0.0002, 0.0001, 0,
]

private func runSearchBench(_ arguments: ParsedArguments) throws {
    // The words are read before the files, which may be large.
    let losses = try losses(arguments)
    let set = try SearchSet(arguments)
    let k = try arguments.integer("-k", in: 1...VectorIndex.mostNeighbours) ?? 10
    let bench = SearchBench(
        set: set, k: k, threads: try arguments.threads(),
        batch: try arguments.choice("--batch", as: SearchBench.Batch.self) ?? .all,
        rounds: try arguments.integer("--rounds", in: 1...1_000) ?? 3,
        budget: try arguments.real("--seconds", in: 0...86_400) ?? 10)
    for loss in losses { try bench.measure(maxSearchLoss: loss) }
}

private func losses(_ arguments: ParsedArguments) throws -> [Double] {
    let loss = try arguments.real("--max-search-loss", in: 0...1)
    let modes = [loss != nil, arguments.flag("--exact"), arguments.flag("--sweep")]
    guard modes.count(where: \.self) <= 1 else {
        throw UsageError("give one of --max-search-loss, --exact and --sweep", command: "search")
    }
    if arguments.flag("--sweep") { return sweptLosses }
    return [arguments.flag("--exact") ? 0 : loss ?? 0.001]
}

/// One way to search the probes of a set.
struct SearchBench {
    enum Batch: String, CaseIterable {
        case one = "1"
        case all
    }

    let set: SearchSet
    let k: Int
    let threads: Int
    let batch: Batch
    let rounds: Int
    /// Seconds after which no further round begins.
    let budget: Double

    /// Measures and prints one point.
    func measure(maxSearchLoss loss: Double) throws {
        let run = try Run(
            set.engine, set.probes, k: k, mode: IndexSearchMode(maxSearchLoss: loss), threads: threads,
            perCall: batch == .one ? 1 : nil, rounds: rounds, budget: budget)
        let recall = try set.recall.measure(run.found, probes: set.probes, base: set.base)
        let (index, build) = (set.engine.index, set.engine.build)
        try printLine(
            Conditions("search", index, n: set.base.rows, k: k, threads: threads, card: set.card),
            SearchPoint(
                qps: run.qps, qpsProcessor: run.qpsProcessor, processorShare: run.processorShare,
                p50Us: run.times.microseconds(0.5), p99Us: run.times.microseconds(0.99),
                recall1: recall.first, recall10: Nullable(recall.firstTen), buildS: build.seconds,
                buildThreads: build.threads, saveS: Nullable(build.saveSeconds),
                bytesPerReference: index.statistics.bytesPerReference, batch: batch.rawValue,
                maxSearchLoss: loss, exact: loss == 0, probes: run.found.probes, rounds: run.rounds))
    }
}

private struct SearchPoint: Encodable {
    var qps, qpsProcessor, processorShare: Double
    /// Of a call, which answers one probe or, with `--batch all`, all of them.
    var p50Us, p99Us: Double
    var recall1: Double
    /// Null where fewer than ten neighbours were asked for.
    var recall10: Nullable<Double>
    var buildS: Double
    var buildThreads: Int
    var saveS: Nullable<Double>
    var bytesPerReference: Double
    var batch: String
    /// 0 is exact search.
    var maxSearchLoss: Double
    var exact: Bool
    var probes, rounds: Int
}
