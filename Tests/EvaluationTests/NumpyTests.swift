import Evaluation
import Foundation
import TestSupport
import Testing

/// The same scores, counted by `Fixtures/rates.py`.
@Suite("Error rates beside numpy")
struct NumpyTests {
    private static let environment = ProcessInfo.processInfo.environment
        .merging(["PYTHONPATH": SetUpCache.file("test-tools")]) { $1 }

    private static let hasNumpy: Bool = {
        guard !isSanitized, let folder = try? TemporaryFolder() else { return false }
        let result = try? TestedProgram(path: "/usr/bin/env").run(
            ["python3", "-c", "import numpy"], in: folder, environment: environment)
        return result?.exitCode == 0
    }()

    private struct Input: Encodable {
        var pairs: [[JSONValue]]
        var searches: [[JSONValue]]
        var ranks = [1, 2, 5, 10, 20, 50]
        var falseMatchRates = [0.01, 0.05]
        var falsePositiveRates = [0.1, 0.03, 0.01]
    }

    private struct Output: Decodable {
        var accuracy, standardError, eer: Double
        var tmr, points, intervals: [[Double]]
        var cmc: [Double]
    }

    /// Scores on a grid, so that many are equal, and some that are missing.
    private struct Data {
        var pairs: [ScoredPair] = []
        var searches: [SearchOutcome] = []

        init(seed: UInt64) {
            var random = SeededGenerator(seed: seed)
            func score(_ centre: Float) -> Float? {
                let noise = (0..<4).reduce(Float(0)) { sum, _ in sum + random.signedUnit() } / 8
                let value = max(-1, min(1, centre + noise))
                return random.next() % 50 == 0 ? nil : (value * 200).rounded() / 200
            }
            for number in 0..<900 {
                let isMated = number % 2 == 0
                pairs.append(
                    ScoredPair(similarity: score(isMated ? 0.45 : 0.1), isMated: isMated, fold: number / 90))
            }
            for number in 0..<1_200 {
                let isMated = number % 2 == 0
                let top = score(isMated ? 0.5 : 0.3)
                let rank = random.next() % 10 < 8 ? 1 : Int(random.next() % 60) + 1
                searches.append(
                    SearchOutcome(
                        mateRank: isMated && top != nil && rank < 55 ? rank : nil, topSimilarity: top,
                        isMated: isMated, person: number / 8))
            }
        }
    }

    @Test(
        "every rate is equal to 1e-9, intervals within the noise of their draws", .enabled(if: hasNumpy),
        arguments: [1, 2])
    func rates(seed: UInt64) throws {
        let data = Data(seed: seed)
        func text(_ value: Float?) -> JSONValue { value.map { .number(Double($0)) } ?? .null }
        func text(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }
        let input = Input(
            pairs: data.pairs.map {
                [text($0.similarity), .boolean($0.isMated), .integer(Int64($0.fold))]
            },
            searches: data.searches.map {
                [text($0.topSimilarity), .boolean($0.isMated), text($0.mateRank), text($0.person)]
            })
        let folder = try TemporaryFolder()
        let path = try folder.write(Array(JSONEncoder().encode(input)), to: "input.json")
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/rates.py").path
        let result = try TestedProgram(path: "/usr/bin/env").run(
            ["python3", script], in: folder, environment: Self.environment, input: path)
        #expect(result.exitCode == 0, "\(result.err)")
        let other = try JSONDecoder().decode(Output.self, from: Foundation.Data(result.out.utf8))

        func expectEqual(_ own: Double, _ other: Double, within: Double = 1e-9, _ what: String) {
            #expect(abs(own - other) <= within, "\(what): \(own), numpy \(other)")
        }
        let accuracy = try CrossValidatedAccuracy(data.pairs)
        expectEqual(accuracy.mean, other.accuracy, "accuracy")
        expectEqual(accuracy.standardError, other.standardError, "standard error")
        let verification = try VerificationRates(data.pairs)
        expectEqual(verification.equalErrorRate.rate, other.eer, "EER")
        for (rate, expected) in zip(input.falseMatchRates, other.tmr) {
            let point = try verification.point(falseMatchRate: rate)
            expectEqual(Double(point.falseMatches.similarity), expected[0], "threshold at FMR \(rate)")
            expectEqual(point.trueMatches.value, expected[1], "TMR at FMR \(rate)")
        }
        let rates = try IdentificationRates(data.searches)
        for (rank, expected) in zip(input.ranks, other.cmc) {
            expectEqual(try rates.hitRate(rank: rank).value, expected, "rank \(rank)")
        }
        let points = try SubjectBootstrap(draws: 1_000).run(
            rates, falsePositiveRates: input.falsePositiveRates
        ).points
        #expect(points.map(\.target) == input.falsePositiveRates)
        for (place, point) in points.enumerated() {
            let expected = other.points[place]
            expectEqual(point.threshold.value, expected[0], "threshold at FPIR \(point.target)")
            expectEqual(point.falsePositives.value, expected[1], "FPIR \(point.target)")
            expectEqual(point.falseNegatives.value, expected[2], "FNIR at FPIR \(point.target)")
            let interval = point.falseNegativeRate
            expectEqual(interval.low, other.intervals[place][0], within: 0.03, "low \(point.target)")
            expectEqual(interval.high, other.intervals[place][1], within: 0.03, "high \(point.target)")
        }
        // The curve is made of the same counts.
        for point in try rates.detectionErrorTradeOff(points: 40) {
            expectEqual(
                try rates.falsePositiveRate(threshold: point.threshold).value, point.falsePositiveRate, "DET")
            expectEqual(
                try rates.falseNegativeRate(threshold: point.threshold).value, point.falseNegativeRate, "DET")
        }
        let histogram = rates.histogram()
        #expect(
            histogram.nonMated.reduce(0, +) == data.searches.count { !$0.isMated && $0.topSimilarity != nil })
    }
}
