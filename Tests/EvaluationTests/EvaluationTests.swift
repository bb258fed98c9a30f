import Evaluation
import Testing

@Suite("Verification")
struct VerificationTests {
    @Test("pairs are read with their fold and kind")
    func readsPairs() throws {
        let text = "2\t1\nAda\t1\t2\nAda\t1\tZoë\t12\nBob\t3\t1\nBob\t1\tAda\t2\n"
        let pairs = try VerificationPairs(text: text).pairs
        #expect(pairs.map(\.isMated) == [true, false, true, false])
        #expect(pairs.map(\.fold) == [0, 0, 1, 1])
        #expect(pairs[1].second.path == "Zoë/Zoë_0012.jpg")
    }

    @Test("a list that is short or garbled is refused by its line")
    func refusesGarbledPairs() {
        #expect(throws: PairsError.self) { try VerificationPairs(text: "") }
        #expect(throws: PairsError.self) { try VerificationPairs(text: "1\t1\nAda\t1\t2\n") }
        let error = #expect(throws: PairsError.self) {
            try VerificationPairs(text: "1\t1\nAda\t1\tx\nAda\t1\tBob\t1\n")
        }
        #expect(error?.line == 2)
    }

    @Test("a list whose first line names numbers beyond all numbers is refused")
    func refusesHugeNumbers() {
        for head in [
            "4611686018427387904\t2", "9223372036854775807\t9223372036854775807", "1\t4611686018427387904",
        ] {
            #expect(throws: PairsError.self) {
                try VerificationPairs(text: "\(head)\nAda\t1\t2\nAda\t1\tBob\t1\n")
            }
        }
    }

    @Test("a fold is judged by the threshold of the others")
    func crossValidation() {
        // The two folds separate at different similarities, so each misjudges one pair of the other.
        let pairs = [
            ScoredPair(similarity: 0.9, isMated: true, fold: 0),
            ScoredPair(similarity: 0.5, isMated: false, fold: 0),
            ScoredPair(similarity: 0.6, isMated: true, fold: 1),
            ScoredPair(similarity: 0.1, isMated: false, fold: 1),
        ]
        // From fold 1 the threshold is 0.35: fold 0's impostor at 0.5 is accepted. From fold 0 it is 0.7: fold 1's
        // genuine pair at 0.6 is refused.
        #expect(CrossValidatedAccuracy(pairs).mean == 0.5)
    }

    @Test("a pair without a similarity is wrong, mated or not")
    func missingSimilarity() {
        let pairs = [0, 1].flatMap { fold in
            [
                ScoredPair(similarity: 0.9, isMated: true, fold: fold),
                ScoredPair(similarity: 0.1, isMated: false, fold: fold),
                ScoredPair(similarity: nil, isMated: true, fold: fold),
                ScoredPair(similarity: nil, isMated: false, fold: fold),
            ]
        }
        #expect(CrossValidatedAccuracy(pairs).mean == 0.5)
    }

    @Test("equal similarities are never parted by a threshold")
    func ties() {
        let pairs = [0, 1].flatMap { fold in
            [true, false].map { ScoredPair(similarity: 0.5, isMated: $0, fold: fold) }
        }
        #expect(CrossValidatedAccuracy(pairs).mean == 0.5)
    }
}

@Suite("Error rates")
struct ErrorRateTests {
    @Test("a threshold for a false match rate keeps it", arguments: [0, 0.001, 0.01, 0.1, 0.5, 1])
    func falseMatchThreshold(rate: Double) {
        let impostors = (0..<1000).map { Float($0) / 1000 }
        let found = FalseMatchThreshold(impostors: impostors, rate: rate)
        #expect(found.rate.value <= rate)
        #expect(found.rate.events == Int(rate * 1000))
    }

    @Test("ties at the threshold do not push the rate above what was asked")
    func tiedImpostors() {
        let found = FalseMatchThreshold(impostors: [0.5, 0.5, 0.5, 0.1], rate: 0.5)
        #expect(found.rate.events == 0)
    }

    @Test("no errors in 100 trials still leave a rate of up to 3.7 % possible")
    func intervalOfNone() {
        let interval = MeasuredRate(events: 0, trials: 100).interval
        #expect(interval.lowerBound == 0)
        #expect(abs(interval.upperBound - 0.037) < 0.001)
    }

    @Test("failures to find a face stay in the denominators")
    func failuresCount() {
        let searches = [
            SearchOutcome(mateRank: 1, topSimilarity: 0.9, isMated: true),
            SearchOutcome(mateRank: 2, topSimilarity: 0.8, isMated: true),
            SearchOutcome(mateRank: 1, topSimilarity: 0.4, isMated: true),
            SearchOutcome(mateRank: nil, topSimilarity: nil, isMated: true),
            SearchOutcome(mateRank: nil, topSimilarity: 0.7, isMated: false),
            SearchOutcome(mateRank: nil, topSimilarity: nil, isMated: false),
        ]
        #expect(IdentificationRates.hitRate(searches, rank: 1) == MeasuredRate(events: 2, trials: 4))
        #expect(IdentificationRates.hitRate(searches, rank: 2) == MeasuredRate(events: 3, trials: 4))
        #expect(
            IdentificationRates.falseNegativeRate(searches, threshold: 0.5)
                == MeasuredRate(events: 3, trials: 4))
        #expect(
            IdentificationRates.falsePositiveRate(searches, threshold: 0.5)
                == MeasuredRate(events: 1, trials: 2))
    }
}
