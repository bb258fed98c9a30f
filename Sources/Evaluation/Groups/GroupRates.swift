/// Error rates of groups of people at one threshold, and how unequal they are.
///
/// Rates of a group are stated only where the group is large enough to say anything.
public struct GroupRates: Sendable {
    /// A group's searches at the threshold.
    public struct Group: Sendable, Hashable {
        /// The group's name.
        public let name: String
        /// FPIR of its strangers; nil where there is none.
        public let falsePositives: MeasuredRate?
        /// FNIR of its enrolled people; nil where none of them was searched.
        public let falseNegatives: MeasuredRate?
        /// Whether its FPIR says anything: 3 false positives would be expected at the rate of all, and at least 30
        /// searches were made.
        public let isFalsePositiveRateKnown: Bool
        /// Whether its FNIR says anything: at least 30 searches, of at least 10 people.
        public let isFalseNegativeRateKnown: Bool
        /// People of the group that were searched.
        public let people: Int
    }

    /// Cosine at which candidates count.
    public let threshold: Float
    /// In the order of their names.
    public let groups: [Group]
    /// False positives by the group of the probe (first) and of the candidate (second), in the order of `groups`; at
    /// the end of each row and column those of nobody's group.
    public let crossGroupFalsePositives: [[Int]]
    /// Inequality of the FPIR of groups that are large enough.
    public let falsePositiveInequality: Inequality?
    /// Inequality of the FNIR of groups that are large enough.
    public let falseNegativeInequality: Inequality?

    /// Counts the searches of each group.
    ///
    /// O(n + groups²).
    /// - Parameter names: the name of each group number.
    /// - Throws: `noNonMatedSearch`.
    public init(_ rates: IdentificationRates, names: [String], threshold: Float) throws(EvaluationError) {
        let overall = try rates.falsePositiveRate(threshold: threshold).value
        let count = names.count
        var (trials, events) = ([Int](repeating: 0, count: count), [Int](repeating: 0, count: count))
        var (matedTrials, missed) = (trials, trials)
        var people = [Set<Int32>](repeating: [], count: count)
        var matedPeople = people
        var cross = [[Int]](repeating: [Int](repeating: 0, count: count + 1), count: count + 1)
        func place(_ group: Int16) -> Int { (0..<count).contains(Int(group)) ? Int(group) : count }
        for search in rates.nonMated {
            let isEvent = search.score >= threshold
            let own = place(search.group)
            if isEvent { cross[own][place(search.candidateGroup)] += 1 }
            guard own < count else { continue }
            people[own].insert(search.person)
            trials[own] += 1
            if isEvent { events[own] += 1 }
        }
        for search in rates.mated {
            let own = place(search.group)
            guard own < count else { continue }
            matedPeople[own].insert(search.person)
            matedTrials[own] += 1
            if !(search.score >= threshold && search.score > -.infinity) { missed[own] += 1 }
        }
        var groups: [Group] = []
        for group in 0..<count {
            groups.append(
                Group(
                    name: names[group],
                    falsePositives: try? MeasuredRate(events: events[group], trials: trials[group]),
                    falseNegatives: try? MeasuredRate(events: missed[group], trials: matedTrials[group]),
                    isFalsePositiveRateKnown: trials[group] >= 30 && Double(trials[group]) * overall >= 3,
                    isFalseNegativeRateKnown: matedTrials[group] >= 30 && matedPeople[group].count >= 10,
                    people: people[group].count + matedPeople[group].count))
        }
        self.threshold = threshold
        self.groups = groups
        crossGroupFalsePositives = cross
        falsePositiveInequality = Inequality(
            groups.filter(\.isFalsePositiveRateKnown).compactMap { $0.falsePositives?.value })
        falseNegativeInequality = Inequality(
            groups.filter(\.isFalseNegativeRateKnown).compactMap { $0.falseNegatives?.value })
    }
}
