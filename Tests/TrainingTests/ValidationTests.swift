import Testing

@testable import Training

@Suite("The validation of a training")
struct ValidationTests {
    private static let people = (0..<30).flatMap { person in Array(repeating: person, count: 1 + person % 4) }

    @Test("folds share no person, and have as many pairs of one as of two")
    func folds() throws {
        let set = try ValidationSet(people: Self.people, seed: 3)
        #expect(set.folds == 10)
        var foldOf: [Int: Int] = [:]
        for pair in set.pairs {
            #expect(pair.first != pair.second)
            for photo in [pair.first, pair.second] {
                #expect(foldOf[Self.people[photo], default: pair.fold] == pair.fold)
                foldOf[Self.people[photo]] = pair.fold
            }
            #expect((Self.people[pair.first] == Self.people[pair.second]) == pair.isMated)
        }
        #expect(Set(set.pairs).count == set.pairs.count)
        #expect(set.pairs.count(where: \.isMated) * 2 == set.pairs.count)
        #expect(try ValidationSet(people: Self.people, seed: 3).pairs == set.pairs)
        #expect(try ValidationSet(people: Self.people, seed: 4).pairs != set.pairs)
    }

    @Test("templates that are one a person are perfect, and one for all are worth nothing")
    func extremes() throws {
        let set = try ValidationSet(people: Self.people, seed: 1)
        let perfect = Self.people.map { person in (0..<30).map { $0 == person ? Float(1) : 0 } }
        let (best, distances) = try set.figures(perfect)
        #expect(best.accuracy == 1 && best.rankOne == 1)
        #expect(distances.same.allSatisfy { $0 == 0 } && distances.different.allSatisfy { $0 == 2 })
        #expect(set.threshold(perfect)?.similarity ?? 0 > 0)
        #expect(set.threshold(perfect)?.falseMatchRate == 0)
        let (worst, _) = try set.figures(Self.people.map { _ in [1, 0] })
        #expect(worst.rankOne == 0 && worst.accuracy <= 0.5)
    }

    @Test("a photo without a template is wrong whatever the threshold")
    func missing() throws {
        let set = try ValidationSet(people: [0, 0, 1, 1, 2, 2], seed: 1)
        let (figures, _) = try set.figures(Array(repeating: nil, count: 6))
        #expect(figures.accuracy == 0 && figures.rankOne == 0)
        #expect(set.threshold(Array(repeating: nil, count: 6)) == nil)
    }

    @Test("searches for enrolled people miss none, half or all, as templates say; few strangers give no rate")
    func openSet() throws {
        // 110 people of two photos: 55 strangers a deal, of whom each is searched twice.
        let people = (0..<220).map { $0 / 2 }
        let set = try ValidationSet(people: people, seed: 1)
        func rate(_ template: (_ person: Int, _ photo: Int) -> [Float]?) throws -> Double? {
            try set.figures((0..<220).map { template(people[$0], $0) }).0.falseNegativeRate
        }
        func one(_ place: Int) -> [Float] {
            (0..<330).map { $0 == place ? 1 : 0 }
        }
        #expect(try rate { person, _ in one(person) } == 0)
        #expect(try rate { _, photo in one(photo) } == 1)
        #expect(try rate { _, _ in [1, 0] } == 1)
        #expect(try rate { _, _ in nil } == nil)
        // Every second person has two photos that nothing has in common.
        let half = try #require(
            try rate { person, photo in one(person.isMultiple(of: 2) ? photo : 220 + person) })
        #expect(abs(half - 0.5) < 0.1)
        #expect(
            try ValidationSet(people: Self.people, seed: 1).figures(Self.people.map { one($0) }).0
                .falseNegativeRate == nil)
    }

    @Test("a network that came to tell people apart less well is told once, and again after a recovery")
    func forgetting() {
        func figures(_ rankOne: Double, _ rate: Double?) -> ValidationFigures {
            ValidationFigures(
                accuracy: 0.9, standardError: nil, threshold: 0, folds: 1, samePairs: 1, differentPairs: 1,
                rankOne: rankOne, probes: 800, people: 500, falseNegativeRate: rate)
        }
        let before = figures(0.96, 0.3)
        var watch = ForgettingWatch()
        #expect(watch.note(figures(0.955, 0.31), before: before) == nil)
        #expect(watch.note(figures(0.7, 0.3), before: before)?.contains("rank-1 70.0 % after 96.0 %") == true)
        #expect(watch.note(figures(0.7, 0.6), before: before) == nil)
        #expect(watch.note(figures(0.96, 0.2), before: before) == nil)
        #expect(watch.note(figures(0.96, 0.4), before: before)?.contains("FNIR") == true)
        var other = ForgettingWatch()
        #expect(other.note(figures(0.96, nil), before: before) == nil)
    }

    @Test("too few people or photos are refused")
    func tooFew() {
        #expect(throws: TrainingError.self) { try ValidationSet(people: [], seed: 1) }
        #expect(throws: TrainingError.self) { try ValidationSet(people: [0, 0], seed: 1) }
        #expect(throws: TrainingError.self) { try ValidationSet(people: [0, 1, 2], seed: 1) }
    }

    @Test("a collapse is told once, and again after a recovery")
    func collapse() {
        var watch = CollapseWatch()
        let first = (0..<30).compactMap { _ in watch.note(true) }
        #expect(first.count == 1)
        #expect(first.first?.contains("`learning-rate`") == true)
        #expect(watch.note(false) == nil)
        #expect((0..<30).compactMap { _ in watch.note(true) }.count == 1)
    }
}
