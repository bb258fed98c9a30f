import VectorIndex

/// All probes searched, several times; the best round counts.
struct Run {
    /// The answers of the first round.
    private(set) var found: Answers
    /// The time of each call, of all rounds.
    let times: Times
    private(set) var rounds = 0
    private var wall = Double.infinity
    private var processor = 0.0
    private let threads: Int

    /// - Parameters:
    ///   - perCall: probes a call; all of them without it.
    ///   - budget: seconds after which no further round begins.
    init(
        _ engine: Engine, _ probes: [Float], k: Int, mode: IndexSearchMode, threads: Int = 1,
        perCall: Int? = nil,
        rounds: Int = 3, budget: Double = 10
    ) throws {
        let dimension = engine.index.dimension
        let count = probes.count / dimension
        let size = min(perCall ?? count, count)
        self.threads = threads
        var (found, call) = (Answers(probes: count, k: k), Answers(probes: size, k: k))
        var times: [Double] = []
        var best = (wall: Double.infinity, processor: 0.0)
        var round = 0
        try unsafe probes.withUnsafeBufferPointer { probes in
            // What the first searches allocate and map is not what is measured.
            let some = unsafe UnsafeBufferPointer(rebasing: probes[..<min(probes.count, 100 * dimension)])
            var warm = Answers(probes: some.count / dimension, k: k)
            try unsafe engine.search(some, mode: mode, threads: threads, into: &warm)
            let start = ContinuousClock.now
            while round == 0 || round < rounds && seconds(since: start) < budget {
                var sum = 0.0
                let processor = processorSeconds()
                for first in stride(from: 0, to: count, by: size) {
                    let part = unsafe UnsafeBufferPointer(
                        rebasing: probes[first * dimension..<min(count, first + size) * dimension])
                    let time = try timed {
                        try unsafe engine.search(part, mode: mode, threads: threads, into: &call)
                    }
                    if round == 0 { found.take(call, at: first) }
                    times.append(time.seconds)
                    sum += time.seconds
                }
                if sum < best.wall { best = (sum, processorSeconds() - processor) }
                round += 1
            }
        }
        self.found = found
        self.times = Times(times)
        self.rounds = round
        (wall, processor) = best
    }

    /// Probes a second.
    var qps: Double { Double(found.probes) / wall }

    /// Probes a second of processor time: what a machine that is busy otherwise takes away does not count.
    var qpsProcessor: Double { Double(found.probes * threads) / processor }

    /// Processor seconds a second.
    var processorShare: Double { processor / wall }
}

extension IndexSearchMode {
    /// 0 is exact search.
    init(maxSearchLoss loss: Double) { self = loss > 0 ? .maxSearchLoss(loss) : .exact }
}
