import Testing
import TestSupport
import Training

@Suite("Choice of triplets")
struct TripletMiningTests {
    private func triplets(
        _ batch: RandomBatch, _ mining: TripletMining, margin: Float = 0.2, seed: UInt64 = 0
    ) throws -> [Triplet] {
        try TripletLoss(margin: margin, mining: mining).triplets(
            batch.rows, dimension: batch.dimension, people: batch.people, seed: seed)
    }

    private func batches() throws -> [RandomBatch] {
        try (0..<30).map { seed in
            var random = SeededGenerator(seed: UInt64(seed))
            let people = (0..<20).map { _ in Int.random(in: 0..<9, using: &random) }
            return try RandomBatch(seed: UInt64(seed), people: people, spread: Float(1 + seed % 5) * 0.3)
        }
    }

    private func pairs(_ people: [Int]) -> [(Int, Int)] {
        people.indices.flatMap { a in
            people.indices.filter { $0 != a && people[$0] == people[a] }.map { (a, $0) }
        }
    }

    @Test("semi-hard mining finds the hardest negative between the positive and the margin")
    func semiHard() throws {
        var (within, beyond, fallbacks) = (0, 0, 0)
        for batch in try batches() {
            let chosen = try triplets(batch, .semiHard, margin: 0.1)
            let rows = batch.precise
            let d = { LossTwin.squared(rows, $0, $1, batch.dimension) }
            #expect(
                chosen.map { [$0.anchor, $0.positive] }.sorted { $0.lexicographicallyPrecedes($1) }
                    == pairs(batch.people).map { [$0.0, $0.1] })
            for triplet in chosen {
                let (a, p, n) = (triplet.anchor, triplet.positive, triplet.negative)
                let negatives = batch.people.indices.filter { batch.people[$0] != batch.people[a] }
                try #require(negatives.contains(n))
                let window = negatives.filter { d(a, $0) > d(a, p) && d(a, $0) < d(a, p) + 0.1 }
                if let hardest = window.map({ d(a, $0) }).min() {
                    within += 1
                    #expect(abs(d(a, n) - hardest) < 1e-5)
                } else if negatives.contains(where: { d(a, $0) > d(a, p) }) {
                    beyond += 1
                    #expect(d(a, n) >= d(a, p) + 0.1 - 1e-5)
                } else {
                    fallbacks += 1
                    #expect(abs(d(a, n) - (negatives.map { d(a, $0) }.max() ?? 0)) < 1e-5)
                }
            }
        }
        // Every branch was there to be judged.
        #expect(within > 100 && beyond > 100 && fallbacks > 10)
    }

    @Test("batch-hard mining takes each anchor's farthest positive and nearest negative")
    func hardest() throws {
        for batch in try batches() {
            let rows = batch.precise
            let d = { LossTwin.squared(rows, $0, $1, batch.dimension) }
            let chosen = try triplets(batch, .hardest)
            #expect(chosen.map(\.anchor) == Set(pairs(batch.people).map(\.0)).sorted())
            for triplet in chosen {
                let a = triplet.anchor
                let (positives, negatives) = (
                    batch.people.indices.filter { $0 != a && batch.people[$0] == batch.people[a] },
                    batch.people.indices.filter { batch.people[$0] != batch.people[a] }
                )
                try #require(positives.contains(triplet.positive) && negatives.contains(triplet.negative))
                #expect(abs(d(a, triplet.positive) - (positives.map { d(a, $0) }.max() ?? 9)) < 1e-5)
                #expect(abs(d(a, triplet.negative) - (negatives.map { d(a, $0) }.min() ?? 9)) < 1e-5)
            }
        }
    }

    @Test("all triplets are each valid triplet once; random ones are valid and the seed's")
    func allAndRandom() throws {
        let batch = try RandomBatch(seed: 1, people: mixedPeople)
        let expected = pairs(mixedPeople).flatMap { a, p in
            mixedPeople.indices.filter { mixedPeople[$0] != mixedPeople[a] }
                .map { Triplet(anchor: a, positive: p, negative: $0) }
        }
        let all = try triplets(batch, .all)
        #expect(all.count == expected.count && Set(all) == Set(expected))
        let random = try triplets(batch, .random, seed: 3)
        #expect(random.count == pairs(mixedPeople).count && Set(random).isSubset(of: expected))
        #expect(try random == triplets(batch, .random, seed: 3))
        #expect(try random != triplets(batch, .random, seed: 4))
    }

    @Test("people with one photo are negatives only", arguments: TripletMining.allCases)
    func singles(mining: TripletMining) throws {
        for batch in try batches() {
            for triplet in try triplets(batch, mining) {
                #expect(batch.people.count { $0 == batch.people[triplet.anchor] } > 1)
                #expect(triplet.anchor != triplet.positive)
            }
        }
    }

    @Test("a batch without triplets has loss and gradient 0", arguments: TripletMining.allCases)
    func none(mining: TripletMining) throws {
        for people in [[0, 1, 2], [4, 4, 4], [7]] {
            let result = try RandomBatch(seed: 1, people: people).evaluate(TripletLoss(mining: mining))
            #expect(result.loss == 0 && result.considered == 0 && result.active == 0)
            #expect(result.gradient.allSatisfy { $0 == 0 })
        }
    }
}

@Suite("Triplets drawn by labels")
struct RandomTripletsTests {
    @Test("a draw has as many triplets as asked for, each of two photos of one and one of another")
    func valid() throws {
        let labels = ["b", "a", "b", "c", "a", "b", "d"]
        let triplets = try RandomTriplets.draw(2000, labels: labels, seed: 1)
        #expect(triplets.count == 2000)
        for triplet in triplets {
            #expect(triplet.anchor != triplet.positive)
            #expect(labels[triplet.anchor] == labels[triplet.positive])
            #expect(labels[triplet.anchor] != labels[triplet.negative])
        }
        // Every triplet there is: 3·2 pairs of b with 4 others, 2·1 of a with 5.
        #expect(Set(triplets).count == 6 * 4 + 2 * 5)
        // People are even, however many photos they have: 1000 ± five deviations.
        let ofA = triplets.count { labels[$0.anchor] == "a" }
        #expect((888...1112).contains(ofA))
    }

    @Test("the seed alone decides a draw, and a longer one begins with a shorter one")
    func seeded() throws {
        let labels = (0..<100).map { $0 / 3 }
        let long = try RandomTriplets.draw(50, labels: labels, seed: 7)
        #expect(try long == RandomTriplets.draw(50, labels: labels, seed: 7))
        #expect(try long.prefix(20) == RandomTriplets.draw(20, labels: labels, seed: 7)[...])
        #expect(try long != RandomTriplets.draw(50, labels: labels, seed: 8))
        #expect(try RandomTriplets.draw(0, labels: labels, seed: 7).isEmpty)
    }

    @Test("labels without a triplet are refused by what they lack")
    func refusals() {
        #expect(throws: TrainingError.noNegatives(people: 0)) {
            try RandomTriplets.draw(1, labels: [Int](), seed: 1)
        }
        #expect(throws: TrainingError.noNegatives(people: 1)) {
            try RandomTriplets.draw(1, labels: [5, 5, 5], seed: 1)
        }
        #expect(throws: TrainingError.noPositives(people: 3)) {
            try RandomTriplets.draw(1, labels: ["a", "b", "c"], seed: 1)
        }
        #expect(throws: TrainingError.self) { try RandomTriplets.draw(-1, labels: [1, 1, 2], seed: 1) }
    }
}
