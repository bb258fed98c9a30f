import ArgumentParsing
import Foundation
import Synchronization
import VectorFiles
import VectorIndex

let latencyBench = Bench(
    specification: CommandSpecification(
        "latency",
        abstract: "Time of a search of one probe: closed and open loop, beside a writer, as a process.",
        discussion: """
            Closed loop: 1 … T threads, each begins a search when its last has ended. Open loop: searches begin at a
            fixed rate (default: half of what one thread gave), times count from the intended beginning. Writer:
            both again while another thread adds references. With --cli PROGRAM, facegallery identify is started for
            every probe on a gallery of all references, with its files in the page cache and dropped from it.
            """,
        options: WorldOptions.options + [
            Workspace.option,
            OptionSpecification(
                "--max-search-loss", value: "P", help: "Best answers that may be missed (default: 0.001)."),
            OptionSpecification("--exact", help: "Compare everything."),
            OptionSpecification(
                "--threads", value: "T", help: "Most threads that search (default: all cores)."),
            OptionSpecification("--rate", value: "Q", help: "Searches a second of the open loop."),
            OptionSpecification(
                "--write-rate", value: "R", help: "References a second that are added (default: 1000)."),
            OptionSpecification("--seconds", value: "S", help: "How long each loop runs (default: 5)."),
            OptionSpecification(
                "--cli", value: "PROGRAM", help: "The program facegallery: measured as a process."),
            OptionSpecification("--runs", value: "N", help: "Processes, warm and cold each (default: 30)."),
            Shared.json,
        ],
        example: "facegallery-bench latency -n 200000 --threads 2 --seconds 2 --json"),
    run: runLatencyBench)

/// The times of one loop.
struct LatencyPoint: Encodable {
    var phase: String
    var set: String
    var maxSearchLoss: Double
    var perSecond: Double
    /// Searches a second that were begun, for an open loop.
    var rate: Nullable<Double>
    var p50Us, p90Us, p99Us, p999Us, maxUs: Double
    var searches: Int
    /// References added a second meanwhile.
    var added: Nullable<Double>

    init(
        _ phase: String, set: String, loss: Double, _ outcome: SearchLoops.Outcome, rate: Double? = nil,
        added: Double? = nil
    ) {
        (self.phase, self.set, maxSearchLoss, perSecond) = (phase, set, loss, outcome.perSecond)
        (self.rate, self.added) = (Nullable(rate), Nullable(added))
        let times = outcome.times
        (p50Us, p90Us, p99Us) = (times.microseconds(0.5), times.microseconds(0.9), times.microseconds(0.99))
        (p999Us, maxUs, searches) = (times.microseconds(0.999), times.microseconds(1), times.count)
    }
}

private func runLatencyBench(_ arguments: ParsedArguments) throws {
    let options = try WorldOptions(arguments)
    let workspace = try Workspace(arguments)
    let time = try arguments.real("--seconds", in: 0.01...3_600) ?? 5
    let writeRate = try arguments.real("--write-rate", in: 1...10_000_000) ?? 1_000
    // Two phases have a writer, in each set of probes.
    let extra = Int(4 * time * writeRate) + 1_000
    let world = try PreparedWorld(options, folder: workspace.path, extraRows: extra)
    let engine = try Engine(over: world.base, rows: options.rows, threads: options.threads)
    let most = try arguments.threads(default: options.threads)
    let loss = arguments.flag("--exact") ? 0 : try arguments.real("--max-search-loss", in: 0...1) ?? 0.001
    var writer = Writer(engine: engine, world: world, next: options.rows, rate: writeRate)
    func print(_ point: LatencyPoint, threads: Int) throws {
        let count = engine.index.count
        try printLine(Conditions("latency", engine.index, n: count, threads: threads, card: world.card), point)
    }
    var beside: [(name: String, loops: SearchLoops, rate: Double)] = []
    for set in world.sets {
        let loops = SearchLoops(
            engine: engine, probes: set.rows, mode: IndexSearchMode(maxSearchLoss: loss), k: 10, seconds: time)
        var single = 0.0
        for threads in 1...most {
            let outcome = try loops.closed(threads: threads)
            if threads == 1 { single = outcome.perSecond }
            try print(LatencyPoint("closed", set: set.name, loss: loss, outcome), threads: threads)
        }
        let rate = try arguments.real("--rate", in: 0.1...10_000_000) ?? single / 2
        let open = try loops.open(threads: most, rate: rate)
        try print(LatencyPoint("open", set: set.name, loss: loss, open, rate: rate), threads: most)
        beside.append((set.name, loops, rate))
    }
    // Last: the references that are added stay, and every later search would read them too.
    for (name, loops, rate) in beside {
        let (closed, added) = try writer.write { try loops.closed(threads: 1) }
        try print(LatencyPoint("closed, writer", set: name, loss: loss, closed, added: added), threads: 1)
        let (open, addedBeside) = try writer.write { try loops.open(threads: 1, rate: rate) }
        try print(
            LatencyPoint("open, writer", set: name, loss: loss, open, rate: rate, added: addedBeside),
            threads: 1)
    }
    if let program = arguments.value("--cli") {
        let runs = try arguments.integer("--runs", in: 1...10_000) ?? 30
        let gallery = try ProcessGallery(program: program, world: world, folder: workspace.path)
        let conditions = Conditions(
            "latency", engine.index, n: world.base.rows, k: 5, threads: 1, card: world.card)
        for isCold in [false, true] {
            let outcome = try gallery.identify(world.mated, runs: runs, isCold: isCold)
            let phase = isCold ? "process, cold" : "process, warm"
            try printLine(conditions, LatencyPoint(phase, set: "mated", loss: 0.001, outcome))
        }
    }
}

/// Adds references of a world at a rate while something else runs.
private struct Writer {
    let engine: Engine
    let world: PreparedWorld
    /// The row that is added next.
    var next: Int
    let rate: Double

    /// Runs `body`; returns its result and the references added a second meanwhile.
    mutating func write<Result: Sendable>(_ body: () throws -> Result) throws -> (Result, Double) {
        let stop = StopFlag()
        let (engine, base, first, rate) = (engine, world.base, next, rate)
        let added = Mutex(0)
        let done = DispatchSemaphore(value: 0)
        let failure = Mutex<(any Error)?>(nil)
        Thread {
            defer { done.signal() }
            let start = ContinuousClock.now
            // A hundred additions a second, of as many references as the rate wants.
            let size = max(1, Int(rate / 100))
            var batch = 0
            while !stop.isRaised {
                let range = first + batch * size..<min(base.rows, first + (batch + 1) * size)
                guard !range.isEmpty else { return }
                do {
                    try unsafe base.withRows(range) { rows in
                        try unsafe engine.index.add(ids: range.map { Int64($0) }, vectors: rows)
                    }
                } catch {
                    failure.withLock { $0 = error }
                    return
                }
                added.withLock { $0 += range.count }
                batch += 1
                sleep(until: start + .seconds(Double(batch * size) / rate))
            }
        }.start()
        let (result, time) = try timed {
            defer {
                stop.raise()
                done.wait()
            }
            return try body()
        }
        if let error = failure.withLock({ $0 }) { throw error }
        let count = added.withLock { $0 }
        next += count
        return (result, Double(count) / time)
    }
}

private final class StopFlag: Sendable {
    private let value = Atomic(false)
    func raise() { value.store(true, ordering: .relaxed) }
    var isRaised: Bool { value.load(ordering: .relaxed) }
}
