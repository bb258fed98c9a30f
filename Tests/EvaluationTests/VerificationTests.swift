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
    func crossValidation() throws {
        // The two folds separate at different similarities, so each misjudges one pair of the other.
        let pairs = [
            ScoredPair(similarity: 0.9, isMated: true, fold: 0),
            ScoredPair(similarity: 0.5, isMated: false, fold: 0),
            ScoredPair(similarity: 0.6, isMated: true, fold: 1),
            ScoredPair(similarity: 0.1, isMated: false, fold: 1),
        ]
        // From fold 1 the threshold is 0.35: fold 0's impostor at 0.5 is accepted. From fold 0 it is 0.7: fold 1's
        // genuine pair at 0.6 is refused.
        #expect(try CrossValidatedAccuracy(pairs).mean == 0.5)
    }

    @Test("a pair without a similarity is wrong, mated or not")
    func missingSimilarity() throws {
        let pairs = [0, 1].flatMap { fold in
            [
                ScoredPair(similarity: 0.9, isMated: true, fold: fold),
                ScoredPair(similarity: 0.1, isMated: false, fold: fold),
                ScoredPair(similarity: nil, isMated: true, fold: fold),
                ScoredPair(similarity: nil, isMated: false, fold: fold),
            ]
        }
        #expect(try CrossValidatedAccuracy(pairs).mean == 0.5)
    }

    @Test("equal similarities are never parted by a threshold")
    func ties() throws {
        let pairs = [0, 1].flatMap { fold in
            [true, false].map { ScoredPair(similarity: 0.5, isMated: $0, fold: fold) }
        }
        #expect(try CrossValidatedAccuracy(pairs).mean == 0.5)
    }

    @Test("a list written on Windows is read as any other")
    func windowsLines() throws {
        let text = "1\t1\nAda\t1\t2\nBob\t3\tAda\t2\n"
        let windows = "\u{FEFF}" + text.replacing("\n", with: "\r\n")
        #expect(try VerificationPairs(text: windows).pairs == VerificationPairs(text: text).pairs)
    }

    @Test("one fold, no pair of a kind and no number are errors that say so")
    func refusals() {
        let mated = ScoredPair(similarity: 0.5, isMated: true)
        let other = ScoredPair(similarity: 0.5, isMated: false)
        #expect(throws: EvaluationError.tooFewFolds(1)) { try CrossValidatedAccuracy([mated, other]) }
        #expect(throws: EvaluationError.tooFewFolds(0)) { try CrossValidatedAccuracy([]) }
        #expect(throws: EvaluationError.noPairs(ofOnePerson: false)) { try VerificationRates([mated]) }
        #expect(throws: EvaluationError.noPairs(ofOnePerson: true)) { try VerificationRates([other]) }
        #expect(throws: EvaluationError.notANumber) {
            try VerificationRates([mated, other, ScoredPair(similarity: .nan, isMated: true)])
        }
    }

    @Test("a false match rate below one pair is refused with the smallest that can be told")
    func tooSmallRate() throws {
        let pairs = (0..<50).map { ScoredPair(similarity: Float($0) / 50, isMated: $0 >= 40) }
        let rates = try VerificationRates(pairs)
        #expect(throws: EvaluationError.rateTooSmall(asked: 0.01, smallest: 1 / 40, trials: 40)) {
            try rates.point(falseMatchRate: 0.01)
        }
        #expect(try rates.point(falseMatchRate: 0.025).trueMatches.value == 1)
    }
}
