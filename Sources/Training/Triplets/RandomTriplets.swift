internal import Network

/// Triplets drawn by labels alone.
public struct RandomTriplets {
    /// Draws triplets of indices into `labels`.
    ///
    /// The person is uniform over those with two photos or more, anchor and positive are two different
    /// photos of the person, the negative is uniform over everybody else's photos; people with one photo
    /// are negatives only. Triplet i depends on `seed` and i alone, so a longer draw begins with a shorter
    /// one. O(labels + count).
    ///
    /// - Throws: `noNegatives` when fewer than two people are there, `noPositives` when nobody can
    ///   be an anchor, `badArgument` when `count` is negative.
    public static func draw(
        _ count: Int, labels: [some Hashable], seed: UInt64
    ) throws(TrainingError) -> [Triplet] {
        guard count >= 0 else {
            throw .badArgument(name: "triplets", reason: "are \(count); the count must be 0 or more")
        }
        let groups = Groups(labels)
        guard groups.ranges.count > 1 else { throw .noNegatives(people: groups.ranges.count) }
        let eligible = groups.ranges.filter { $0.count > 1 }
        guard !eligible.isEmpty else { throw .noPositives(people: groups.ranges.count) }
        return (0..<count).map { index in
            var random = SeededNumbers(seed: seed, stream: UInt64(index))
            let person = eligible[random.below(eligible.count)]
            let anchor = random.below(person.count)
            let other = random.below(person.count - 1)
            return Triplet(
                anchor: groups.order[person.lowerBound + anchor],
                positive: groups.order[person.lowerBound + (other < anchor ? other : other + 1)],
                negative: groups.outside(person, &random))
        }
    }
}

/// Indices of labels, brought together by label in the order of first appearance.
struct Groups {
    /// All indices; those of one label are neighbours.
    var order: [Int] = []
    /// Where in `order` each label's indices are.
    var ranges: [Range<Int>] = []
    /// The group of each index.
    var group: [Int] = []

    init<Label: Hashable>(_ labels: [Label]) {
        // A dictionary's own order differs from run to run; the groups' numbers do not.
        var numbers = [Label: Int](minimumCapacity: labels.count)
        var sizes: [Int] = []
        for label in labels {
            let number = numbers[label] ?? sizes.count
            if number == sizes.count {
                numbers[label] = number
                sizes.append(0)
            }
            sizes[number] += 1
            group.append(number)
        }
        var next: [Int] = []
        var start = 0
        for size in sizes {
            next.append(start)
            ranges.append(start..<start + size)
            start += size
        }
        order = Array(repeating: 0, count: labels.count)
        for (index, number) in group.enumerated() {
            order[next[number]] = index
            next[number] += 1
        }
    }

    /// A uniform index of another label than that of `range`.
    ///
    /// - Precondition: there is another label.
    func outside(_ range: Range<Int>, _ random: inout SeededNumbers) -> Int {
        let place = random.below(order.count - range.count)
        return order[place < range.lowerBound ? place : place + range.count]
    }
}

extension SeededNumbers {
    /// A number in 0..<bound, uniform to within bound × 2⁻⁶⁴.
    mutating func below(_ bound: Int) -> Int {
        // Not Int.random(in:using:), whose use of the generator is the standard library's to change.
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }
}
