import ArgumentParsing
import Foundation
import Gallery
import Training

private struct ChipsRecord: Encodable {
    var bench = "photos to chips"
    var machine = Machine.this
    var cut: String
    var side: Int
    var jobs: Int
    var photos: Int
    var chips: Int
    var secondsWithoutCache: Double
    var secondsFromCache: Double
}

private struct VariationRecord: Encodable {
    var bench = "varied chips"
    var machine = Machine.this
    var part: String
    var side: Int
    var threads: Int
    var chips: Int
    /// Of processor time where one thread works, of wall time where several do.
    var microsecondsPerChip: Double
}

let chipsBench = Bench(
    specification: CommandSpecification(
        "chips", abstract: "Photos to chips of a training run, with and without their cache; chance in chips.",
        options: [
            Shared.photos,
            OptionSpecification("--jobs", value: "N", help: "Photos in work at once (default: 2)."),
            OptionSpecification("--side", value: "N", help: "Width and height of a chip (default: 112)."),
            OptionSpecification("--whole", help: "Take photos whole, without the detector."),
            Shared.json,
        ],
        example: "facegallery-bench chips --photos people/"),
    run: runChipsBench)

private func runChipsBench(arguments: ParsedArguments) throws {
    let photos = try TrainingPhotos(folder: arguments.required("--photos"))
    let jobs = try arguments.integer("--jobs", in: 1...256) ?? 2
    let side = try arguments.integer("--side", in: 1...4_096) ?? 112
    let isWhole = arguments.flag("--whole")
    let cut = isWhole ? ChipSource.Cut.wholePhoto : .face(padding: 0.25)
    let source = try ChipSource(side: side, cut: cut, landmarkModel: ModelCache.standard.landmarkModel)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("chips-\(UUID().uuidString)")
        .path
    defer { try? FileManager.default.removeItem(atPath: folder) }

    func fill() throws -> (Chips, Double) {
        let start = ContinuousClock.now
        // The cache is opened too: its check is part of what a run waits for.
        let chips = try Chips(photos, source: source, jobs: jobs, cache: ChipCache(path: folder))
        return (chips, (ContinuousClock.now - start) / .seconds(1))
    }
    let (_, without) = try fill()
    let (chips, from) = try fill()
    try printRecord(
        ChipsRecord(
            cut: isWhole ? "whole-photo" : "dlib-5-point", side: side, jobs: jobs,
            photos: photos.count, chips: chips.count, secondsWithoutCache: without, secondsFromCache: from))
    try timeVariation(chips)
    try timeLoader(chips, threads: jobs)
}

/// The calling thread's processor time: other work on the machine does not count.
private func threadSeconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

private func timeVariation(_ chips: Chips) throws {
    let parts: [(String, Augmentation)] = [
        ("none", .none), ("mirror", Augmentation(mirror: 1)),
        ("warp", Augmentation(mirror: 0.5, shift: 0.05, zoom: 0.1, rotation: 10)),
        ("colours", Augmentation(brightness: 0.1, contrast: 0.2, grey: 0.5)),
        ("blur", Augmentation(blur: 1)), ("standard", .standard),
    ]
    let count = min(chips.count, 2_000)
    var output = [Float](repeating: 0, count: 3 * chips.side * chips.side)
    for (name, augmentation) in parts {
        var renderer = try ChipRenderer(
            side: chips.side, augmentation: augmentation,
            normalisation: Normalisation(mean: [127.5, 127.5, 127.5], scale: 1 / 128), seed: 1)
        var best = Double.infinity
        for epoch in 0..<3 {
            let start = threadSeconds()
            for chip in 0..<count {
                chips.withChip(chip) { bytes in
                    unsafe output.withUnsafeMutableBufferPointer {
                        unsafe renderer.render(bytes, epoch: epoch, batch: 0, slot: chip, into: $0)
                    }
                }
            }
            best = min(best, (threadSeconds() - start) * 1e6 / Double(count))
        }
        try printRecord(
            VariationRecord(
                part: name, side: chips.side, threads: 1, chips: count, microsecondsPerChip: best))
    }
}

private func timeLoader(_ chips: Chips, threads: Int) throws {
    let sampler = try BatchSampler(
        people: chips.people, mode: .people(peoplePerBatch: 16, photosPerPerson: 4), seed: 1)
    let loader = try BatchLoader(
        chips, augmentation: .standard,
        normalisation: Normalisation(mean: [127.5, 127.5, 127.5], scale: 1 / 128),
        seed: 1, threads: threads)
    var (batch, count) = (Batch(), 0)
    let start = ContinuousClock.now
    for epoch in 0..<2 {
        loader.start(sampler.batches(epoch: epoch), epoch: epoch)
        while try loader.next(into: &batch) { count += batch.chips.count }
    }
    try printRecord(
        VariationRecord(
            part: "standard, in batches of 64", side: chips.side, threads: threads, chips: count,
            microsecondsPerChip: (ContinuousClock.now - start) / .microseconds(1) / Double(count)))
}
