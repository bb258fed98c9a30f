import Foundation
import Network
import TestSupport

@testable import Training

/// A training of a few seconds on pictures of numbers that the test draws.
struct NumbersTraining {
    let folder: TemporaryFolder

    init(photos: Int = 6) throws {
        folder = try TemporaryFolder()
        try RenderedNumbers.write(
            Array(stride(from: 3, to: 99, by: 5)), photos: photos, into: folder.file("numbers"))
    }

    /// A tower of 26,000 parameters.
    var settings: TrainingSettings {
        var settings = TrainingSettings()
        settings.architecture = .siameseSmall
        (settings.side, settings.dimension, settings.detect) = (20, 16, false)
        (settings.peoplePerBatch, settings.photosPerPerson) = (5, 3)
        (settings.epochs, settings.warmUp, settings.average) = (2, 3, 0.9)
        (settings.augment, settings.threads) = (.none, 1)
        return settings
    }

    func job(_ out: String, resume: Bool = false) -> TrainingJob {
        var job = TrainingJob(photos: folder.file("numbers"), out: folder.file(out), landmarkModel: "/nowhere")
        job.chips = folder.file("chips")
        job.resume = resume
        return job
    }

    /// Trains, until so many steps are done where a number is given.
    @discardableResult
    func run(
        _ settings: TrainingSettings, _ job: TrainingJob, until steps: Int = .max,
        notices: inout [String]
    ) throws -> TrainingOutcome {
        var done = 0
        var told: [String] = []
        defer { notices = told }
        return try Trainer(settings, job).run(
            progress: {
                if case .step = $0 { done += 1 }
                if case .notice(let line) = $0 { told.append(line) }
            }, shouldStop: { done >= steps })
    }

    /// The same, whatever is noticed.
    @discardableResult
    func run(_ settings: TrainingSettings, _ job: TrainingJob, until steps: Int = .max) throws
        -> TrainingOutcome
    {
        var notices: [String] = []
        return try run(settings, job, until: steps, notices: &notices)
    }

    func weights(_ out: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: folder.file(out + "/weights.safetensors")))
    }

    func log(_ out: String) throws -> [[String: Any]] {
        try String(contentsOfFile: folder.file(out + "/log.jsonl"), encoding: .utf8).split(separator: "\n")
            .map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:] }
    }
}
