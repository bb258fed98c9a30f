import Foundation
import VectorIndex

/// Measures the index alone: building, exact and approximate search with its loss, saving, opening.
///
/// Arguments, all optional: rows (1000000), dimension (128), spread (1.0; small is clustered), threads (1),
/// seed (1). With a folder of face statistics (`mean.npy`, `between.npy`, `within.npy`, `lfw-dev.npy`,
/// `lfw-dev.txt`) in the place of dimension and spread, the rows are face-like and the probes are real faces:
/// rows, folder, threads, seed. One line a measurement on stdout, tab-separated.
func runSearchBench(arguments: [String]) throws {
    func number(_ place: Int, _ otherwise: Double) -> Double {
        arguments.indices.contains(place) ? Double(arguments[place]) ?? otherwise : otherwise
    }
    let rows = Int(number(0, 1_000_000))
    if arguments.count > 1, Double(arguments[1]) == nil {
        var faces = try FaceLikeVectors(folder: arguments[1], seed: UInt64(number(3, 1)))
        let world = faces.world(rows: rows)
        let bench = SearchBench(rows: rows, dimension: 128, threads: Int(number(2, 1)))
        bench.report("setting", "rows \(rows)", arguments[1], "threads \(bench.threads)")
        return try bench.measure(world.rows, world.probes)
    }
    let bench = SearchBench(rows: rows, dimension: Int(number(1, 128)), threads: Int(number(3, 1)))
    try bench.run(spread: Float(number(2, 1)), seed: UInt64(number(4, 1)))
}

/// One measurement of the index.
private struct SearchBench {
    let rows: Int
    let dimension: Int
    let threads: Int

    func run(spread: Float, seed: UInt64) throws {
        var random = BenchRandom(seed: seed)
        let centres = (0..<max(1, rows / 100)).map { _ in random.unit(dimension) }
        var vectors: [Float] = []
        vectors.reserveCapacity(rows * dimension)
        for _ in 0..<rows {
            vectors += random.near(centres[Int(random.next() % UInt64(centres.count))], spread: spread)
        }
        var probes: [Float] = []
        for _ in 0..<1_000 {
            let row = Int(random.next() % UInt64(rows))
            probes += random.near(Array(vectors[row * dimension..<(row + 1) * dimension]), spread: 1.7)
        }
        report(
            "setting", "rows \(rows)", "dimension \(dimension)", "spread \(spread)", "threads \(threads)",
            "seed \(seed)")
        try measure(vectors, [(name: "near", rows: probes)])
    }

    func measure(_ vectors: [Float], _ probes: [(name: String, rows: [Float])]) throws {
        let index = try VectorIndex(dimension: dimension)
        try timed("add") { try index.add(ids: (0..<rows).map(Int64.init), vectors: vectors) }
        try timed("rebuild") { try index.rebuild(threads: threads) }
        let facts = index.statistics
        report("statistics", "lists \(facts.lists)", "bytes \(facts.bytes)")
        for share in facts.calibration { report("calibration", "loss \(share.loss)", "codes \(share.codesRead)") }
        for set in probes {
            let exact = try search(index, set, .exact, nil)
            for loss in [0.05, 0.01, 0.001] { _ = try search(index, set, .maxSearchLoss(loss), exact) }
            try single(index, set, .exact)
            for loss in [0.05, 0.01, 0.001] { try single(index, set, .maxSearchLoss(loss)) }
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("bench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try timed("save") { try index.save(to: folder.path, fingerprint: "bench") }
        let opened = try timed("open") {
            try VectorIndex.open(directory: folder.path, fingerprint: "bench", dimension: dimension)
        }
        try timed("verify") { try VectorIndex.verify(directory: folder.path) }
        if let opened { try single(opened, probes[0], .maxSearchLoss(0.001)) }
    }

    private func search(
        _ index: VectorIndex, _ set: (name: String, rows: [Float]), _ mode: SearchMode, _ exact: [[Neighbour]]?
    ) throws -> [[Neighbour]] {
        let count = set.rows.count / dimension
        let start = ContinuousClock.now
        let found = try index.search(probes: set.rows, k: 10, mode: mode, threads: threads)
        let seconds = Self.seconds(since: start)
        let missed = exact.map { zip($0, found).count { $0.first?.id != $1.first?.id } } ?? 0
        report(
            "batch", set.name, "\(mode)", "queries/s \(Int(Double(count) / seconds))",
            "loss \(Double(missed) / Double(count))")
        return found
    }

    private func single(
        _ index: VectorIndex, _ set: (name: String, rows: [Float]), _ mode: SearchMode
    ) throws {
        var times: [Double] = []
        for probe in 0..<min(200, set.rows.count / dimension) {
            let one = Array(set.rows[probe * dimension..<(probe + 1) * dimension])
            let start = ContinuousClock.now
            _ = try index.search(probes: one, k: 10, mode: mode, threads: threads)
            times.append(Self.seconds(since: start) * 1_000)
        }
        times.sort()
        report(
            "single", set.name, "\(mode)", "median \(Self.short(times[times.count / 2])) ms",
            "p99 \(Self.short(times[times.count * 99 / 100])) ms")
    }

    @discardableResult
    private func timed<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
        let start = ContinuousClock.now
        let result = try body()
        report(name, "\(Self.short(Self.seconds(since: start))) s")
        return result
    }

    func report(_ facts: String...) { print(facts.joined(separator: "\t")) }

    private static func seconds(since start: ContinuousClock.Instant) -> Double {
        let time = ContinuousClock.now - start
        return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
    }

    private static func short(_ value: Double) -> String { String(format: "%.4f", value) }
}

/// Seeded directions.
struct BenchRandom {
    private var generator: SplitMix

    init(seed: UInt64) { generator = SplitMix(seed: seed) }

    mutating func next() -> UInt64 { generator.next() }

    mutating func unit(_ dimension: Int) -> [Float] {
        near([Float](repeating: 0, count: dimension), spread: 1)
    }

    /// A unit vector whose similarity to a unit `centre` is about 1/√(1 + spread²).
    mutating func near(_ centre: [Float], spread: Float) -> [Float] {
        var vector = centre
        let scale = spread / Float(centre.count).squareRoot()
        var squares: Float = 0
        for at in vector.indices {
            // Four 16-bit numbers added: bell-shaped, variance one.
            let bits = next()
            let sum =
                Float(bits & 0xFFFF) + Float(bits >> 16 & 0xFFFF) + Float(bits >> 32 & 0xFFFF)
                + Float(bits >> 48)
            vector[at] += scale * (sum / 65_536 - 2) * 1.732
            squares += vector[at] * vector[at]
        }
        let length = squares.squareRoot()
        for at in vector.indices { vector[at] /= length }
        return vector
    }
}
