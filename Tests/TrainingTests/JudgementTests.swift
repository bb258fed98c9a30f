import Foundation
import Network
import TestSupport
import Testing

@testable import Training

@Suite("What judges a training")
struct JudgementTests {
    private let training: NumbersTraining

    init() throws { training = try NumbersTraining() }

    @Test(
        "the names of those held out stand in log, checkpoint and a file of the owner's, which repeats the judgement"
    )
    func namesOfThoseHeldOut() throws {
        let outcome = try training.run(training.settings, training.job("net"))
        let path = training.folder.file("net/validation-people.txt")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let names = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(names.count == outcome.records.first?.validation.people)
        #expect(try training.log("net").first?["validation-people"] as? [String] == names)
        #expect(outcome.card?.training?.validationPeople == SHA256.hex(of: Array(bytes)))
        let learnt = try String(
            contentsOfFile: training.folder.file("net/training-people.txt"), encoding: .utf8)
        #expect(Set(learnt.split(separator: "\n").map(String.init)).isDisjoint(with: names))
        for file in ["validation-people.txt", "training-people.txt"] {
            let facts = try FileManager.default.attributesOfItem(atPath: training.folder.file("net/" + file))
            #expect(facts[.posixPermissions] as? Int == 0o600)
        }
        var again = training.settings
        again.validationPeople = names
        let same = try training.run(again, training.job("again"))
        #expect(same.records.map(\.validation) == outcome.records.map(\.validation))
        #expect(try training.weights("again") == training.weights("net"))
    }

    @Test("one photo on both sides is told")
    func sharedPhoto() throws {
        try FileManager.default.copyItem(
            atPath: training.folder.file("numbers/03/0.ppm"),
            toPath: training.folder.file("numbers/08/copy.ppm"))
        var settings = training.settings
        (settings.epochs, settings.validationPeople) = (1, ["03", "13", "18"])
        var notices: [String] = []
        try training.run(settings, training.job("net"), notices: &notices)
        #expect(
            notices.contains { $0.contains("1 photo of people held out is also trained on") }, "\(notices)")
        settings.validationPeople = ["03", "08", "18"]
        try training.run(settings, training.job("other"), notices: &notices)
        #expect(!notices.contains { $0.contains("also trained on") }, "\(notices)")
    }

    @Test("people whom the initial network was trained on are told, also those of the network before it")
    func knownPeople() throws {
        var settings = training.settings
        settings.epochs = 1
        var before: NetworkCard?
        // Each holds out others than the one before: the third learns again from those the second held out.
        for (place, held) in [["03", "08", "13"], ["03", "08", "13"], ["18", "23", "28"]].enumerated() {
            var job = training.job("net\(place)")
            settings.validationPeople = held
            settings.initialWeights = before?.weights.sha256
            if place > 0 { job.initialNetwork = training.folder.file("net\(place - 1)") }
            var notices: [String] = []
            before = try training.run(settings, job, notices: &notices).card
            let told = notices.contains { $0.contains("names of 3 of the 3 held out") }
            #expect(told == (place == 2), "\(notices)")
        }
    }

    @Test(
        "the loss of those held out stands beside the training's, but for ArcFace, whose directions they lack")
    func validationLoss() throws {
        var settings = training.settings
        settings.epochs = 1
        let outcome = try training.run(settings, training.job("net"))
        let losses = outcome.records.compactMap(\.validation.loss)
        #expect(losses.count == 2 && losses.allSatisfy { $0 > 0 && $0.isFinite })
        settings.loss = .arcFace
        let other = try training.run(settings, training.job("other"))
        #expect(other.records.allSatisfy { $0.validation.loss == nil })
    }

    @Test("that loss is the margin where all templates are equal, and none where people are far apart")
    func extremes() throws {
        var settings = TrainingSettings()
        settings.dimension = 4
        let people = [0, 0, 0, 1, 1, 2, 2, 2, 2]
        let loss = try #require(ValidationLoss(settings, people: people, photos: Array(people.indices)))
        let equal = try #require(try loss.mean(people.map { _ in [1, 0, 0, 0] }))
        #expect(abs(equal - 0.2) < 1e-6)
        #expect(try loss.mean(people.map { person in (0..<4).map { $0 == person ? 1 : 0 } }) == 0)
        #expect(try loss.mean(people.map { _ in nil }) == nil)
    }

    private func record(
        _ epoch: Int, accuracy: Double, rankOne: Double = 0.5, similarity: Double = 0.1
    ) -> EpochRecord {
        EpochRecord(
            epoch: epoch, step: epoch, loss: epoch > 0 ? 0.2 : nil, seconds: 0,
            validation: ValidationFigures(
                accuracy: accuracy, standardError: 0.01, threshold: 0, folds: 10, samePairs: 1,
                differentPairs: 1, rankOne: rankOne, probes: 400, people: 50, falseNegativeRate: nil,
                differentSimilarity: similarity))
    }

    @Test("a network that collapsed, or is worse than before, ends with a notice")
    func notices() {
        let first = record(0, accuracy: 0.6, similarity: 0.999)
        func lines(_ records: EpochRecord..., result: Int? = nil, isFineTuned: Bool = false) -> [String] {
            let all = [first] + records
            return EndNotices.lines(all, result: all[result ?? all.count - 1], isFineTuned: isFineTuned)
        }
        #expect(lines().isEmpty)
        #expect(lines(record(1, accuracy: 0.9)).isEmpty)
        // Close templates that tell people apart are no collapse.
        #expect(lines(record(1, accuracy: 0.95, similarity: 0.995)).isEmpty)
        let collapsed = lines(record(1, accuracy: 0.59, similarity: 0.9995))
        #expect(collapsed.count == 1 && collapsed[0].contains("collapsed") && collapsed[0].contains("0.9995"))
        let later = lines(record(1, accuracy: 0.7), record(2, accuracy: 0.5, similarity: 1), result: 1)
        #expect(later.count == 1 && later[0].contains("those of epoch 1"), "\(later)")
        let worse = lines(record(1, accuracy: 0.5))
        #expect(worse.count == 1 && worse[0].contains("untrained") && worse[0].contains("50.0 % after 60.0 %"))
        let tuned = lines(record(1, accuracy: 0.6, rankOne: 0.2), isFineTuned: true)
        #expect(tuned.count == 1 && tuned[0].contains("use that one"), "\(tuned)")
    }

    @Test("a warm-up that is longer than the run is shortened, and that is said")
    func longWarmUp() throws {
        var settings = training.settings
        (settings.epochs, settings.warmUp, settings.schedule) = (1, 100, .constant)
        var notices: [String] = []
        let outcome = try training.run(settings, training.job("net"), notices: &notices)
        #expect(outcome.records.last?.learningRate == Double(settings.learningRate))
        #expect(notices.contains { $0.contains("warm-up of 100 steps") }, "\(notices)")
        settings.warmUp = 2
        try training.run(settings, training.job("short"), notices: &notices)
        #expect(!notices.contains { $0.contains("warm-up") }, "\(notices)")
    }

    @Test("a batch that was not asked for becomes what few people fill, and stays so after an interruption")
    func smallBatch() throws {
        var settings = training.settings
        (settings.peoplePerBatch, settings.photosPerPerson) = (16, 7)
        #expect(throws: TrainingError.batchTooLarge(places: 112, available: 96)) {
            try training.run(settings, training.job("net"))
        }
        // Nothing was cut for that.
        #expect(!FileManager.default.fileExists(atPath: training.folder.file("chips/data.mdb")))
        var job = training.job("other")
        job.shrinksPeoplePerBatch = true
        var notices: [String] = []
        try training.run(settings, job, until: 1, notices: &notices)
        #expect(notices.contains { $0.contains("13 people × 7 photos, not 16 × 7") }, "\(notices)")
        job.resume = true
        #expect(try training.run(job.resumedSettings(), job).reason == .finished)
    }

    @Test("the batch of few people has at least two of them, and as many photos of each as may be")
    func batchSizes() {
        var settings = TrainingSettings()
        func size(_ photos: [Int], photosToo: Bool = true) -> [Int]? {
            settings.batch(filledBy: photos, shrinkingPeople: true, shrinkingPhotos: photosToo)
                .map { [$0.people, $0.photos] }
        }
        #expect(size(Array(repeating: 10, count: 6)) == [6, 4])
        #expect(size([2, 2]) == [2, 2])
        #expect(size([3, 2]) == [2, 2])
        #expect(size([2, 2], photosToo: false) == nil)
        #expect(size([1, 1, 1]) == nil)
        #expect(size(Array(repeating: 4, count: 500)) == [16, 4])
        settings.loss = .arcFace
        #expect(size([20, 1, 1]) == [5, 4])
    }
}
