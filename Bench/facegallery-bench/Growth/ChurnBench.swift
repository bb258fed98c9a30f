import ArgumentParsing
import VectorFiles
import VectorIndex

let churnBench = Bench(
    specification: CommandSpecification(
        "churn", abstract: "Loss, time and bytes while references leave and others come, beside a fresh index.",
        discussion: """
            A share of the references is removed at random and as many others are added, in steps; the truth is that
            of who is there at the moment. The last line is a fresh index of the same references.
            """,
        options: WorldOptions.options + [
            Workspace.option,
            OptionSpecification("--share", value: "P", help: "References that are exchanged (default: 0.3)."),
            OptionSpecification("--steps", value: "N", help: "In so many steps (default: 10)."),
            OptionSpecification(
                "--max-search-loss", value: "P", help: "Best answers that may be missed (default: 0.001)."),
            Shared.json,
        ],
        example: "facegallery-bench churn -n 100000 --steps 5 --json"),
    run: runChurnBench)

private struct ChurnPoint: Encodable {
    var phase: String
    var set: String
    var step, removed, added, tombstones, loose: Int
    var maxSearchLoss: Double
    var loss: Double
    var p50Us, p99Us, qps, batchQps, bytesPerReference: Double
    /// Seconds of this step's removals, additions and, where it was due, rebuilding.
    var changeS: Double
    var rebuilt: Bool
}

private func runChurnBench(_ arguments: ParsedArguments) throws {
    let options = try WorldOptions(arguments)
    let workspace = try Workspace(arguments)
    let steps = try arguments.integer("--steps", in: 1...1_000) ?? 10
    let share = try arguments.real("--share", in: 0...0.9) ?? 0.3
    let loss = try arguments.real("--max-search-loss", in: 0...1) ?? 0.001
    let exchanged = Int(share * Double(options.rows)) / steps * steps
    let world = try PreparedWorld(options, folder: workspace.path, extraRows: exchanged)
    var churn = Churn(
        world: world, engine: try Engine(over: world.base, rows: options.rows, threads: options.threads),
        rows: options.rows, loss: loss, threads: options.threads)
    try churn.measure("begin", step: 0)
    var leaving = Array(0..<options.rows)
    let key = NumberKey(seed: options.seed).part(-3)
    for place in leaving.indices.dropLast() {
        leaving.swapAt(place, place + key.part(place).below(leaving.count - place))
    }
    let size = exchanged / steps
    for step in 0..<steps {
        try churn.exchange(
            leaving[step * size..<(step + 1) * size],
            for: options.rows + step * size..<options.rows + (step + 1) * size)
        try churn.measure("churned", step: step + 1)
    }
    try churn.startAnew()
    try churn.measure("fresh", step: steps)
}

/// An index whose references change, and who is there.
private struct Churn {
    let world: PreparedWorld
    private(set) var engine: Engine
    private let loss: Double
    private let threads: Int
    private var isThere: [Bool]
    private var (removed, added) = (0, 0)
    private var changeSeconds = 0.0
    private var wasRebuilt = false

    init(world: PreparedWorld, engine: Engine, rows: Int, loss: Double, threads: Int) {
        (self.world, self.engine, self.loss, self.threads) = (world, engine, loss, threads)
        isThere = (0..<world.base.rows).map { $0 < rows }
    }

    mutating func exchange(_ leaving: ArraySlice<Int>, for coming: Range<Int>) throws {
        let index = engine.index
        (wasRebuilt, changeSeconds) = try timed {
            index.remove(ids: leaving.map { Int64($0) })
            try unsafe world.base.withRows(coming) { rows in
                try unsafe index.add(ids: coming.map { Int64($0) }, vectors: rows)
            }
            return try index.rebuildIfNeeded(threads: threads)
        }
        for row in leaving { isThere[row] = false }
        for row in coming { isThere[row] = true }
        removed += leaving.count
        added += coming.count
    }

    /// An index of who is there, in the place of the one that has changed.
    mutating func startAnew() throws {
        let ids = isThere.indices.filter { isThere[$0] }.map { Int64($0) }
        (engine, changeSeconds) = try timed { try Engine(over: world.base, ids: ids, threads: threads) }
    }

    func measure(_ phase: String, step: Int) throws {
        let index = engine.index
        let mode = IndexSearchMode(maxSearchLoss: loss)
        for set in world.sets {
            let truth = ExactNeighbours.search(
                probes: set.rows, in: world.base, isIncluded: isThere, k: 10, threads: threads)
            let recall = try Recall(probes: set.rows, truth: truth, base: world.base)
            let single = try Run(engine, set.rows, k: 10, mode: mode, perCall: 1, budget: 5)
            let batch = try Run(engine, set.rows, k: 10, mode: mode, budget: 5)
            let facts = index.statistics
            let found = try recall.measure(single.found, probes: set.rows, base: world.base)
            try printLine(
                Conditions("churn", index, n: index.count, threads: 1, card: world.card),
                ChurnPoint(
                    phase: phase, set: set.name, step: step, removed: removed, added: added,
                    tombstones: facts.tombstones, loose: facts.looseCount, maxSearchLoss: loss,
                    loss: 1 - found.first, p50Us: single.times.microseconds(0.5),
                    p99Us: single.times.microseconds(0.99), qps: single.qps, batchQps: batch.qps,
                    bytesPerReference: facts.bytesPerReference, changeS: changeSeconds, rebuilt: wasRebuilt))
        }
    }
}
