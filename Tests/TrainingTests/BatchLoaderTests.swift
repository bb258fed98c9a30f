import Foundation
import TestSupport
import Testing
import Training

@Suite("Batches prepared ahead")
struct BatchLoaderTests {
    private let chips: Chips
    private let batches: [[Int]]

    init() throws {
        let folder = try TemporaryFolder()
        try TestPeople.make((0..<12).map { ("p\($0)", 4) }, in: folder)
        chips = try TestPeople.chips(folder)
        batches = try BatchSampler(
            people: chips.people, mode: .people(peoplePerBatch: 3, photosPerPerson: 2), seed: 1
        ).batches(epoch: 0)
    }

    private func loader(threads: Int, seed: UInt64 = 1, _ augmentation: Augmentation = .standard) throws
        -> BatchLoader
    {
        try BatchLoader(
            chips, augmentation: augmentation, normalisation: Normalisation(mean: [1, 2, 3], scale: 0.5),
            seed: seed, threads: threads)
    }

    private func epoch(_ loader: BatchLoader, _ number: Int = 0, from first: Int = 0) throws -> [Batch] {
        loader.start(batches, epoch: number, from: first)
        var (all, batch) = ([Batch](), Batch())
        while try loader.next(into: &batch) { all.append(batch) }
        return all
    }

    @Test("the same seed gives the same batches in order, whatever the number of threads")
    func threads() throws {
        let alone = try epoch(loader(threads: 1))
        #expect(alone.map(\.number) == Array(batches.indices))
        #expect(alone.map(\.chips) == batches)
        #expect(alone.allSatisfy { batch in batch.people == batch.chips.map { chips.people[$0] } })
        for threads in [2, 7] {
            #expect(try epoch(loader(threads: threads)).map(\.images) == alone.map(\.images))
        }
        #expect(try epoch(loader(threads: 2, seed: 2)).map(\.images) != alone.map(\.images))
    }

    @Test("epochs differ, and one begun in its middle goes on as if begun at its start")
    func epochs() throws {
        let loader = try loader(threads: 3)
        let (first, second) = (try epoch(loader, 0), try epoch(loader, 1))
        #expect(first.map(\.images) != second.map(\.images))
        let rest = try epoch(loader, 1, from: 3)
        #expect(rest.map(\.number) == Array(3..<batches.count))
        #expect(rest.map(\.images) == second.dropFirst(3).map(\.images))
        #expect(try epoch(loader, 1, from: batches.count).isEmpty)
    }

    @Test("a batch without augmentation holds its chips, normalised")
    func contents() throws {
        for batch in try epoch(loader(threads: 2, .none)) {
            let expected = batch.chips.flatMap { chip in
                chips.chip(chip).enumerated().map { (Float($1) - Float($0 % 3 + 1)) * 0.5 }
            }
            #expect(batch.images == expected)
        }
    }

    @Test("a loader abandoned half-way ends its threads, and one begun anew forgets the epoch before")
    func abandoned() throws {
        for taken in 0..<8 {
            let loader = try loader(threads: 4)
            loader.start(batches, epoch: 0)
            var batch = Batch()
            for _ in 0..<min(taken, batches.count) { #expect(try loader.next(into: &batch)) }
            if taken % 2 == 0 {
                let anew = try epoch(loader, 5)
                #expect(anew.map(\.number) == Array(batches.indices))
            }
        }
        // A loader waits for its threads when it goes: that this line is reached is the promise.
        _ = try loader(threads: 4)
    }

    @Test("after the first batches no buffer is new")
    func buffersGoRound() throws {
        let loader = try loader(threads: 2)
        var addresses: Set<UInt> = []
        var batch = Batch()
        for number in 0..<5 {
            loader.start(batches, epoch: number)
            while try loader.next(into: &batch) {
                unsafe batch.images.withUnsafeBufferPointer {
                    _ = addresses.insert(UInt(bitPattern: $0.baseAddress))
                }
            }
        }
        // As many as may be in work or waiting, and the caller's.
        #expect(addresses.count <= 4)
    }

    @Test("thread counts and augmentations outside their range are refused")
    func badArguments() throws {
        #expect(throws: TrainingError.self) { try loader(threads: 0) }
        #expect(throws: TrainingError.self) { try loader(threads: 1, Augmentation(zoom: -1)) }
    }
}
