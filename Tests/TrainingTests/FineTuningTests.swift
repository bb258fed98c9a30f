import Network
import TestSupport
import Testing

@testable import Training

@Suite("A training that begins with a network")
struct FineTuningTests {
    let folder: TemporaryFolder
    private let initial: NetworkCard

    init() throws {
        folder = try TemporaryFolder()
        try RenderedNumbers.write(
            Array(stride(from: 3, to: 99, by: 5)), photos: 6, into: folder.file("numbers"))
        let graph = try siameseSmall(side: 20, dimension: 16)
        let card = NetworkCard(
            name: "initial", architecture: .siameseSmall, dimension: 16,
            input: NetworkCard.Input(side: 20, mean: [127.5, 127.5, 127.5], scale: 1 / 128),
            alignment: NetworkCard.Alignment(kind: NetworkCard.Alignment.wholePhoto, padding: 0),
            license: "mine", source: "a test",
            threshold: NetworkCard.Threshold(similarity: 0.5, falseMatchRate: 0.1, measured: "–"))
        initial = try NetworkDirectory.write(
            card, NetworkParameters(graph, seed: 7), to: folder.file("initial"))
    }

    private func settings(keep: Float?) -> TrainingSettings {
        var settings = TrainingSettings()
        settings.architecture = .siameseSmall
        (settings.side, settings.dimension, settings.detect) = (20, 16, false)
        (settings.peoplePerBatch, settings.photosPerPerson) = (5, 3)
        (settings.epochs, settings.warmUp, settings.average, settings.keep) = (2, 3, 0, .last)
        settings.initialWeights = initial.weights.sha256
        settings.keepInitial = keep
        return settings
    }

    private func job(_ out: String, resume: Bool = false) -> TrainingJob {
        var job = TrainingJob(
            photos: folder.file("numbers"), out: folder.file(out), landmarkModel: "/nowhere")
        job.chips = folder.file("chips")
        job.initialNetwork = resume ? nil : folder.file("initial")
        job.resume = resume
        return job
    }

    private func weights(_ directory: String) throws -> [Float] {
        let file = try SafeTensors(path: folder.file("\(directory)/weights.safetensors"))
        return try NetworkParameters(try siameseSmall(side: 20, dimension: 16), weights: file).values
    }

    @Test("a share of the initial weights stays in the result, after an interruption too, bit for bit")
    func keepsInitial() throws {
        _ = try Trainer(settings(keep: nil), job("all")).run()
        let half = try Trainer(settings(keep: 0.5), job("half")).run()
        let (first, all, kept) = (try weights("initial"), try weights("all"), try weights("half"))
        #expect(first != all)
        #expect(relativeError(kept, zip(first, all).map { (Double($0) + Double($1)) / 2 }) < 1e-6)
        #expect(half.records[0].validation != half.records[2].validation)

        var steps = 0
        let begun = try Trainer(settings(keep: 0.5), job("broken")).run(
            progress: { if case .step = $0 { steps += 1 } }, shouldStop: { steps >= 3 })
        #expect(begun.reason == .interrupted)
        #expect(try Trainer(settings(keep: 0.5), job("broken", resume: true)).run().reason == .finished)
        #expect(try weights("broken") == kept)
    }

    @Test("its card names what it began with, and how that did on the same people")
    func card() throws {
        let outcome = try Trainer(settings(keep: nil), job("net")).run()
        let (before, training) = (outcome.records[0].validation, try #require(outcome.card?.training))
        #expect(training.initial?.weights == initial.weights.sha256)
        #expect(training.initial?.accuracy == before.accuracy && training.initial?.rankOne == before.rankOne)
        #expect(training.rankOne == outcome.records.last?.validation.rankOne)
    }

    @Test("a share of initial weights needs a network that has them")
    func needsInitial() {
        var settings = settings(keep: 0.5)
        settings.initialWeights = nil
        #expect {
            try Trainer(settings, job("net"))
        } throws: { error in
            "\(error)".contains("`init`")
        }
    }
}
