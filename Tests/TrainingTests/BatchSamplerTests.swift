import TestSupport
import Testing
import Training

@Suite("Batches of an epoch")
struct BatchSamplerTests {
    /// Photos per person as in a folder of news photos: most have one, few have many.
    static let many: [Int] = {
        var people: [Int] = []
        for person in 0..<400 {
            let photos = person == 0 ? 200 : person < 10 ? 30 : person < 150 ? 2 + person % 5 : 1
            people += Array(repeating: person, count: photos)
        }
        return people
    }()

    @Test("every batch has its size, all chips different", arguments: [(2, 2), (8, 4), (16, 4), (5, 3)])
    func batchesAreFull(perBatch: Int, perPerson: Int) throws {
        let sampler = try BatchSampler(
            people: Self.many, mode: .people(peoplePerBatch: perBatch, photosPerPerson: perPerson), seed: 1)
        for epoch in 0..<3 {
            let batches = sampler.batches(epoch: epoch)
            #expect(batches.count == sampler.batchesPerEpoch)
            for batch in batches {
                #expect(batch.count == perBatch * perPerson)
                #expect(Set(batch).count == batch.count)
                var counts: [Int: Int] = [:]
                for chip in batch { counts[Self.many[chip], default: 0] += 1 }
                #expect(counts.values.allSatisfy { $0 <= perPerson })
                #expect(counts.values.count { $0 >= 2 } >= perBatch / 2)
            }
        }
    }

    @Test("batches are full also where few people must give nearly all they have", arguments: 0..<60)
    func scarcePeople(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let (perBatch, perPerson) = (
            Int.random(in: 2...8, using: &random), Int.random(in: 2...8, using: &random)
        )
        var people: [Int] = []
        for person in 0..<Int.random(in: perBatch...perBatch + 5, using: &random) {
            people += Array(repeating: person, count: Int.random(in: 1...2 * perPerson, using: &random))
        }
        let mode = BatchSampler.Mode.people(peoplePerBatch: perBatch, photosPerPerson: perPerson)
        guard let sampler = try? BatchSampler(people: people, mode: mode, seed: seed) else { return }
        for batch in (0..<10).flatMap({ sampler.batches(epoch: $0) }) {
            #expect(batch.count == perBatch * perPerson)
            #expect(Set(batch).count == batch.count)
            let counts = Dictionary(grouping: batch) { people[$0] }
            #expect(counts.values.allSatisfy { $0.count <= perPerson })
        }
    }

    @Test("an epoch meets everybody who has two photos, about in proportion", arguments: 0..<5)
    func everybodyIsMet(seed: UInt64) throws {
        let sampler = try BatchSampler(
            people: Self.many, mode: .people(peoplePerBatch: 8, photosPerPerson: 4), seed: seed)
        var counts = [Int](repeating: 0, count: 400)
        for chip in sampler.batches(epoch: Int(seed)).joined() { counts[Self.many[chip]] += 1 }
        #expect(counts[..<150].allSatisfy { $0 >= 2 })
        // 30 photos are 8 groups of 4; the last batches may meet somebody once more.
        #expect(counts[1..<10].allSatisfy { 24...40 ~= $0 })
        let lone = counts[150...].reduce(0, +)
        #expect(lone * 8 >= sampler.batchesPerEpoch * 32 && lone * 4 <= sampler.batchesPerEpoch * 32)
    }

    @Test("in the end everybody with a single photo is met")
    func lonePeople() throws {
        let sampler = try BatchSampler(
            people: Self.many, mode: .people(peoplePerBatch: 8, photosPerPerson: 4), seed: 3)
        var met: Set<Int> = []
        for epoch in 0..<10 { met.formUnion(sampler.batches(epoch: epoch).joined().map { Self.many[$0] }) }
        #expect(met.count == 400)
    }

    @Test("seed and epoch decide the batches")
    func seedAndEpoch() throws {
        let mode = BatchSampler.Mode.people(peoplePerBatch: 4, photosPerPerson: 3)
        let batches = { (seed: UInt64, epoch: Int) in
            try BatchSampler(people: Self.many, mode: mode, seed: seed).batches(epoch: epoch)
        }
        #expect(try batches(1, 1) == batches(1, 1))
        #expect(try batches(1, 1) != batches(1, 2))
        #expect(try batches(1, 1) != batches(2, 1))
    }

    @Test("every photo comes once an epoch, and only the last batch repeats some")
    func everyPhoto() throws {
        let sampler = try BatchSampler(people: Self.many, mode: .everyPhoto(batchSize: 64), seed: 1)
        let batches = sampler.batches(epoch: 0)
        let flat = batches.flatMap { $0 }
        #expect(Set(flat.prefix(Self.many.count)).count == Self.many.count)
        #expect(batches.allSatisfy { Set($0).count == 64 })
        #expect(flat != sampler.batches(epoch: 1).flatMap { $0 })
    }

    @Test("a batch that the people cannot fill is refused with both numbers")
    func tooLarge() throws {
        let people = [0, 0, 0, 0, 0, 1, 1, 2]
        #expect(throws: TrainingError.batchTooLarge(places: 8, available: 5)) {
            try BatchSampler(people: people, mode: .people(peoplePerBatch: 4, photosPerPerson: 2), seed: 1)
        }
        #expect(throws: TrainingError.batchTooLarge(places: 9, available: 8)) {
            try BatchSampler(people: people, mode: .everyPhoto(batchSize: 9), seed: 1)
        }
        for mode in [
            BatchSampler.Mode.people(peoplePerBatch: 1, photosPerPerson: 4),
            .people(peoplePerBatch: .max, photosPerPerson: 2), .everyPhoto(batchSize: 0),
            .people(peoplePerBatch: 2, photosPerPerson: -1),
        ] {
            #expect(throws: TrainingError.self) { try BatchSampler(people: people, mode: mode, seed: 1) }
        }
        #expect(throws: TrainingError.self) {
            try BatchSampler(people: [-1, 0], mode: .everyPhoto(batchSize: 1), seed: 1)
        }
    }
}
