import Foundation
import Network
import TestSupport
import Testing

@testable import Training

@Suite("A training")
struct TrainerTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try RenderedNumbers.write(Self.numbers, photos: 6, into: folder.file("numbers"))
    }

    private static let numbers = Array(stride(from: 3, to: 99, by: 5))

    /// A tower of 26,000 parameters, judged by four numbers it does not learn.
    private var settings: TrainingSettings {
        var settings = TrainingSettings()
        settings.architecture = .siameseSmall
        (settings.side, settings.dimension, settings.detect) = (20, 16, false)
        (settings.peoplePerBatch, settings.photosPerPerson) = (5, 3)
        (settings.epochs, settings.warmUp, settings.average) = (2, 3, 0.9)
        settings.augment = .none
        settings.threads = 1
        return settings
    }

    private func job(_ out: String) -> TrainingJob {
        var job = TrainingJob(
            photos: folder.file("numbers"), out: folder.file(out), landmarkModel: "/nowhere")
        job.chips = folder.file("chips")
        return job
    }

    private func weights(_ out: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: folder.file(out + "/weights.safetensors")))
    }

    private func log(_ out: String) throws -> [[String: Any]] {
        try String(contentsOfFile: folder.file(out + "/log.jsonl"), encoding: .utf8).split(separator: "\n")
            .map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:] }
    }

    @Test("people who were never shown are told apart better than before training")
    func learns() throws {
        try RenderedNumbers.write(
            Array(stride(from: 4, to: 99, by: 2)), photos: 8, into: folder.file("numbers"))
        var settings = settings
        (settings.dimension, settings.epochs, settings.learningRate) = (32, 10, 0.003)
        (settings.peoplePerBatch, settings.photosPerPerson) = (8, 4)
        let outcome = try Trainer(settings, job("net")).run()
        #expect(outcome.reason == .finished)
        let (first, last) = (outcome.records[0].validation, try #require(outcome.records.last).validation)
        #expect(last.people >= 10)
        #expect(last.accuracy >= max(0.85, first.accuracy + 0.1), "\(first.accuracy) → \(last.accuracy)")
        #expect(last.rankOne >= 0.8, "\(first.rankOne) → \(last.rankOne)")
        let network = try EmbeddingNetwork(directory: folder.file("net"))
        #expect(network.card.training?.accuracy == last.accuracy)
        #expect(network.card.threshold.falseMatchRate < 0.05)
    }

    @Test("a run that was interrupted twice in mid-epoch gives the weights of one that was not")
    func resumesExactly() throws {
        var settings = settings
        settings.dropout = 0.1
        settings.augment = .standard
        _ = try Trainer(settings, job("whole")).run()
        var steps = 0
        let count: (TrainingEvent) -> Void = { if case .step = $0 { steps += 1 } }
        let begun = try Trainer(settings, job("broken")).run(progress: count, shouldStop: { steps >= 3 })
        #expect(begun.reason == .interrupted)
        #expect(throws: (any Error).self) { try weights("broken") }
        var again = job("broken")
        again.resume = true
        let middle = try Trainer(settings, again).run(progress: count, shouldStop: { steps >= 10 })
        #expect(middle.reason == .interrupted)
        #expect(try Trainer(settings, again).run(progress: count).reason == .finished)
        #expect(try weights("broken") == weights("whole"))
        let (broken, whole) = (try log("broken"), try log("whole"))
        #expect(broken.compactMap { $0["epoch"] as? Int } == [0, 1, 2])
        #expect(broken.map { $0["loss"] as? Double } == whole.map { $0["loss"] as? Double })
        #expect(broken.last?["event"] as? String == "end")
        // Once more changes nothing.
        #expect(try Trainer(settings, again).run().reason == .already)
        #expect(try log("broken").count == broken.count)
    }

    @Test("the seed and the loss decide the weights", arguments: TrainingSettings.Loss.allCases)
    func seedDecides(_ loss: TrainingSettings.Loss) throws {
        var settings = settings
        (settings.epochs, settings.loss) = (1, loss)
        _ = try Trainer(settings, job("a")).run()
        _ = try Trainer(settings, job("b")).run()
        settings.seed = 2
        _ = try Trainer(settings, job("c")).run()
        #expect(try weights("a") == weights("b"))
        #expect(try weights("a") != weights("c"))
        let names = try SafeTensors(path: folder.file("a/weights.safetensors")).names
        #expect(!names.contains { $0.hasPrefix("arcface") })
    }

    @Test("numbers that run away stop the training, and the last good checkpoint stays")
    func diverges() throws {
        var settings = settings
        (settings.optimizer, settings.learningRate, settings.weightDecay) = (.sgd, 1e6, 10)
        (settings.clip, settings.warmUp) = (0, 0)
        let error = #expect(throws: TrainingError.self) { try Trainer(settings, job("net")).run() }
        guard case .diverged(_, let epoch, _, let checkpoint) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(epoch >= 1)
        let path = try #require(checkpoint)
        let file = try SafeTensors(path: path)
        #expect(!file.names.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: folder.file("net/card.json")))
    }

    @Test("a run does not go on with other settings or photos, and says which")
    func refusesOtherSettings() throws {
        var settings = settings
        var steps = 0
        _ = try Trainer(settings, job("net")).run(
            progress: { if case .step = $0 { steps += 1 } }, shouldStop: { steps >= 1 })
        var again = job("net")
        again.resume = true
        settings.learningRate = 0.01
        #expect(
            throws: TrainingError.otherSetting(name: "learning-rate", now: "0.01", checkpoint: "0.001")
        ) { try Trainer(settings, again).run() }
        settings = self.settings
        settings.margin = 0.3
        #expect(throws: TrainingError.otherSetting(name: "margin", now: "0.3", checkpoint: "0.2")) {
            try Trainer(settings, again).run()
        }
        try RenderedNumbers.write([1], photos: 3, into: folder.file("numbers"))
        let error = #expect(throws: TrainingError.self) { try Trainer(self.settings, again).run() }
        guard case .otherSetting = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("values that are given as what they would be without are no other settings")
    func usualValues() throws {
        var steps = 0
        _ = try Trainer(settings, job("net")).run(
            progress: { if case .step = $0 { steps += 1 } }, shouldStop: { steps >= 1 })
        var again = job("net")
        again.resume = true
        var settings = settings
        settings.margin = 0.2
        #expect(try Trainer(settings, again).run().reason == .finished)
    }

    @Test("a folder that holds something is not written to, and one without a checkpoint not resumed")
    func guardsFolder() throws {
        try FileManager.default.createDirectory(
            atPath: folder.file("mine"), withIntermediateDirectories: false)
        try folder.write([1], to: "mine/thesis.txt")
        let taken = #expect(throws: TrainingError.self) { try Trainer(settings, job("mine")).run() }
        #expect(taken == .folderTaken(path: folder.file("mine"), reason: "is not empty"))
        var again = job("new")
        again.resume = true
        #expect(throws: TrainingError.noCheckpoint(path: again.checkpoint)) {
            try Trainer(settings, again).run()
        }
        try FileManager.default.createDirectory(
            atPath: folder.file("new"), withIntermediateDirectories: false)
        try folder.write(Array(repeating: 7, count: 100), to: "new/checkpoint.safetensors")
        let damaged = #expect(throws: TrainingError.self) { try Trainer(settings, again).run() }
        #expect(damaged?.kind == .badData)
    }

    @Test("while one process trains into a folder another is kept out")
    func locks() throws {
        var refused: TrainingError?
        var tried = false
        _ = try Trainer(settings, job("net")).run(
            progress: { event in
                guard case .step = event, !tried else { return }
                tried = true
                var second = self.job("net")
                second.resume = true
                do throws(TrainingError) { _ = try Trainer(self.settings, second).run() } catch {
                    refused = error
                }
            }, shouldStop: { tried })
        #expect(refused == .folderBusy(path: folder.file("net")))
    }

    @Test(
        "time that is over ends the training with a network; more of it gives what a run without a limit gives")
    func timeIsOver() throws {
        var short = job("net")
        short.minutes = 1e-6
        let outcome = try Trainer(settings, short).run()
        #expect(outcome.reason == .time)
        #expect(outcome.records.map(\.epoch) == [0, 1])
        #expect(outcome.card?.training?.epochs == 0)
        #expect(outcome.card?.training?.accuracy == outcome.records[1].validation.accuracy)
        #expect(FileManager.default.fileExists(atPath: folder.file("net/card.json")))
        let early = try weights("net")
        short.resume = true
        #expect(try Trainer(settings, short).run().reason == .time)
        #expect(try weights("net") == early)
        short.minutes = nil
        let more = try Trainer(settings, short).run()
        #expect(more.reason == .finished)
        #expect(more.records.map(\.epoch) == [0, 1, 2])
        _ = try Trainer(settings, job("whole")).run()
        #expect(try weights("net") == weights("whole"))
        #expect(try Trainer(settings, short).run().reason == .already)
        #expect(try log("net").filter { $0["event"] as? String == "end" }.count == 1)
        #expect(try log("net").compactMap { $0["epoch"] as? Int } == [0, 1, 2])
    }

    @Test("what is written aside by a killed training goes; whatever else ends in .new stays")
    func leftOvers() throws {
        for name in ["net", "mine"] {
            try FileManager.default.createDirectory(
                atPath: folder.file(name), withIntermediateDirectories: false)
        }
        try folder.write([1], to: "net/card.json.4711.new")
        let claimed = try Trainer(settings, job("net")).run()
        #expect(claimed.reason == .finished)
        #expect(!FileManager.default.fileExists(atPath: folder.file("net/card.json.4711.new")))
        try folder.write([1], to: "mine/thesis.new")
        let refused = #expect(throws: TrainingError.self) { try Trainer(settings, job("mine")).run() }
        #expect(refused?.kind == .usage)
        #expect(FileManager.default.fileExists(atPath: folder.file("mine/thesis.new")))
    }

    @Test("photos that do not suffice are named with the remedy")
    func tooFew() throws {
        var settings = settings
        settings.peoplePerBatch = 200
        let large = #expect(throws: TrainingError.self) { try Trainer(settings, job("a")).run() }
        #expect(large?.kind == .badData)
        settings = self.settings
        settings.validationPeople = ["03"]
        let lone = #expect(throws: TrainingError.self) { try Trainer(settings, job("b")).run() }
        #expect("\(lone.map(String.init(describing:)) ?? "")".contains("validation-people"))
        settings.validationPeople = ["03", "Ada"]
        let stranger = #expect(throws: TrainingError.self) { try Trainer(settings, job("c")).run() }
        #expect("\(stranger.map(String.init(describing:)) ?? "")".contains("Ada"))
    }

    @Test("photos that cannot be read are left out and told")
    func leavesOut() throws {
        try folder.write(Array("P6 nonsense".utf8), to: "numbers/03/broken.ppm")
        var told: [String] = []
        var settings = settings
        settings.epochs = 1
        _ = try Trainer(settings, job("net")).run(progress: { event in
            if case .leftOut(let problem) = event { told.append(problem.path) }
        })
        #expect(told.count == 1 && told[0].hasSuffix("03/broken.ppm"))
    }
}
