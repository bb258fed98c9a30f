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
let sweptLosses = [0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001, 0]

private func runSearchBench(_ arguments: ParsedArguments) throws {
    let set = try SearchSet(arguments)
    let k = try arguments.integer("-k", in: 1...VectorIndex.mostNeighbours) ?? 10
    let bench = SearchBench(
        set: set, k: k, threads: try arguments.threads(),
        batch: try arguments.choice("--batch", as: SearchBench.Batch.self) ?? .all,
        rounds: try arguments.integer("--rounds", in: 1...1_000) ?? 3,
        budget: try arguments.real("--seconds", in: 0...86_400) ?? 10)
    for loss in try losses(arguments) { try printRecord(bench.measure(maxSearchLoss: loss)) }
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

    func measure(maxSearchLoss loss: Double) throws -> SearchRecord {
        let mode: SearchMode = loss > 0 ? .maxSearchLoss(loss) : .exact
        let dimension = set.base.columns
        let perCall = batch == .all ? set.probes.count / dimension : 1
        var (found, call) = (
            Answers(probes: set.probes.count / dimension, k: k), Answers(probes: perCall, k: k)
        )
        var times: [Double] = []
        var best = (wall: Double.infinity, processor: 0.0)
        var round = 0
        try unsafe set.probes.withUnsafeBufferPointer { probes in
            // What the first searches allocate and map is not what is measured.
            let some = unsafe UnsafeBufferPointer(rebasing: probes[..<min(probes.count, 100 * dimension)])
            var warm = Answers(probes: some.count / dimension, k: k)
            try unsafe set.engine.search(some, mode: mode, threads: threads, into: &warm)
            let start = ContinuousClock.now
            while round == 0 || round < rounds && seconds(since: start) < budget {
                var sum = 0.0
                let processor = processorSeconds()
                for first in stride(from: 0, to: probes.count / dimension, by: perCall) {
                    let part = unsafe UnsafeBufferPointer(
                        rebasing: probes[first * dimension..<(first + perCall) * dimension])
                    let time = try timed {
                        try unsafe set.engine.search(part, mode: mode, threads: threads, into: &call)
                    }
                    if round == 0 { found.take(call, at: first) }
                    times.append(time.seconds)
                    sum += time.seconds
                }
                if sum < best.wall { best = (sum, processorSeconds() - processor) }
                round += 1
            }
        }
        let recall = set.recall.measure(found, probes: set.probes, base: set.base)
        let all = Times(times)
        let build = set.engine.build
        return SearchRecord(
            qps: Double(found.probes) / best.wall,
            qpsProcessor: Double(found.probes * threads) / best.processor,
            processorShare: best.processor / best.wall, p50: all.microseconds(0.5), p99: all.microseconds(0.99),
            recall1: recall.first, recall10: Nullable(recall.firstTen), buildSeconds: build.seconds,
            bytesPerReference: set.engine.index.statistics.bytesPerReference, n: set.base.rows,
            dimension: dimension, k: k, threads: threads, batch: batch.rawValue, maxSearchLoss: loss,
            kernel: set.engine.index.kernelName, exact: loss == 0, buildThreads: build.threads,
            saveSeconds: Nullable(build.saveSeconds), probes: found.probes, rounds: round,
            data: Nullable(set.card?.kind), seed: Nullable(set.card?.seed))
    }
}
