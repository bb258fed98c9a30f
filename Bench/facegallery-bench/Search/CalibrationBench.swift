import ArgumentParsing
import Evaluation
import Foundation
import VectorFiles
import VectorIndex

let calibrationBench = Bench(
    specification: CommandSpecification(
        "calibration",
        abstract: "Do calibrated thresholds keep their share of false positives, and follow the size?",
        discussion: """
            For each size: a calibration with strangers that are given and one from the references themselves, and the
            calibration of the size that --follow names, followed to this one. Each threshold is judged by fresh
            strangers, searched exactly enough (loss 0.0001). Beside it the plain quantile of the same scores. Then the
            probability that the best candidate is the person, on people it never saw, in ten bins.
            """,
        options: WorldOptions.options + [
            OptionSpecification("--sizes", value: "N,N", help: "References (default: 1000,10000,100000)."),
            OptionSpecification("--follow", value: "N", help: "The size that is followed (default: 10000)."),
            OptionSpecification(
                "--scores", value: "N", help: "Searches of a calibration, and fresh ones (default: 10000)."),
            OptionSpecification("--work", value: "DIR", help: "Where the references are written."),
            Shared.json,
        ],
        example: "facegallery-bench calibration --kind dlib-resnet --sizes 1000,10000 --work /tmp"),
    run: runCalibrationBench)

private struct ThresholdRecord: Encodable {
    var bench = "calibration"
    var machine = Machine.this
    var kind: String
    var seed: UInt64
    var references: Int
    /// The size at which the scores were measured.
    var calibratedAt: Int
    /// `given` strangers, or the `references` themselves.
    var source: String
    var scores: Int
    var target: Double
    var threshold: Double
    /// FPIR of fresh strangers, with its 95 % interval.
    var realised: Double
    var realisedLow: Double
    var realisedHigh: Double
    /// `realised` divided by `target`.
    var ratio: Double
    /// The same with the plain quantile of the scores, where the size is that of the scores.
    var quantileRatio: Double?
}

private struct ProbabilityRecord: Encodable {
    struct Bin: Encodable {
        var searches: Int
        var predicted: Double
        var observed: Double
    }

    var bench = "calibrated probability"
    var machine = Machine.this
    var kind: String
    var seed: UInt64
    var references: Int
    var calibratedAt: Int
    var prior = 0.5
    var searches: Int
    var bins: [Bin]
    /// Mean distance of predicted and observed, weighted by searches.
    ///
    /// Naeini et al. 2015.
    var expectedCalibrationError: Double
}

private let targets = [0.1, 0.01, 0.003]

private func runCalibrationBench(_ arguments: ParsedArguments) throws {
    let sizes = try sizes(arguments, or: [1_000, 10_000, 100_000])
    let follow = try arguments.integer("--follow", in: 100...1_000_000_000) ?? 10_000
    let scores = try arguments.integer("--scores", in: 100...10_000_000) ?? 10_000
    guard let largest = (sizes + [follow]).max() else { throw BenchFault("no size is given", isUsage: true) }
    let options = try WorldOptions(arguments, rows: largest)
    let folder = arguments.value("--work") ?? NSTemporaryDirectory()
    let path = "\(folder)/calibration-\(options.kind.rawValue)-\(UUID().uuidString).npy"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let world = try options.world()
    try world.writeReferences(to: path)
    let base = try NpyMatrixMap(path: path)
    // Given strangers first, fresh ones after them.
    let strangers = world.nonMatedProbes(2 * scores)
    let half = scores * world.dimension
    let label =
        arguments.value("--statistics").map { URL(fileURLWithPath: $0).lastPathComponent }
        ?? options.kind.rawValue
    var followed: [String: StrangerScores] = [:]
    for size in Set(sizes + [follow]).sorted() {
        let engine = try Engine(over: base, rows: size, threads: options.threads)
        func best(_ probes: [Float], besides ids: [Int64]? = nil) throws -> [Float] {
            try engine.best(of: probes, besides: ids, threads: options.threads)
        }
        let fresh = try best(Array(strangers[half...]))
        let own = Array(0..<Int64(min(size, scores))).map { $0 * Int64(size) / Int64(min(size, scores)) }
        let measured = [
            ("given", try best(Array(strangers[..<half]))),
            (
                "references",
                try best(own.flatMap { base.floats(Int($0)..<Int($0) + 1) }, besides: own)
            ),
        ]
        for (source, scores) in measured {
            let model = try StrangerScores(best: scores, size: size)
            if size == follow { followed[source] = model }
            guard sizes.contains(size) else { continue }
            for (model, at) in [(model, size)] + (size > follow ? [(followed[source], follow)] : []) {
                guard let model else { continue }
                for target in targets {
                    let threshold = try model.threshold(falsePositiveRate: target, in: size)
                    let rate = try reached(fresh, threshold)
                    let plain = try FalseMatchThreshold(impostors: scores, rate: target).similarity
                    try printRecord(
                        ThresholdRecord(
                            kind: label, seed: options.seed, references: size, calibratedAt: at, source: source,
                            scores: scores.count, target: target, threshold: threshold, realised: rate.value,
                            realisedLow: rate.interval.lowerBound, realisedHigh: rate.interval.upperBound,
                            ratio: rate.value / target,
                            quantileRatio: at == size
                                ? try reached(fresh, Double(plain)).value / target : nil))
                }
            }
        }
        guard sizes.contains(size), let model = followed["given"] else { continue }
        try printRecord(probability(options, world, engine, base, size, model, fresh, label))
    }
}

private func reached(_ scores: [Float], _ threshold: Double) throws -> MeasuredRate {
    try MeasuredRate(events: scores.count { Double($0) >= threshold }, trials: scores.count)
}

/// As many searches for enrolled people as for strangers, none of whom the calibration has seen.
private func probability(
    _ options: WorldOptions, _ world: World, _ engine: Engine, _ base: NpyMatrixMap, _ size: Int,
    _ strangers: StrangerScores, _ fresh: [Float], _ label: String
) throws -> ProbabilityRecord {
    let count = min(size, fresh.count)
    let probes = world.matedProbes(count, among: size)
    let subjects = (0..<count).map { $0 * size / count }
    let dimension = world.dimension
    // Every second person is one the calibration knows.
    var known: [Float] = []
    var found: [(best: Float, isMate: Bool)] = []
    let best = try engine.bestWithIDs(of: probes, threads: options.threads)
    for (place, subject) in subjects.enumerated() {
        let probe = probes[place * dimension..<(place + 1) * dimension]
        let mate = zip(probe, base.floats(subject..<subject + 1)).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        if place.isMultiple(of: 2) {
            known.append(mate)
        } else {
            found.append((best[place].similarity, best[place].id == Int64(subject)))
        }
    }
    found += fresh.prefix(found.count).map { ($0, false) }
    let model = try MatchProbability(strangers: strangers, mates: MateScores(known), prior: 0.5)
    var bins = Array(repeating: (searches: 0, predicted: 0.0, right: 0), count: 10)
    for answer in found {
        let predicted = model.ofBest(Double(answer.best), in: size)
        let bin = min(9, Int(predicted * 10))
        bins[bin].searches += 1
        bins[bin].predicted += predicted
        bins[bin].right += answer.isMate ? 1 : 0
    }
    let error = bins.reduce(0) { $0 + abs($1.predicted - Double($1.right)) } / Double(max(1, found.count))
    return ProbabilityRecord(
        kind: label, seed: options.seed, references: size, calibratedAt: strangers.size, searches: found.count,
        bins: bins.map { bin in
            let searches = Double(max(1, bin.searches))
            return .init(
                searches: bin.searches, predicted: bin.predicted / searches,
                observed: Double(bin.right) / searches)
        }, expectedCalibrationError: error)
}
