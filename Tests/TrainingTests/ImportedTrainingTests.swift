import Foundation
import Network
import NetworkExport
import TestSupport
import Testing

@testable import Training

@Suite("A training that begins with an imported network")
struct ImportedTrainingTests {
    private let training: NumbersTraining

    init() throws { training = try NumbersTraining() }

    /// Writes a small network as an ONNX file, and imports that.
    private func imported(isUnitLength: Bool = false) throws -> NetworkCard {
        let graph = try siameseSmall(side: 20, dimension: 16)
        let alignment = NetworkCard.Alignment(kind: NetworkCard.Alignment.wholePhoto, padding: 0)
        let threshold = NetworkCard.Threshold(similarity: 0.5, falseMatchRate: 0.1, measured: "–")
        let card = NetworkCard(
            name: "inner", architecture: .siameseSmall, dimension: 16,
            input: NetworkCard.Input(side: 20, mean: [120, 125, 130], scale: 1 / 128), alignment: alignment,
            license: "free", source: "a test", threshold: threshold)
        let bytes = try OnnxFile.encode(
            card, graph, weights: NetworkParameters(graph, seed: 7), isUnitLength: isUnitLength)
        return try NetworkDirectory.write(
            NetworkCard(
                importing: "outer", output: "embedding", dimension: 16,
                input: NetworkCard.Input(side: 20, mean: [0, 0, 0], scale: 1), alignment: alignment,
                license: "free", source: "a test", threshold: threshold),
            onnx: bytes, from: "memory", to: training.folder.file("outer"))
    }

    private func settings(_ card: NetworkCard) -> TrainingSettings {
        var settings = training.settings
        (settings.imported, settings.initialWeights) = (true, card.weights.sha256)
        return settings
    }

    private func job(_ out: String, from directory: String = "outer", resume: Bool = false) -> TrainingJob {
        var job = training.job(out, resume: resume)
        job.name = "inner"
        job.initialNetwork = training.folder.file(directory)
        return job
    }

    private func bytes(_ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: training.folder.file(name + "/network.onnx")))
    }

    @Test(
        "gives an imported network that is better, with the bits of an uninterrupted one, and may go on from there"
    )
    func trains() throws {
        let card = try imported()
        var settings = settings(card)
        (settings.epochs, settings.learningRate) = (4, 0.003)
        let outcome = try training.run(settings, job("net"))
        let result = try #require(outcome.card)
        #expect(result.isImported && result.source.contains("begun with outer") && result.license == "free")
        #expect(result.training?.initial?.weights == card.weights.sha256)
        let best = try #require(outcome.result)
        #expect(best.validation.isBetter(than: outcome.records[0].validation))

        // The file is the network that was judged: pixels are fed as they are, and it answers what was trained.
        let network = try EmbeddingNetwork(directory: training.folder.file("net"))
        #expect(network.card.input.mean == [0, 0, 0])
        let again = try training.run(settings, job("again", from: "outer"), until: 7)
        #expect(again.reason == .interrupted)
        let withoutStart = #expect(throws: TrainingError.self) {
            try training.run(settings, training.job("again", resume: true))
        }
        #expect("\(withoutStart.map(String.init(describing:)) ?? "")".contains("init must"))
        try training.run(settings, job("again", resume: true))
        #expect(try bytes("again") == bytes("net"))

        var further = self.settings(result)
        further.epochs = 1
        let more = try training.run(further, job("more", from: "net"))
        // Epoch 0 is the network it began with, judged on the same people.
        let (before, then) = (try #require(more.records.first).validation, best.validation)
        #expect(before.accuracy == then.accuracy && before.rankOne == then.rankOne)
    }

    @Test("keeps the layers that only prepare the pixels")
    func preparation() throws {
        let card = try imported()
        var settings = settings(card)
        settings.epochs = 1
        try training.run(settings, job("net"))
        let (old, new) = (
            try NetworkLayers(directory: training.folder.file("outer")),
            try NetworkLayers(directory: training.folder.file("net"))
        )
        #expect(old.graph.preparing.count == 2)
        let scales = old.parameters.entries.filter { $0.name.hasSuffix(".scale") }.flatMap {
            old.parameters.values[$0.range]
        }
        let kept = new.parameters.entries.filter { $0.name.hasSuffix(".scale") }.flatMap {
            new.parameters.values[$0.range]
        }
        #expect(scales.allSatisfy(kept.contains))
    }

    @Test("names an operation whose gradient is not known")
    func unknownOperation() throws {
        let card = try imported(isUnitLength: true)
        let error = #expect(throws: TrainingError.self) { try training.run(settings(card), job("net")) }
        #expect("\(error.map(String.init(describing:)) ?? "")".contains("training does not know the gradient"))
    }
}
