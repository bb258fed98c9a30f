import Foundation
import Network
import Testing
import Training

/// What Fixtures/losses.py wrote with PyTorch.
private struct Reference: Decodable {
    struct Loss: Decodable {
        var loss: Double
        var gradients: [[Double]]
    }

    var people: [Int]
    var dimension: Int
    var rows: [Float]
    var centres: [Float]
    var triplet: [String: Loss]
    var contrastive: Loss
    var arcFace: Loss
    var cosineSoftmax: Loss
    var parameters: [Float]
    var steps: [[Float]]
    var optimizers: [String: [Double]]

    init() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/losses.json")
        self = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: file))
    }
}

@Suite("Losses and optimizers as PyTorch has them")
struct LossReferenceTests {
    private let reference: Reference

    init() throws { reference = try Reference() }

    private func compare(_ loss: some EmbeddingLoss, _ expected: Reference.Loss, own: [Float] = []) throws {
        var gradient: [Float] = [1]
        let result = try loss.evaluate(
            reference.rows, dimension: reference.dimension, people: reference.people, own: own[...],
            ownGradient: &gradient, seed: 0)
        #expect(relativeError([result.loss], [expected.loss]) < 1e-5)
        #expect(relativeError(result.gradient, expected.gradients[0]) < 1e-4)
        if own.isEmpty {
            #expect(gradient.isEmpty)
        } else {
            #expect(relativeError(gradient, expected.gradients[1]) < 1e-4)
        }
    }

    @Test("the triplet loss is PyTorch's", arguments: [TripletMining.semiHard, .hardest, .all])
    func triplet(mining: TripletMining) throws {
        try compare(TripletLoss(mining: mining), #require(reference.triplet[mining.rawValue]))
    }

    @Test("the contrastive loss is PyTorch's")
    func contrastive() throws { try compare(ContrastiveLoss(), reference.contrastive) }

    @Test("ArcFace is PyTorch's, and without margin the cosine softmax is")
    func arcFace() throws {
        try compare(ArcFaceLoss(classes: 6), reference.arcFace, own: reference.centres)
        try compare(
            ArcFaceLoss(classes: 6, scale: 16, margin: 0), reference.cosineSoftmax, own: reference.centres)
    }

    @Test(
        "five steps of an optimizer are PyTorch's",
        arguments: [
            ("sgd", .sgd(momentum: 0.9), 0.01), ("adam", .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8), 0),
            ("adamW", .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8), 0.01),
            ("adaGrad", .adaGrad(epsilon: 1e-10), 0.01),
        ] as [(String, Optimizer.Method, Float)])
    func optimizer(name: String, method: Optimizer.Method, decay: Float) throws {
        var parameters = NetworkParameters()
        parameters.append("a.weight", [2, 3], .weight, Array(reference.parameters[..<6]))
        parameters.append("a.bias", [3], .bias, Array(reference.parameters[6...]))
        var optimizer = Optimizer(method, weightDecay: decay, clipNorm: nil, parameters: parameters)
        for var step in reference.steps { optimizer.step(&parameters, gradients: &step, learningRate: 0.1) }
        #expect(optimizer.steps == 5)
        #expect(relativeError(parameters.values, try #require(reference.optimizers[name])) < 1e-5)
    }
}
