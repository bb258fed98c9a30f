import Foundation
import Network
import TestSupport
import Testing

@testable import Training

@Suite("The epoch that is kept")
struct KeptEpochTests {
    private let training: NumbersTraining

    init() throws { training = try NumbersTraining() }

    /// Steps so large that some epoch is worse than the one before it.
    private func rough(seed: UInt64) -> TrainingSettings {
        var settings = training.settings
        (settings.epochs, settings.average, settings.schedule) = (4, 0, .constant)
        (settings.learningRate, settings.warmUp, settings.seed) = (0.03, 0, seed)
        return settings
    }

    @Test("is the best one, in card, log and weights, also after interruptions")
    func best() throws {
        // Some seed has its best epoch before the last.
        var found: (seed: UInt64, outcome: TrainingOutcome)?
        for seed in 1...8 where found == nil {
            let outcome = try training.run(rough(seed: UInt64(seed)), training.job("best\(seed)"))
            #expect(outcome.kept == outcome.records.best?.epoch)
            if let kept = outcome.kept, kept < 4 { found = (UInt64(seed), outcome) }
        }
        let (seed, outcome) = try #require(found)
        let kept = try #require(outcome.kept)
        #expect(outcome.card?.training?.kept == kept)
        #expect(outcome.card?.training?.accuracy == outcome.records[kept].validation.accuracy)
        #expect(try training.log("best\(seed)").last?["kept"] as? Int == kept)

        // The rate is constant: a run of fewer epochs is the beginning of a longer one.
        var short = rough(seed: seed)
        (short.epochs, short.keep) = (kept, .last)
        try training.run(short, training.job("short"))
        #expect(try training.weights("best\(seed)") == training.weights("short"))

        let steps = outcome.records[1].step
        try training.run(rough(seed: seed), training.job("broken"), until: kept * steps + 1)
        try training.run(rough(seed: seed), training.job("broken", resume: true), until: 1)
        let resumed = try training.run(rough(seed: seed), training.job("broken", resume: true))
        #expect(resumed.kept == kept)
        #expect(try training.weights("broken") == training.weights("short"))
        #expect(try training.run(rough(seed: seed), training.job("broken", resume: true)).kept == kept)

        var last = rough(seed: seed)
        last.keep = .last
        #expect(try training.run(last, training.job("last")).kept == 4)
        #expect(try training.weights("last") != training.weights("short"))
    }

    @Test("more epochs after the end go on, to what the longer run gives; fewer are refused")
    func moreEpochs() throws {
        var settings = training.settings
        (settings.schedule, settings.keep) = (.constant, .last)
        try training.run(settings, training.job("net"))
        var longer = settings
        longer.epochs = 3
        let outcome = try training.run(longer, training.job("net", resume: true))
        #expect(outcome.reason == .finished && outcome.records.map(\.epoch) == [0, 1, 2, 3])
        try training.run(longer, training.job("whole"))
        #expect(try training.weights("net") == training.weights("whole"))
        #expect(try training.log("net").count(where: { $0["event"] as? String == "end" }) == 1)
        #expect(throws: TrainingError.otherSetting(name: "epochs", now: "2", checkpoint: "3")) {
            try training.run(settings, training.job("net", resume: true))
        }
    }

    @Test("a cosine that is made longer goes on where the longer one is, and that is said")
    func longerCosine() throws {
        var settings = training.settings
        settings.keep = .last
        try training.run(settings, training.job("net"))
        settings.epochs = 4
        var notices: [String] = []
        let outcome = try training.run(settings, training.job("net", resume: true), notices: &notices)
        #expect(
            notices.contains { $0.contains("4 epochs instead of 2") && $0.contains("cosine") }, "\(notices)")
        let rates = outcome.records.compactMap(\.learningRate)
        #expect(rates.count == 4 && rates[2] > rates[1] && rates[3] < 0.1 * Double(settings.learningRate))
    }

    @Test("without a better one for as many epochs as there is patience for, the training ends")
    func patience() throws {
        var settings = rough(seed: 1)
        (settings.epochs, settings.patience) = (30, 1)
        let outcome = try training.run(settings, training.job("net"))
        #expect(outcome.reason == .patience)
        let last = try #require(outcome.records.last)
        #expect(last.epoch < 30 && outcome.kept == last.epoch - 1)
        #expect(try training.log("net").last?["reason"] as? String == "patience")
        #expect(try training.run(settings, training.job("net", resume: true)).reason == .already)
        settings.patience = nil
        settings.epochs = 30
        let more = try training.run(
            settings, training.job("net", resume: true), until: 1)
        #expect(more.reason == .interrupted)
    }

    @Test("may be written as float16, and the card's figures are of the rounded weights")
    func halfPrecision() throws {
        var settings = training.settings
        try training.run(settings, training.job("whole"))
        settings.weights = .float16
        let outcome = try training.run(settings, training.job("half"))
        let graph = try siameseSmall(side: 20, dimension: 16)
        func values(_ name: String) throws -> [Float] {
            let path = training.folder.file(name + "/weights.safetensors")
            return try NetworkParameters(graph, weights: SafeTensors(path: path)).values
        }
        let (whole, half) = (try values("whole"), try values("half"))
        #expect(half == whole.map { SafeTensors.Precision.float16.rounded($0) } && half != whole)
        #expect(try training.weights("half").count * 2 < training.weights("whole").count + 1000)
        #expect(outcome.card?.training?.accuracy == outcome.result?.validation.accuracy)
        let network = try EmbeddingNetwork(directory: training.folder.file("half"))
        #expect(try network.templates(of: [[UInt8](repeating: 9, count: 1200)]).count == 16)
        // How it is written may change when there is nothing else left to do.
        settings.weights = nil
        #expect(try training.run(settings, training.job("half", resume: true)).reason == .already)
    }

    @Test("is judged by FNIR where both have it, then accuracy, rank-1 and loss; the earlier of equals stays")
    func order() {
        func record(_ epoch: Int, _ rate: Double?, _ accuracy: Double, _ rankOne: Double, _ loss: Double?)
            -> EpochRecord
        {
            EpochRecord(
                epoch: epoch, step: epoch, seconds: 0,
                validation: ValidationFigures(
                    accuracy: accuracy, standardError: nil, threshold: 0, folds: 1, samePairs: 1,
                    differentPairs: 1, rankOne: rankOne, probes: 100, people: 50, falseNegativeRate: rate,
                    loss: loss))
        }
        func best(_ records: EpochRecord...) -> Int? { ([record(0, 0, 1, 1, 0)] + records).best?.epoch }
        #expect(best() == nil)
        #expect(best(record(1, 0.3, 0.9, 0.9, nil), record(2, 0.2, 0.8, 0.8, nil)) == 2)
        #expect(best(record(1, nil, 0.9, 0.8, nil), record(2, 0.2, 0.8, 0.9, nil)) == 1)
        #expect(best(record(1, 0.2, 0.9, 0.8, nil), record(2, 0.2, 0.9, 0.9, nil)) == 2)
        #expect(best(record(1, 0.2, 0.9, 0.9, 0.5), record(2, 0.2, 0.9, 0.9, 0.4)) == 2)
        #expect(best(record(1, 0.2, 0.9, 0.9, nil), record(2, 0.2, 0.9, 0.9, nil)) == 1)
    }
}
