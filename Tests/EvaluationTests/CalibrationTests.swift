import Evaluation
import Foundation
import TestSupport
import Testing

/// A world in which everything is known: cosines of strangers are those of directions in about 120 dimensions, so the
/// best of N has a formula.
private struct KnownWorld {
    private static let power = 60.0
    static let mateMean = 0.62
    static let mateDeviation = 0.11

    /// The share of strangers whose best of `size` reaches a similarity.
    static func falsePositiveRate(at similarity: Double, in size: Int) -> Double {
        let square = similarity * abs(similarity)
        let one = similarity > 0 ? 0.5 * pow(1 - square, power) : 1 - 0.5 * pow(1 + square, power)
        return -expm1(Double(size) * log1p(-one))
    }

    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    private mutating func uniform() -> Double { (Double(random.next() >> 11) + 0.5) * 0x1p-53 }

    /// The best of `size` others.
    mutating func best(in size: Int) -> Float {
        let one = -expm1(log(uniform()) / Double(size))
        return Float(
            one < 0.5
                ? (1 - pow(2 * one, 1 / Self.power)).squareRoot()
                : -(1 - pow(2 * (1 - one), 1 / Self.power)).squareRoot())
    }

    /// The similarity of a probe with its own subject.
    mutating func mate() -> Float {
        let normal = (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform())
        return Float(max(-1, min(1, Self.mateMean + Self.mateDeviation * normal)))
    }
}

@Suite("Calibration")
struct CalibrationTests {
    @Test(
        "a threshold keeps its FPIR within a factor of 1.5, and within 2 in a gallery a hundred times as large",
        arguments: [1, 2, 3])
    func followsSize(seed: UInt64) throws {
        var world = KnownWorld(seed: seed)
        let model = try StrangerScores(best: (0..<10_000).map { _ in world.best(in: 10_000) }, size: 10_000)
        for (size, factor) in [(10_000, 1.5), (100_000, 2), (1_000_000, 2)] {
            for target in [0.1, 0.01, 0.003] {
                let threshold = try model.threshold(falsePositiveRate: target, in: size)
                let real = KnownWorld.falsePositiveRate(at: threshold, in: size)
                #expect(
                    real / target < factor && target / real < factor, "N \(size), target \(target): \(real)")
                #expect(abs(model.falsePositiveRate(at: threshold, in: size) / target - 1) < 1e-6)
                let interval = try model.thresholdInterval(falsePositiveRate: target, in: size)
                #expect(interval.contains(threshold))
            }
        }
    }

    @Test("the tail beats the plain quantile where scores are few")
    func beatsQuantile() throws {
        var (ofTail, ofQuantile) = (0.0, 0.0)
        for seed in 1...40 {
            var world = KnownWorld(seed: UInt64(seed))
            let scores = (0..<1_000).map { _ in world.best(in: 10_000) }
            let model = try StrangerScores(best: scores, size: 10_000)
            let fitted = try model.threshold(falsePositiveRate: 0.003, in: 10_000)
            let plain = try FalseMatchThreshold(impostors: scores, rate: 0.003).similarity
            func fault(_ threshold: Double) -> Double {
                abs(log(KnownWorld.falsePositiveRate(at: threshold, in: 10_000) / 0.003))
            }
            ofTail += fault(fitted)
            ofQuantile += fault(Double(plain))
        }
        #expect(ofTail < 0.85 * ofQuantile, "tail \(ofTail / 40), quantile \(ofQuantile / 40)")
    }

    @Test("thresholds rise with the gallery, and with a stricter target")
    func monotone() throws {
        var world = KnownWorld(seed: 4)
        let model = try StrangerScores(best: (0..<500).map { _ in world.best(in: 100) }, size: 100)
        var before = -1.0
        for size in [1, 10, 100, 10_000, 100_000_000] {
            let threshold = try model.threshold(falsePositiveRate: 0.01, in: size)
            #expect(threshold > before && threshold <= 1)
            before = threshold
        }
        var last = 1.0
        for target in [1e-9, 1e-4, 0.01, 0.09, 0.11, 0.5, 0.99, 1 - 1e-9] {
            let threshold = try model.threshold(falsePositiveRate: target, in: 100)
            #expect(threshold <= last, "\(target)")
            last = threshold
        }
    }

    @Test("says the smallest FPIR that the scores support")
    func smallest() throws {
        var world = KnownWorld(seed: 5)
        let model = try StrangerScores(best: (0..<1_000).map { _ in world.best(in: 100) }, size: 100)
        #expect(model.smallestRate(in: 100) == 0.001)
        #expect(model.smallestRate(in: 1_000) == 0.01)
        #expect(model.smallestRate(in: 10) == 0.001)
    }

    @Test("the probability is calibrated in ten bins, in galleries of two sizes", arguments: [10_000, 300_000])
    func probability(size: Int) throws {
        var world = KnownWorld(seed: 6)
        let strangers = try StrangerScores(best: (0..<5_000).map { _ in world.best(in: 10_000) }, size: 10_000)
        let mates = try MateScores((0..<2_000).map { _ in world.mate() })
        let probability = try MatchProbability(strangers: strangers, mates: mates, prior: 0.5)
        var bins = [(predicted: Double, right: Double, count: Double)](repeating: (0, 0, 0), count: 10)
        var fault = 0.0
        let trials = 40_000
        for number in 0..<trials {
            let other = world.best(in: size)
            let mate = number.isMultiple(of: 2) ? world.mate() : -1
            let predicted = probability.ofBest(Double(max(other, mate)), in: size)
            let bin = min(9, Int(predicted * 10))
            bins[bin].predicted += predicted
            bins[bin].right += mate > other ? 1 : 0
            bins[bin].count += 1
        }
        for bin in bins where bin.count > 0 {
            fault += abs(bin.predicted - bin.right) / Double(trials)
            guard bin.count > 200 else { continue }
            #expect(abs(bin.predicted - bin.right) / bin.count < 0.15, "\(bin)")
        }
        // Expected calibration error: Naeini et al. 2015.
        #expect(fault < 0.02, "\(fault)")
        var last = -1.0
        for step in 0...100 {
            let value = probability.ofBest(Double(step) / 100, in: size)
            #expect((0...1).contains(value) && value >= last - 1e-3, "\(step)")
            last = value
        }
    }

    @Test("too few scores, equal ones and no numbers are refused")
    func refusals() throws {
        #expect(throws: EvaluationError.tooFewScores(count: 99, needed: 100)) {
            try StrangerScores(best: Array(repeating: 0.5, count: 99), size: 10)
        }
        #expect(throws: EvaluationError.noSpread(count: 200)) {
            try StrangerScores(best: Array(repeating: 0.5, count: 200), size: 10)
        }
        #expect(throws: EvaluationError.notANumber) {
            try StrangerScores(best: Array(repeating: .nan, count: 200), size: 10)
        }
        #expect(throws: EvaluationError.tooFewScores(count: 0, needed: 50)) { try MateScores([]) }
        #expect(throws: EvaluationError.noSpread(count: 60)) {
            try MateScores(Array(repeating: 0.5, count: 60))
        }
        var world = KnownWorld(seed: 7)
        let model = try StrangerScores(best: (0..<200).map { _ in world.best(in: 10) }, size: 10)
        for rate in [0, 1, -1, .nan] {
            #expect(throws: EvaluationError.self) { try model.threshold(falsePositiveRate: rate, in: 10) }
        }
    }

    @Test("a stored model says the same, and a forged one is refused")
    func stored() throws {
        var world = KnownWorld(seed: 8)
        let model = try StrangerScores(best: (0..<300).map { _ in world.best(in: 100) }, size: 100)
        let mates = try MateScores((0..<100).map { _ in world.mate() })
        let bytes = try JSONEncoder().encode(model)
        #expect(try JSONDecoder().decode(StrangerScores.self, from: bytes) == model)
        #expect(try JSONDecoder().decode(MateScores.self, from: JSONEncoder().encode(mates)) == mates)
        let text = String(decoding: bytes, as: UTF8.self)
        for (key, forged) in [
            ("scale", "-1"), ("share", "2"), ("size", "0"), ("body", "[1,0]"), ("body", "[]"),
        ] {
            let broken = text.replacing(
                try Regex("\"\(key)\":(\\[[^\\]]*\\]|[-0-9.e]+)"), with: "\"\(key)\":\(forged)")
            #expect(broken != text)
            #expect(throws: DecodingError.self, "\(key)") {
                try JSONDecoder().decode(StrangerScores.self, from: Data(broken.utf8))
            }
        }
    }
}
