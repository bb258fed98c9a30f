import ArgumentParsing
import Dispatch
import Evaluation
import FaceImage
import Foundation
import Gallery
import GalleryModel
import Network
import Synchronization
import VectorIndex

let lfwBench = Bench(
    specification: CommandSpecification(
        "lfw", abstract: "Accuracy of the whole pipeline on Labeled Faces in the Wild, or a part of it.",
        discussion: """
            Verification: accuracy over the folds of a list of pairs. Identification: the first photo of each
            person is enrolled, all others are searched. A photo without a face is an error in both.
            """,
        options: [
            Shared.photos,
            OptionSpecification(
                "--pairs", value: "FILE", help: "Pairs as in pairs.txt; identification alone without."),
            OptionSpecification("--people", value: "FILE", help: "Only the people it names, one a line."),
            Shared.network,
            OptionSpecification(
                "--beside", value: "DIR",
                help: "Another program's lfw-dev.npy and lfw-dev.txt: how like are its templates?"),
            OptionSpecification(
                "--single-look", value: "N",
                help: "Let YuNet look at each photo once, at N pixels, as other programs do."),
            OptionSpecification("--threads", value: "N", help: "Photos in work at once (default: 2)."),
            Shared.json,
        ],
        example: "facegallery-bench lfw --photos lfw/ --pairs pairs.txt"),
    run: runLFWBench)

private func runLFWBench(arguments: ParsedArguments) throws {
    let folder = try arguments.required("--photos")
    let pairs = try arguments.value("--pairs").map {
        try VerificationPairs(text: String(contentsOfFile: $0, encoding: .utf8))
    }
    let threads = try arguments.threads(default: 2)
    let look = try arguments.integer("--single-look", in: 32...4_096)
    let encoder = try PhotoEncoder(
        network: arguments.value("--network") ?? ModelCache.defaultNetwork,
        finding: FaceSearchChoice(singleLook: look))
    var photos = try listPhotos(folder)
    if let file = arguments.value("--people") {
        let people = Set(try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n"))
        photos = photos.filter { people.contains($0.prefix { $0 != "/" }) }
    }
    try requireSearches(photos, folder)
    if let pairs, Set(pairs.pairs.map(\.fold)).count < 2 {
        throw BenchFault("the pairs are of one fold; accuracy over folds needs two or more")
    }
    let start = ContinuousClock.now
    let templates = encode(photos, in: folder, encoder, threads: threads)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    guard !templates.isEmpty else { throw BenchFault("\(folder): no photo shows a face") }

    if let folder = arguments.value("--beside") {
        try printRecord(TemplateAgreement(templates, network: encoder.card.name, folder: folder))
    }
    if let pairs {
        try printRecord(
            verification(
                pairs, templates, encoder, photos: photos.count, seconds: seconds, threads: threads))
    }
    for mode in [SearchMode.exact, .maxSearchLoss(0.001)] {
        try printRecord(identification(photos, templates, encoder, mode: mode))
    }
    try printRecord(openSet(photos, templates, encoder))
}

private struct VerificationRecord: Encodable {
    var bench = "lfw verification"
    var machine = Machine.this
    var network: String
    var photos: Int
    var photosWithoutFace: Int
    var pairs: Int
    var accuracy: Double
    var standardError: Double
    var threshold: Double
    var photosPerSecond: Double
    var threads: Int
}

private struct IdentificationRecord: Encodable {
    var bench = "lfw identification"
    var machine = Machine.this
    var network: String
    var mode: String
    var enrolled: Int
    var searches: Int
    var rank1: Double
    var rank1Interval: [Double]
    var rank5: Double
    var searchesPerSecond: Double
}

private struct OpenSetRecord: Encodable {
    var bench = "lfw open-set identification"
    var machine = Machine.this
    var network: String
    var enrolled: Int
    var matedSearches: Int
    var nonMatedSearches: Int
    /// FNIR at the threshold that gives an FPIR of 1 %.
    var fnirAtFpir1Percent: Double
    var thresholdAtFpir1Percent: Float
    /// FNIR at an FPIR of 1 % once more, the mean over `deals` random halves of the people who are enrolled, and the
    /// standard deviation of a single one.
    var meanFnirAtFpir1Percent: Double
    var deviationOfADeal: Double
    var deals: Int
    /// From which `identify` names somebody.
    var defaultThreshold: Double
    /// FPIR there, and at the threshold of one comparison, the mean over the same halves.
    var meanFpirAtDefaultThreshold: Double
    var meanFpirAtThresholdOfPairs: Double
    var fpirAtDefaultThreshold: Double
    var fnirAtDefaultThreshold: Double
}

/// Refuses photos of which no searches can be made: the figures would be those of nothing.
///
/// Every second person is enrolled, so one of these needs a second photo, and somebody else must be there to be a
/// stranger.
private func requireSearches(_ photos: [String], _ folder: String) throws {
    let counts = Dictionary(photos.map { ($0.prefix { $0 != "/" }, 1) }, uniquingKeysWith: +)
    let enrolled = counts.keys.sorted().enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
    guard counts.count > 1, enrolled.contains(where: { counts[$0, default: 0] > 1 }) else {
        throw BenchFault(
            "\(folder): \(counts.count) people with \(photos.count) photos are too few; every second one is enrolled with "
                + "a photo, and one of these needs another to be searched for")
    }
}

/// The templates of photos by their paths; a photo in which no face is found, or that fails, has none.
private func encode(
    _ photos: [String], in folder: String, _ encoder: PhotoEncoder, threads: Int
) -> [String: [Float]] {
    let next = Atomic(0)
    let found = Mutex([String: [Float]]())
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
        while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < photos.count else { return }
            do {
                let file = try PhotoFile(.path("\(folder)/\(photos[index])"))
                let template = try encoder.face(in: file, largest: true).template
                found.withLock { $0[photos[index]] = template }
            } catch {
                note("\(error)")
            }
        }
    }
    return found.withLock { $0 }
}

private func verification(
    _ pairs: VerificationPairs, _ templates: [String: [Float]], _ encoder: PhotoEncoder, photos: Int,
    seconds: Double, threads: Int
) throws -> VerificationRecord {
    let scored = pairs.pairs.map { pair in
        var similarity: Float?
        if let first = templates[pair.first.path], let second = templates[pair.second.path] {
            similarity = Similarity.cosine(first[...], second[...])
        }
        return ScoredPair(similarity: similarity, isMated: pair.isMated, fold: pair.fold)
    }
    let accuracy = try CrossValidatedAccuracy(scored)
    return VerificationRecord(
        network: encoder.card.name, photos: photos, photosWithoutFace: photos - templates.count,
        pairs: pairs.pairs.count, accuracy: accuracy.mean, standardError: accuracy.standardError,
        threshold: accuracy.threshold, photosPerSecond: Double(photos) / seconds, threads: threads)
}

/// A gallery with the first photo of each person who is to be enrolled, and searches of all other photos.
///
/// - Parameter isToBeEnrolled: by a person's place among all.
private func searchOthers(
    _ photos: [String], _ templates: [String: [Float]], _ encoder: PhotoEncoder, mode: SearchMode,
    isToBeEnrolled: (Int) -> Bool
) throws -> (enrolled: Int, outcomes: [SearchOutcome], seconds: Double) {
    let path = NSTemporaryDirectory() + "facegallery-bench-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FaceGallery.create(at: path, network: encoder.card)
    let gallery = try FaceGallery(at: path)
    var people: [String: Bool] = [:]
    var references: [NewReference] = []
    var probes: [(person: String, photo: String, isMated: Bool)] = []
    for photo in photos {
        let person = String(photo.prefix { $0 != "/" })
        if let isEnrolled = people[person] {
            probes.append((person, photo, isEnrolled))
            continue
        }
        let isEnrolled = isToBeEnrolled(people.count)
        people[person] = isEnrolled
        if !isEnrolled {
            probes.append((person, photo, false))
        } else if let template = templates[photo] {
            references.append(NewReference(subject: person, source: photo, template: template))
        }
    }
    _ = try gallery.enroll(references)
    try gallery.settle()

    var search = FaceGallery.Search()
    search.mode = mode
    let start = ContinuousClock.now
    let outcomes = try probes.map { probe in
        guard let template = templates[probe.photo] else {
            return SearchOutcome.notAcquired(isMated: probe.isMated)
        }
        let candidates = try gallery.identify(template, search).candidates
        return SearchOutcome(
            mateRank: candidates.first { $0.subject == probe.person }?.rank,
            topSimilarity: candidates.first?.similarity, isMated: probe.isMated)
    }
    return (references.count, outcomes, (ContinuousClock.now - start) / .seconds(1))
}

private func identification(
    _ photos: [String], _ templates: [String: [Float]], _ encoder: PhotoEncoder, mode: SearchMode
) throws -> IdentificationRecord {
    let (enrolled, outcomes, seconds) = try searchOthers(
        photos, templates, encoder, mode: mode, isToBeEnrolled: { _ in true })
    let rates = try IdentificationRates(outcomes)
    let rank1 = try rates.hitRate(rank: 1)
    return IdentificationRecord(
        network: encoder.card.name, mode: "\(mode)", enrolled: enrolled, searches: outcomes.count,
        rank1: rank1.value, rank1Interval: [rank1.interval.lowerBound, rank1.interval.upperBound],
        rank5: try rates.hitRate(rank: 5).value,
        searchesPerSecond: Double(outcomes.count) / seconds)
}

private func openSet(
    _ photos: [String], _ templates: [String: [Float]], _ encoder: PhotoEncoder
) throws -> OpenSetRecord {
    let (enrolled, outcomes, _) = try searchOthers(
        photos, templates, encoder, mode: .exact, isToBeEnrolled: { $0.isMultiple(of: 2) })
    let whole = try IdentificationRates(outcomes)
    let (threshold, missed) = try rateAtOnePercent(whole)
    let standard = Float(encoder.card.identificationSimilarity)
    let ofPairs = Float(encoder.card.threshold.similarity)

    // A threshold that a handful of searches decides says more when it is met often.
    let people = Set(photos.map { $0.prefix { $0 != "/" } }).count
    var random = SeededNumbers(seed: 1, stream: 0)
    let rates = try (0..<20).map { _ in
        let dealt = Set((0..<people).shuffled(using: &random).prefix((people + 1) / 2))
        let (_, outcomes, _) = try searchOthers(
            photos, templates, encoder, mode: .exact, isToBeEnrolled: dealt.contains)
        let dealtRates = try IdentificationRates(outcomes)
        return (
            missed: try rateAtOnePercent(dealtRates).missed,
            fpir: try dealtRates.falsePositiveRate(threshold: standard).value,
            fpirOfPairs: try dealtRates.falsePositiveRate(threshold: ofPairs).value
        )
    }
    let count = Double(rates.count)
    let mean = rates.reduce(0) { $0 + $1.missed } / count
    let variance = rates.reduce(0) { $0 + ($1.missed - mean) * ($1.missed - mean) } / (count - 1)
    return OpenSetRecord(
        network: encoder.card.name, enrolled: enrolled, matedSearches: whole.matedCount,
        nonMatedSearches: whole.nonMatedCount,
        fnirAtFpir1Percent: missed, thresholdAtFpir1Percent: threshold, meanFnirAtFpir1Percent: mean,
        deviationOfADeal: variance.squareRoot(), deals: rates.count,
        defaultThreshold: encoder.card.identificationSimilarity,
        meanFpirAtDefaultThreshold: rates.reduce(0) { $0 + $1.fpir } / count,
        meanFpirAtThresholdOfPairs: rates.reduce(0) { $0 + $1.fpirOfPairs } / count,
        fpirAtDefaultThreshold: try whole.falsePositiveRate(threshold: standard).value,
        fnirAtDefaultThreshold: try whole.falseNegativeRate(threshold: standard).value)
}

/// The threshold that one in a hundred searches for strangers reaches, and the share of enrolled people it misses.
private func rateAtOnePercent(_ rates: IdentificationRates) throws -> (threshold: Float, missed: Double) {
    let threshold = try rates.threshold(falsePositiveRate: 0.01).similarity
    return (threshold, try rates.falseNegativeRate(threshold: threshold).value)
}
