import Evaluation
import Testing

@Suite("Error rates")
struct ErrorRateTests {
    @Test("a threshold for a false match rate keeps it", arguments: [0, 0.001, 0.01, 0.1, 0.5, 1])
    func falseMatchThreshold(rate: Double) throws {
        let impostors = (0..<1000).map { Float($0) / 1000 }
        let found = try FalseMatchThreshold(impostors: impostors, rate: rate)
        #expect(found.rate.value <= rate)
        #expect(found.rate.events == Int(rate * 1000))
    }

    @Test("ties at the threshold do not push the rate above what was asked")
    func tiedImpostors() throws {
        let found = try FalseMatchThreshold(impostors: [0.5, 0.5, 0.5, 0.1], rate: 0.5)
        #expect(found.rate.events == 0)
    }

    @Test("no errors in 100 trials still leave a rate of up to 3.7 % possible")
    func intervalOfNone() throws {
        let interval = try MeasuredRate(events: 0, trials: 100).interval
        #expect(interval.lowerBound == 0)
        #expect(abs(interval.upperBound - 0.037) < 0.001)
    }

    @Test("failures to find a face stay in the denominators")
    func failuresCount() throws {
        let searches = [
            SearchOutcome(mateRank: 1, topSimilarity: 0.9, isMated: true),
            SearchOutcome(mateRank: 2, topSimilarity: 0.8, isMated: true),
            SearchOutcome(mateRank: 1, topSimilarity: 0.4, isMated: true),
            SearchOutcome(mateRank: nil, topSimilarity: nil, isMated: true),
            SearchOutcome(mateRank: nil, topSimilarity: 0.7, isMated: false),
            SearchOutcome(mateRank: nil, topSimilarity: nil, isMated: false),
        ]
        let scores = try IdentificationScores(searches)
        #expect((scores.matedNotAcquired, scores.nonMatedNotAcquired) == (1, 1))
        let rates = IdentificationRates(scores)
        #expect(try rates.hitRate(rank: 1) == MeasuredRate(events: 2, trials: 4))
        #expect(try rates.hitRate(rank: 2) == MeasuredRate(events: 3, trials: 4))
        #expect(try rates.falseNegativeRate(threshold: 0.5) == MeasuredRate(events: 3, trials: 4))
        #expect(try rates.falsePositiveRate(threshold: 0.5) == MeasuredRate(events: 1, trials: 2))
        // Without a face nobody is found, however low the threshold is.
        #expect(try rates.falseNegativeRate(threshold: -.infinity) == MeasuredRate(events: 2, trials: 4))
    }

    @Test("rates of nobody are errors that say what is missing")
    func nobody() throws {
        let mated = try IdentificationRates([SearchOutcome(mateRank: 1, topSimilarity: 1, isMated: true)])
        #expect(throws: EvaluationError.noNonMatedSearch) { try mated.falsePositiveRate(threshold: 0) }
        #expect(throws: EvaluationError.noNonMatedSearch) { try mated.threshold(falsePositiveRate: 0.1) }
        #expect(throws: EvaluationError.noNonMatedSearch) { try mated.detectionErrorTradeOff() }
        let strangers = try IdentificationRates([
            SearchOutcome(mateRank: nil, topSimilarity: 0.1, isMated: false)
        ])
        #expect(throws: EvaluationError.noMatedSearch) { try strangers.hitRate(rank: 1) }
        #expect(throws: EvaluationError.noMatedSearch) { try strangers.falseNegativeRate(threshold: 0) }
        #expect(throws: EvaluationError.rankOutOfRange(0, most: 10_000)) { try mated.hitRate(rank: 0) }
        #expect(throws: EvaluationError.notANumber) {
            try IdentificationScores([SearchOutcome(mateRank: 1, topSimilarity: .nan, isMated: true)])
        }
        #expect(throws: EvaluationError.rateTooSmall(asked: 0.1, smallest: 1, trials: 1)) {
            try strangers.threshold(falsePositiveRate: 0.1)
        }
        #expect(throws: EvaluationError.rateOutOfRange(-1)) { try strangers.threshold(falsePositiveRate: -1) }
        #expect(throws: EvaluationError.noTrials(of: "comparison of strangers")) {
            try FalseMatchThreshold(impostors: [], rate: 0.1)
        }
        #expect(throws: EvaluationError.impossibleCount(events: 2, trials: 1)) {
            try MeasuredRate(events: 2, trials: 1)
        }
    }

    @Test("the same seed gives the same intervals, and photos of one person widen them")
    func bootstrap() throws {
        func rates(photosPerPerson: Int) throws -> IdentificationRates {
            try IdentificationRates(
                (0..<400).flatMap { number -> [SearchOutcome] in
                    let person = number / photosPerPerson
                    // A person succeeds or fails with all photos.
                    let found = person % 4 != 0
                    return [
                        SearchOutcome(
                            mateRank: found ? 1 : 2, topSimilarity: found ? 0.9 : 0.2, isMated: true,
                            person: person),
                        SearchOutcome(
                            mateRank: nil, topSimilarity: Float(number) / 1_000, isMated: false,
                            person: number),
                    ]
                })
        }
        let single = try SubjectBootstrap().run(rates(photosPerPerson: 1), falsePositiveRates: [0.1])
        let again = try SubjectBootstrap().run(rates(photosPerPerson: 1), falsePositiveRates: [0.1])
        #expect(single.points == again.points)
        let many = try SubjectBootstrap().run(rates(photosPerPerson: 10), falsePositiveRates: [0.1])
        func width(_ point: SubjectBootstrap.OperatingPoint?) throws -> Double {
            let rate = try #require(point).falseNegativeRate
            return rate.high - rate.low
        }
        #expect(try width(many.points.first) > 2 * width(single.points.first))
        #expect(
            try width(
                SubjectBootstrap(seed: 2).run(rates(photosPerPerson: 1), falsePositiveRates: [0.1])
                    .points.first) != width(single.points.first))
    }

    @Test("no failure among few people still leaves an interval")
    func intervalOfNoMiss() throws {
        let searches = (0..<200).map {
            SearchOutcome(
                mateRank: $0 < 40 ? 1 : nil, topSimilarity: $0 < 40 ? 0.9 : 0.1, isMated: $0 < 40,
                person: $0 % 20)
        }
        let point = try #require(
            SubjectBootstrap().run(IdentificationRates(searches), falsePositiveRates: [0.1]).points.first)
        #expect(point.falseNegativeRate.low == 0)
        // 20 people, not 40 photos.
        #expect(abs(point.falseNegativeRate.high - 0.1611) < 0.0001)
    }
}

@Suite("Error rates of groups")
struct GroupTests {
    /// 200 strangers a group, of whom more match the higher its number is, and ten people of no group.
    private func rates() throws -> IdentificationRates {
        var scores = IdentificationScores()
        for group in 0..<3 {
            for number in 0..<200 {
                let matches = number < 4 << group
                try scores.add(
                    SearchOutcome(
                        mateRank: nil, topSimilarity: matches ? 0.9 : 0.1, isMated: false,
                        person: group * 1_000 + number), group: group,
                    candidateGroup: number % 2 == 0 ? group : 0)
            }
        }
        for number in 0..<10 {
            try scores.add(
                SearchOutcome(mateRank: nil, topSimilarity: 0.9, isMated: false, person: -number - 1),
                candidateGroup: 2)
        }
        try scores.add(SearchOutcome(mateRank: 1, topSimilarity: 0.9, isMated: true), group: 0)
        return IdentificationRates(scores)
    }

    @Test("false positives are counted by both groups, and inequality as NIST defines it")
    func inequality() throws {
        let groups = try GroupRates(rates(), names: ["a", "b", "c", "d"], threshold: 0.5)
        #expect(groups.groups.prefix(3).map { $0.falsePositives?.events } == [4, 8, 16])
        #expect(
            groups.crossGroupFalsePositives.map { Array($0.prefix(4)) } == [
                [4, 0, 0, 0], [4, 4, 0, 0], [8, 0, 8, 0], [0, 0, 0, 0], [0, 0, 10, 0],
            ])
        let measured = try #require(groups.falsePositiveInequality)
        // Rates 0.02, 0.04, 0.08: mean 0.14/3; mean absolute difference 2·(0.02 + 0.06 + 0.04)/9.
        let meanDifference = 0.24 / 9
        let mean = 0.14 / 3
        let expected = 1.5 * meanDifference / (2 * mean)
        #expect(abs(try #require(measured.gini) - expected) < 1e-12)
        #expect(abs(try #require(measured.maxOverGeometricMean) - 2) < 1e-12)
    }

    @Test("a group too small to say anything is marked")
    func smallGroups() throws {
        let groups = try GroupRates(rates(), names: ["a", "b", "c", "d"], threshold: 0.5).groups
        #expect(groups.map(\.isFalsePositiveRateKnown) == [true, true, true, false])
        #expect(groups.map(\.isFalseNegativeRateKnown) == [false, false, false, false])
        #expect(groups[3].falsePositives == nil && groups[3].people == 0)
    }

    @Test("groups without any error have no inequality, one with none no geometric mean")
    func noErrors() throws {
        #expect(Inequality([0.1]) == nil)
        #expect(try #require(Inequality([0, 0])).gini == nil)
        #expect(try #require(Inequality([0, 0.2])).gini == 1)
        #expect(try #require(Inequality([0, 0.2])).maxOverGeometricMean == nil)
        #expect(try #require(Inequality([0.2, 0.2])).gini == 0)
    }
}
