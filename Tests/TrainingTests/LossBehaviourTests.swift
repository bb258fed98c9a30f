import Network
import Testing
import TestSupport
import Training

@Suite("What losses promise")
struct LossBehaviourTests {
    /// Two people whose photos are each one direction, at right angles.
    private let separated: [Float] = [1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0]

    private func evaluate(
        _ loss: some EmbeddingLoss, _ rows: [Float], _ people: [Int], dimension: Int = 3, own: [Float] = []
    ) throws -> LossResult {
        var gradient: [Float] = []
        return try loss.evaluate(
            rows, dimension: dimension, people: people, own: own[...], ownGradient: &gradient, seed: 0)
    }

    @Test("separated triplets have loss and gradient 0", arguments: TripletMining.allCases)
    func separation(mining: TripletMining) throws {
        let result = try evaluate(TripletLoss(mining: mining), separated, [0, 0, 1, 1])
        #expect(result.loss == 0 && result.active == 0 && result.considered >= 4 && !result.isCollapsed)
        #expect(result.gradient == Array(repeating: 0, count: 12))
        let contrastive = try evaluate(ContrastiveLoss(margin: 1.4), separated, [0, 0, 1, 1])
        #expect(contrastive.loss == 0 && contrastive.gradient.allSatisfy { $0 == 0 })
    }

    @Test("multi-similarity counts as active the pairs on the wrong side of its threshold")
    func wrongSide() throws {
        // Person 0's photos are at right angles, and one of them is person 1's: of six pairs two are wrong.
        let rows: [Float] = [1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1]
        let result = try evaluate(MultiSimilarityLoss(), rows, [0, 0, 1, 2])
        #expect(result.active == 2 && result.considered == 6)
        #expect(try evaluate(MultiSimilarityLoss(), separated, [0, 0, 1, 1]).active == 0)
    }

    @Test("embeddings that are all the same are told as collapsed, and every number stays finite")
    func collapse() throws {
        let dimension = 128
        var random = SeededGenerator(seed: 1)
        let one = random.unitVector(dimension)
        let people = (0..<32).map { $0 / 4 }
        let equal = people.flatMap { _ in one }
        let nearly = try UnitLength.forward(
            people.flatMap { _ in zip(one, random.unitVector(dimension)).map { $0 + 0.001 * $1 } },
            dimension: dimension
        ).rows
        let spread = people.flatMap { _ in random.unitVector(dimension) }
        let losses: [any EmbeddingLoss] =
            TripletMining.allCases.map { TripletLoss(mining: $0) } + [
                ContrastiveLoss(), ArcFaceLoss(classes: 8), MultiSimilarityLoss(threshold: 0.9, scale: 10_000),
            ]
        for loss in losses {
            let own = loss.parameters(dimension: dimension, seed: 1).flatMap(\.values)
            for (rows, collapsed) in [(equal, true), (nearly, true), (spread, false)] {
                let result = try evaluate(loss, rows, people, dimension: dimension, own: own)
                #expect(result.isCollapsed == collapsed)
                #expect(result.loss > 0 && result.loss.isFinite)
                #expect(result.gradient.count == rows.count && result.gradient.allSatisfy(\.isFinite))
            }
        }
        // One pair has one distance, which tells nothing.
        #expect(try !evaluate(ContrastiveLoss(), one + one, [0, 1], dimension: dimension).isCollapsed)
    }

    @Test("ArcFace is finite where a row lies on its centre or opposite to it", arguments: [1, -1] as [Float])
    func extremes(side: Float) throws {
        let loss = ArcFaceLoss(classes: 3, scale: 64, margin: 0.5)
        var gradient: [Float] = []
        let result = try loss.evaluate(
            [1, 0, 0], dimension: 3, people: [0], own: [2 * side, 0, 0, 0, 1, 0, 0, 0, 1][...],
            ownGradient: &gradient, seed: 0)
        #expect(result.loss.isFinite && (result.gradient + gradient).allSatisfy(\.isFinite))
        // Onto the centre: cos(0.5) × 64 beats 0 by far. Opposite: (1 + 0.5 sin 0.5) × 64 behind.
        #expect(side > 0 ? result.loss < 1e-6 : abs(result.loss - (79.34 + 0.69)) < 0.05)
    }

    @Test("a larger margin never makes ArcFace's loss smaller")
    func marginsGrow() throws {
        var random = SeededGenerator(seed: 9)
        let rows = (0..<40).flatMap { _ in random.unitVector(4) }
        let people = (0..<40).map { $0 % 5 }
        let own = ArcFaceLoss(classes: 5).parameters(dimension: 4, seed: 2).flatMap(\.values)
        let losses = try stride(from: Float(0), to: 1.5, by: 0.1).map {
            try evaluate(ArcFaceLoss(classes: 5, margin: $0), rows, people, dimension: 4, own: own).loss
        }
        #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("equal arguments give equal results bit for bit, whatever ran before")
    func determinism() throws {
        let batch = try RandomBatch(seed: 1, people: mixedPeople)
        let first = try batch.evaluate(TripletLoss(mining: .random), seed: 5)
        _ = try batch.evaluate(TripletLoss(mining: .random), seed: 6)
        let second = try batch.evaluate(TripletLoss(mining: .random), seed: 5)
        #expect(first.loss == second.loss && first.gradient == second.gradient)
        let centres = ArcFaceLoss(classes: 3).parameters(dimension: 4, seed: 1).first
        #expect(centres?.values == ArcFaceLoss(classes: 3).parameters(dimension: 4, seed: 1).first?.values)
        #expect(centres?.values != ArcFaceLoss(classes: 3).parameters(dimension: 4, seed: 2).first?.values)
        #expect(centres?.shape == [3, 4] && centres?.role == .weight)
    }

    @Test("a batch that does not fit, is not finite or is of a strange class is refused by name")
    func refusals() throws {
        for loss in [TripletLoss(), ContrastiveLoss(), MultiSimilarityLoss()] as [any EmbeddingLoss] {
            #expect(throws: TrainingError.notFinite(what: "embeddings")) {
                try evaluate(loss, [1, 0, 0, .nan, 0, 0], [0, 1])
            }
            #expect(throws: TrainingError.notFinite(what: "embeddings")) {
                try evaluate(loss, Array(repeating: 0, count: 17) + [-.infinity], [0, 1, 2, 3, 4, 5])
            }
            for (rows, people, dimension) in [
                ([], [], 3), ([1, 0], [0], 3), ([1, 0, 0], [0, 1], 3), ([], [0], 0),
            ]
                as [([Float], [Int], Int)]
            {
                #expect(throws: TrainingError.self) {
                    try evaluate(loss, rows, people, dimension: dimension)
                }
            }
        }
        for margin in [0, -1, .nan, .infinity] as [Float] {
            #expect(throws: TrainingError.self) {
                try evaluate(TripletLoss(margin: margin), separated, [0, 0, 1, 1])
            }
            #expect(throws: TrainingError.self) {
                try evaluate(ContrastiveLoss(margin: margin), separated, [0, 0, 1, 1])
            }
        }
        for (threshold, scale) in [(1.1, 50), (.nan, 50), (0.5, 0), (0.5, .infinity)] as [(Float, Float)] {
            #expect(throws: TrainingError.self) {
                try evaluate(
                    MultiSimilarityLoss(threshold: threshold, scale: scale), separated, [0, 0, 1, 1])
            }
        }
        let centres: [Float] = [1, 0, 0, 0, 1, 0]
        let row: [Float] = [1, 0, 0]
        #expect(throws: TrainingError.badArgument(name: "class", reason: "2 is not among the loss's 2")) {
            try evaluate(ArcFaceLoss(classes: 2), row, [2], own: centres)
        }
        for (loss, own) in [
            (ArcFaceLoss(classes: 1), [1, 0, 0]), (ArcFaceLoss(classes: 2), [1, 0, 0]),
            (ArcFaceLoss(classes: 2), [1, 0, 0, 0, 0, 0]), (ArcFaceLoss(classes: 2), [1, 0, 0, 0, .nan, 0]),
            (ArcFaceLoss(classes: 2, scale: 0), centres), (ArcFaceLoss(classes: 2, margin: 1.6), centres),
            (ArcFaceLoss(classes: 2, margin: -0.1), centres), (ArcFaceLoss(classes: 2, margin: .nan), centres),
        ] as [(ArcFaceLoss, [Float])] {
            #expect(throws: TrainingError.self) { try evaluate(loss, row, [0], own: own) }
        }
        #expect(throws: TrainingError.zeroEmbedding(row: 1)) {
            try UnitLength.forward([1, 2, 0, 0], dimension: 2)
        }
        #expect(throws: TrainingError.notFinite(what: "embeddings")) {
            try UnitLength.forward([1, .infinity], dimension: 2)
        }
        #expect(throws: TrainingError.self) { try UnitLength.forward([1, 2, 3], dimension: 2) }
    }
}
