import Foundation
import VectorIndex

/// Measures the index alone on synthetic unit vectors: building, exact and approximate search, saving, opening.
///
/// Arguments, all optional: rows (1000000), dimension (128), spread (1.0; small is clustered), threads (1),
/// seed (1). One line a measurement on stdout, tab-separated.
func runSearchBench(arguments: [String]) throws {
    func number(_ place: Int, _ otherwise: Double) -> Double {
        arguments.indices.contains(place) ? Double(arguments[place]) ?? otherwise : otherwise
    }
    let bench = SearchBench(
        rows: Int(number(0, 1_000_000)), dimension: Int(number(1, 128)), spread: Float(number(2, 1)),
        threads: Int(number(3, 1)), seed: UInt64(number(4, 1)))
    try bench.run()
}

/// One measurement of the index.
private struct SearchBench {
    let rows: Int
    let dimension: Int
    let spread: Float
    let threads: Int
    let seed: UInt64

    private static let probes = 1_000

    func run() throws {
        var random = BenchRandom(seed: seed)
        let centres = (0..<max(1, rows / 100)).map { _ in random.unit(dimension) }
        var vectors: [Float] = []
        vectors.reserveCapacity(rows * dimension)
        for _ in 0..<rows {
            vectors += random.near(centres[Int(random.next() % UInt64(centres.count))], spread: spread)
        }
        var probes: [Float] = []
        for _ in 0..<Self.probes {
            let row = Int(random.next() % UInt64(rows))
            probes += random.near(Array(vectors[row * dimension..<(row + 1) * dimension]), spread: 1.7)
        }
        report(
            "setting", "rows \(rows)", "dimension \(dimension)", "spread \(spread)", "threads \(threads)",
            "seed \(seed)")
        try measure(vectors, probes)
    }

    private func measure(_ vectors: [Float], _ probes: [Float]) throws {
        let index = try VectorIndex(dimension: dimension)
        try timed("add") { try index.add(ids: (0..<rows).map(Int64.init), vectors: vectors) }
        try timed("rebuild") { try index.rebuild(threads: threads) }
        let facts = index.statistics
        report("statistics", "lists \(facts.lists)", "bytes \(facts.bytes)")
        let exact = try search(index, probes, .exact, nil)
        for loss in [0.05, 0.01, 0.001] { _ = try search(index, probes, .maxSearchLoss(loss), exact) }
        try single(index, probes, .exact)
        for loss in [0.05, 0.01, 0.001] { try single(index, probes, .maxSearchLoss(loss)) }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("bench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try timed("save") { try index.save(to: folder.path, fingerprint: "bench") }
        let opened = try timed("open") {
            try VectorIndex.open(directory: folder.path, fingerprint: "bench", dimension: dimension)
        }
        try timed("verify") { try VectorIndex.verify(directory: folder.path) }
        if let opened { _ = try search(opened, probes, .maxSearchLoss(0.001), exact) }
    }

    private func search(
        _ index: VectorIndex, _ probes: [Float], _ mode: SearchMode, _ exact: [[Neighbour]]?
    ) throws -> [[Neighbour]] {
        let start = ContinuousClock.now
        let found = try index.search(probes: probes, k: 10, mode: mode, threads: threads)
        let seconds = Self.seconds(since: start)
        let missed = exact.map { zip($0, found).count { $0.first?.id != $1.first?.id } } ?? 0
        report(
            "batch \(mode)", "queries/s \(Int(Double(Self.probes) / seconds))",
            "loss \(Double(missed) / Double(Self.probes))")
        return found
    }

    private func single(_ index: VectorIndex, _ probes: [Float], _ mode: SearchMode) throws {
        var times: [Double] = []
        for probe in 0..<200 {
            let one = Array(probes[probe * dimension..<(probe + 1) * dimension])
            let start = ContinuousClock.now
            _ = try index.search(probes: one, k: 10, mode: mode, threads: threads)
            times.append(Self.seconds(since: start) * 1_000)
        }
        times.sort()
        report("single \(mode)", "median \(Self.short(times[100])) ms", "p99 \(Self.short(times[197])) ms")
    }

    @discardableResult
    private func timed<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
        let start = ContinuousClock.now
        let result = try body()
        report(name, "\(Self.short(Self.seconds(since: start))) s")
        return result
    }

    private func report(_ facts: String...) { print(facts.joined(separator: "\t")) }

    private static func seconds(since start: ContinuousClock.Instant) -> Double {
        let time = ContinuousClock.now - start
        return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
    }

    private static func short(_ value: Double) -> String { String(format: "%.4f", value) }
}

/// Seeded directions.
private struct BenchRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

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
