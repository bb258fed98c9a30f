import ArgumentParsing
import Evaluation
import VectorFiles
import VectorIndex

let recallBench = Bench(
    specification: CommandSpecification(
        "recall",
        abstract: "Search loss: what was asked, what was measured on probes the index has never seen.",
        discussion: """
            Draws references and probes (see data), builds an index and searches with losses from 20 % to none. A
            probe is missed where its first answer is less alike than the true first. A loss is refuted where its 95 %
            interval (Wilson) lies above what was asked. One that is not refuted may still be missed: the upper end of
            the interval says by how much.
            """,
        options: WorldOptions.options + [
            Workspace.option, Shared.threads,
            OptionSpecification(
                "--rounds", value: "N", help: "Times that all probes are searched (default: 3)."),
            Shared.json,
        ],
        example: "facegallery-bench recall --kind dlib-resnet -n 100000 --count 10000 --json"),
    run: runRecallBench)

/// Losses that the index has measured itself, and some between two of them; 0 is exact search.
private let judgedLosses = [
    0.2, 0.1, 0.05, 0.04, 0.02, 0.01, 0.004, 0.003, 0.001, 0.000_4, 0.000_3, 0.000_1, 0,
]

private struct LossPoint: Encodable {
    var set: String
    var asked: Double
    var measured: Double
    /// 95 %.
    var interval: [Double]
    /// Whether the whole interval is above what was asked; one that is not refuted is not proved either.
    var refuted: Bool
    var missed, probes: Int
    var recall10: Nullable<Double>
    var qps, qpsProcessor, buildS: Double
    var lists: Int
}

private func runRecallBench(_ arguments: ParsedArguments) throws {
    let options = try WorldOptions(arguments)
    let workspace = try Workspace(arguments)
    let world = try PreparedWorld(options, folder: workspace.path)
    let threads = try arguments.threads()
    let rounds = try arguments.integer("--rounds", in: 1...1_000) ?? 3
    let engine = try Engine(over: world.base, threads: options.threads)
    for set in world.sets {
        let recall = try Recall(probes: set.rows, truth: set.truth, base: world.base)
        for loss in judgedLosses {
            let run = try Run(
                engine, set.rows, k: 10, mode: IndexSearchMode(maxSearchLoss: loss), threads: threads,
                rounds: rounds
            )
            let found = try recall.measure(run.found, probes: set.rows, base: world.base)
            let probes = run.found.probes
            let missed = Int((Double(probes) * (1 - found.first)).rounded())
            let rate = try MeasuredRate(events: missed, trials: probes)
            try printLine(
                Conditions("recall", engine.index, n: world.base.rows, threads: threads, card: world.card),
                LossPoint(
                    set: set.name, asked: loss, measured: rate.value,
                    interval: [rate.interval.lowerBound, rate.interval.upperBound],
                    refuted: missed > 0 && rate.interval.lowerBound > loss, missed: missed, probes: probes,
                    recall10: Nullable(found.firstTen), qps: run.qps, qpsProcessor: run.qpsProcessor,
                    buildS: engine.build.seconds, lists: engine.index.statistics.lists))
        }
    }
}
