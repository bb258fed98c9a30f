import Foundation
import Network
import TestSupport
import Testing

@testable import Training

@Suite("A training that something went wrong with")
struct TrainerSafetyTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try RenderedNumbers.write(
            Array(stride(from: 3, to: 99, by: 5)), photos: 6, into: folder.file("numbers"))
    }

    private var settings: TrainingSettings {
        var settings = TrainingSettings()
        settings.architecture = .siameseSmall
        (settings.side, settings.dimension, settings.detect) = (20, 16, false)
        (settings.peoplePerBatch, settings.photosPerPerson) = (5, 3)
        (settings.epochs, settings.warmUp, settings.average) = (2, 3, 0.9)
        (settings.augment, settings.threads) = (.none, 1)
        return settings
    }

    private func job(_ out: String, resume: Bool = false) -> TrainingJob {
        var job = TrainingJob(photos: folder.file("numbers"), out: folder.file(out), landmarkModel: "/nowhere")
        job.chips = folder.file("chips")
        job.resume = resume
        return job
    }

    /// Trains until so many steps are done.
    private func interrupted(_ out: String, after count: Int) throws {
        var steps = 0
        let outcome = try Trainer(settings, job(out)).run(
            progress: { if case .step = $0 { steps += 1 } }, shouldStop: { steps >= count })
        #expect(outcome.reason == .interrupted)
    }

    @Test("a card states the accuracy of its own weights, though no step was done after an interruption")
    func ownAccuracy() throws {
        try interrupted("net", after: 2)
        var job = job("net", resume: true)
        job.minutes = 1e-9
        var told: [EpochRecord] = []
        let outcome = try Trainer(settings, job).run(progress: {
            if case .epoch(let record) = $0 { told.append(record) }
        })
        #expect(outcome.reason == .time)
        #expect(told.map(\.step) == [2])
        #expect(outcome.records.map(\.step) == [0, 2])
        let training = try #require(outcome.card?.training)
        #expect(training.accuracy == told.first?.validation.accuracy)
        #expect(training.epochs == 0)
    }

    @Test("a position that no training can have come to is refused")
    func impossiblePositions() throws {
        try interrupted("net", after: 2)
        let path = folder.file("net/checkpoint.safetensors")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let parameters = NetworkParameters(
            try settings.architecture.graph(side: 20, dimension: 16, dropout: 0), seed: settings.seed)
        let good = try Checkpoint(path: path, parameters: parameters)
        let changes: [(inout Checkpoint) -> Void] = [
            { $0.position.step = -9 }, { $0.position.epoch = -1 }, { $0.position.epoch = 9 },
            { $0.position.stepInEpoch = 1_000_000_000 },
            {
                ($0.position.step, $0.position.stepInEpoch) = (1_000_000_000, 1_000_000_000)
                ($0.position.sums.steps, $0.optimizerSteps, $0.averageUpdates) = (
                    1_000_000_000, 1_000_000_000, 1_000_000_000
                )
            },
            { $0.position.sums.considered = -1 }, { $0.optimizerSteps = .max }, { $0.records = [] },
            { $0.card.architecture = "resnet-29" }, { $0.card.input.side = 64 }, { $0.card.input.mean = [] },
        ]
        for (index, change) in changes.enumerated() {
            var bad = good
            change(&bad)
            try bad.write(to: path)
            let error = #expect(throws: TrainingError.self) {
                try Trainer(settings, job("net", resume: true)).run()
            }
            guard case .badCheckpoint = error else {
                Issue.record("change \(index): \(String(describing: error))")
                continue
            }
        }
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(try Trainer(settings, job("net", resume: true)).run().reason == .finished)
    }

    @Test("a photo that changed and kept its size is another photo")
    func changedPhoto() throws {
        try interrupted("net", after: 2)
        let photo = URL(fileURLWithPath: folder.file("numbers/03/1.ppm"))
        var bytes = try Data(contentsOf: photo)
        let before = bytes.count
        for place in bytes.indices.suffix(600) { bytes[place] = 255 - bytes[place] }
        try bytes.write(to: photo)
        #expect(try Data(contentsOf: photo).count == before)
        // Without the cache of chips, which knows photos by their times.
        var job = job("net", resume: true)
        job.chips = folder.file("fresh")
        let error = #expect(throws: TrainingError.self) { try Trainer(settings, job).run() }
        guard case .otherSetting(let name, _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(name == "the folder of photos")
    }

    @Test("few pairs give a threshold that none of them reaches, and a bound on the rate")
    func fewPairs() throws {
        let set = try ValidationSet(people: [0, 0, 1, 1, 2, 2], seed: 1)
        let templates: [[Float]?] = [[1, 0], [1, 0], [0.6, 0.8], [0.6, 0.8], [0, 1], [0, 1]]
        let threshold = try #require(set.threshold(templates))
        #expect(threshold.isBound && threshold.pairs == 12)
        #expect(threshold.similarity > 0.8 && threshold.similarity < 0.8001)
        #expect(threshold.falseMatchRate == 0.25)
        #expect(threshold.measured(people: 3).contains("at most"))
        #expect(threshold.warning(people: 3)?.contains("`validation-share`") == true)
        let alike = try #require(set.threshold(Array(repeating: [1, 0], count: 6)))
        #expect(!alike.isBound && alike.falseMatchRate == 1)
    }

    @Test("a dimension that no gallery takes is refused at once", arguments: [8, 18, 2052])
    func dimension(_ dimension: Int) {
        var settings = settings
        settings.dimension = dimension
        let error = #expect(throws: TrainingError.self) { try Trainer(settings, job("net")) }
        #expect(error?.kind == .usage)
    }

    @Test("embeddings that overflow stop the training, finite though the weights are; no card is written")
    func overflow() throws {
        try interrupted("net", after: 2)
        let path = folder.file("net/checkpoint.safetensors")
        let parameters = NetworkParameters(
            try settings.architecture.graph(side: 20, dimension: 16, dropout: 0), seed: settings.seed)
        var checkpoint = try Checkpoint(path: path, parameters: parameters)
        checkpoint.average = checkpoint.average?.map { _ in 1e30 }
        try checkpoint.write(to: path)
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        var job = job("net", resume: true)
        job.minutes = 1e-9
        let error = #expect(throws: TrainingError.self) { try Trainer(settings, job).run() }
        guard case .diverged(let what, _, _, let kept) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(what == "embeddings" && kept == path)
        #expect(!FileManager.default.fileExists(atPath: folder.file("net/card.json")))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }
}
