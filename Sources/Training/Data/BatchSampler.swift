internal import Network

/// Which chips make up each batch of an epoch.
///
/// Every batch has exactly `batchSize` different chips. What an epoch's batches are depends on the seed and the
/// epoch alone. A value; safe to share between threads.
public struct BatchSampler: Sendable {
    /// How batches are put together.
    public enum Mode: Sendable, Equatable {
        /// Groups of several photos of one person, for losses that compare photos with each other.
        ///
        /// `peoplePerBatch` × `photosPerPerson` places. In an epoch, each person with two or more photos gives
        /// all of them once, in groups of up to `photosPerPerson` (a last group that falls short is filled from
        /// the person's other photos), but one group a batch at most: somebody with more groups than there are
        /// batches leaves some out, other ones in each epoch. Places that groups leave empty go to people with a
        /// single photo, one place each, who have about as large a share of a batch as of all photos, but a
        /// quarter at most where there are others; then to further people. An epoch's last places go to people
        /// who are met once more.
        case people(peoplePerBatch: Int, photosPerPerson: Int)
        /// All photos shuffled, for losses that classify: each once an epoch.
        ///
        /// The last batch is filled up from the epoch's first photos, which come twice.
        case everyPhoto(batchSize: Int)
    }

    /// How batches are put together.
    public let mode: Mode
    /// Chips in a batch.
    public let batchSize: Int
    /// Batches in an epoch, of whichever number.
    public let batchesPerEpoch: Int
    private let seed: UInt64
    private let photos: Int
    /// The chips of each person with two or more.
    private let groups: [[Int]]
    private let singles: [Int]
    private let singlesPerBatch: Int

    /// - Parameters:
    ///   - people: the class of each chip, as `Chips.people` has them; classes of 0 or above.
    ///   - mode: how batches are put together.
    ///   - seed: what the user chose.
    /// - Throws: `badArgument` for numbers below 1 or a negative class, `batchTooLarge` where the people cannot
    ///   fill a batch with different photos.
    public init(people: [Int], mode: Mode, seed: UInt64) throws(TrainingError) {
        guard people.allSatisfy({ $0 >= 0 }) else {
            throw .badArgument(name: "the classes", reason: "hold a number below 0")
        }
        var chips: [[Int]] = Array(repeating: [], count: (people.max() ?? -1) + 1)
        for (chip, person) in people.enumerated() { chips[person].append(chip) }
        self.mode = mode
        self.seed = seed
        photos = people.count
        switch mode {
        case .everyPhoto(let size):
            guard size >= 1 else { throw .badArgument(name: "the batch size", reason: "is \(size), below 1") }
            guard size <= people.count else {
                throw .batchTooLarge(places: size, available: people.count)
            }
            batchSize = size
            (groups, singles, singlesPerBatch) = ([], [], 0)
            batchesPerEpoch = (people.count + size - 1) / size
        case .people(let perBatch, let perPerson):
            guard perBatch >= 2, perPerson >= 2 else {
                throw .badArgument(
                    name: "a batch",
                    reason: "of \(perBatch) people × \(perPerson) photos has no pairs to compare; "
                        + "both numbers must be 2 or more")
            }
            let (size, overflow) = perBatch.multipliedReportingOverflow(by: perPerson)
            let available = chips.reduce(0) { $0 + min($1.count, perPerson) }
            guard !overflow, size <= available else {
                throw .batchTooLarge(places: overflow ? .max : size, available: available)
            }
            batchSize = size
            groups = chips.filter { $0.count >= 2 }
            singles = chips.filter { $0.count == 1 }.flatMap { $0 }
            let places = groups.reduce(0) { $0 + Self.groupPlaces($1.count, perPerson) }
            let share = size * singles.count / max(1, singles.count + places)
            singlesPerBatch = min(share, size / 4)
            // Without people of a single photo, one place may stay empty if no pair fits any more.
            let rest = size - max(singlesPerBatch, perPerson > 2 ? 1 : 0)
            batchesPerEpoch = max(1, (places + rest - 1) / rest)
        }
    }

    /// Places that all groups of a person with `photos` photos take.
    private static func groupPlaces(_ photos: Int, _ perPerson: Int) -> Int {
        photos <= perPerson ? photos : (photos + perPerson - 1) / perPerson * perPerson
    }

    /// The chips of each batch of an epoch: `batchesPerEpoch` lists of `batchSize` indices.
    ///
    /// O(photos · log photos).
    public func batches(epoch: Int) -> [[Int]] {
        var random = SeededNumbers(seed: seed, stream: Streams.batches)
        random = SeededNumbers(seed: random.next(), stream: UInt64(bitPattern: Int64(epoch)))
        switch mode {
        case .everyPhoto: return everyPhoto(&random)
        case .people(_, let perPerson): return byPeople(perPerson, &random)
        }
    }

    private func everyPhoto(_ random: inout SeededNumbers) -> [[Int]] {
        let order = (0..<photos).shuffled(using: &random)
        return (0..<batchesPerEpoch).map { batch in
            (batch * batchSize..<(batch + 1) * batchSize).map { order[$0 % photos] }
        }
    }

    private struct Group {
        var person: Int
        var chips: ArraySlice<Int>
        /// Where in the epoch it wants to be, 0..<1.
        var position: Float
    }

    /// All groups of an epoch, each person's spread evenly over it.
    private func spread(_ perPerson: Int, _ random: inout SeededNumbers) -> [Group] {
        var all: [Group] = []
        for (person, chips) in groups.enumerated() {
            var order = chips.shuffled(using: &random)
            let missing = Self.groupPlaces(order.count, perPerson) - order.count
            // Filled up from the first photos, which are in another group as there is more than one.
            order += order.prefix(missing)
            let count = min((order.count + perPerson - 1) / perPerson, batchesPerEpoch)
            let phase = random.uniform()
            for group in 0..<count {
                let part = order[group * perPerson..<min((group + 1) * perPerson, order.count)]
                all.append(
                    Group(person: person, chips: part, position: (Float(group) + phase) / Float(count)))
            }
        }
        return all.enumerated().sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }
            .map(\.element)
    }

    private func byPeople(_ perPerson: Int, _ random: inout SeededNumbers) -> [[Int]] {
        var waiting = spread(perPerson, &random)[...]
        // Groups whose person was in the batch already, or that did not fit: they come first in the next.
        var deferred: [Group] = []
        var lone = singles.shuffled(using: &random)[...]
        return (0..<batchesPerEpoch).map { _ in
            var batch: [Int] = []
            var present: Set<Int> = []
            let goal = batchSize - min(singlesPerBatch, lone.count)
            var later: [Group] = []
            for group in deferred { add(group, to: &batch, &present, goal, &later) }
            var isAnew = false
            while goal - batch.count >= (goal < batchSize ? 1 : 2) {
                if waiting.isEmpty, !isAnew {
                    // The epoch's last places: people are met once more.
                    waiting = spread(perPerson, &random)[...]
                    isAnew = true
                }
                guard let group = waiting.popFirst() else { break }
                add(group, to: &batch, &present, goal, &later)
            }
            deferred = later
            while batch.count < batchSize, let chip = lone.popFirst() { batch.append(chip) }
            if batch.count < batchSize { fill(&batch, present, perPerson, &random) }
            return batch
        }
    }

    /// Adds as much of a group as there are places for, a pair or more, and puts the rest off.
    private func add(
        _ group: Group, to batch: inout [Int], _ present: inout Set<Int>, _ goal: Int, _ later: inout [Group]
    ) {
        // A pair may take one place of those with a single photo.
        let free = goal - batch.count
        let places = min(free == 1 && goal < batchSize ? 2 : free, group.chips.count)
        guard places >= 2, present.insert(group.person).inserted else { return later.append(group) }
        batch += group.chips.prefix(places)
        var rest = group
        rest.chips = group.chips.dropFirst(places)
        // A photo alone gives no pair; it is met in another epoch.
        if rest.chips.count >= 2 { later.append(rest) }
    }

    /// Fills a batch with people who are not in it, then with further photos of people who are.
    private func fill(
        _ batch: inout [Int], _ present: Set<Int>, _ perPerson: Int, _ random: inout SeededNumbers
    ) {
        let taken = Set(batch)
        let people = groups.count + singles.count
        let start = Int.random(in: 0..<people, using: &random)
        // `init` has seen to it that everybody together fills a batch.
        for step in 0..<people where batch.count < batchSize {
            let person = (start + step) % people
            let wanted = min(perPerson, batchSize - batch.count)
            if person >= groups.count {
                let chip = singles[person - groups.count]
                if !taken.contains(chip) { batch.append(chip) }
            } else if !present.contains(person) {
                batch += groups[person].shuffled(using: &random).prefix(wanted)
            }
        }
        if batch.count < batchSize { topUp(&batch, perPerson) }
    }

    /// Brings people of whom a rest of a group is in the batch up to `perPerson` photos.
    private func topUp(_ batch: inout [Int], _ perPerson: Int) {
        let taken = Set(batch)
        for group in groups {
            let wanted = min(perPerson - group.count { taken.contains($0) }, batchSize - batch.count)
            batch += group.lazy.filter { !taken.contains($0) }.prefix(max(0, wanted))
        }
    }
}
