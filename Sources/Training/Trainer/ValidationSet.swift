internal import Evaluation
internal import Network

/// The pairs and searches that judge a network after each epoch: always the same of a seed.
struct ValidationSet: Sendable {
    /// Two photos, by index.
    struct Pair: Sendable, Hashable {
        let first: Int
        let second: Int
        let isMated: Bool
        let fold: Int
    }

    /// As many of one person as of two, in each fold.
    let pairs: [Pair]
    /// Folds that share no person.
    let folds: Int
    /// One photo of each person.
    let enrolled: [Int]
    /// Other photos of those people.
    let probes: [Int]
    private let people: [Int]
    private let openSet: OpenSet

    /// Draws pairs and probes.
    ///
    /// - Parameters:
    ///   - people: whose photo each one is.
    ///   - limit: the most pairs of a kind, and the most probes.
    /// - Throws: `tooFew` without two people, or without two photos of one.
    init(people: [Int], seed: UInt64, limit: Int = 3000) throws(TrainingError) {
        self.people = people
        var random = SeededNumbers(seed: seed, stream: 0x7661_6c69_6461_7465)
        let photos = Dictionary(grouping: people.indices, by: { people[$0] })
        let names = photos.keys.sorted().shuffled(using: &random)
        let remedy = "hold out more people with `validation-share` or `validation-people`"
        guard names.count >= 2 else {
            throw .tooFew(what: "validation needs two people, \(names.count) is held out", remedy: remedy)
        }
        let repeated = names.filter { (photos[$0]?.count ?? 0) >= 2 }
        guard !repeated.isEmpty else {
            throw .tooFew(what: "none of the people held out has two photos", remedy: remedy)
        }
        // A fold needs two people to have a pair of two; only folds that have both kinds are counted.
        let wanted = names.count < 4 ? 1 : min(10, names.count / 2)
        var pairs: [Pair] = []
        var kept = 0
        // People with two photos are dealt out first, so that they are in all folds.
        let dealt = repeated + names.filter { (photos[$0]?.count ?? 0) < 2 }
        for fold in 0..<wanted {
            let members = stride(from: fold, to: dealt.count, by: wanted).map { photos[dealt[$0]] ?? [] }
            let both = Self.balanced(members, limit: max(1, limit / wanted), fold: kept, random: &random)
            guard !both.isEmpty else { continue }
            pairs += both
            kept += 1
        }
        self.pairs = pairs
        folds = kept
        var enrolled: [Int] = []
        var probes: [Int] = []
        for name in names {
            let own = (photos[name] ?? []).shuffled(using: &random)
            enrolled += own.prefix(1)
            probes += own.dropFirst()
        }
        self.enrolled = enrolled
        self.probes = Array(probes.shuffled(using: &random).prefix(limit))
        openSet = OpenSet(people: people, enrolled: enrolled, probes: self.probes, random: &random)
    }

    /// As many pairs of one person as of two, none twice; each person is as likely as any other.
    private static func balanced(
        _ members: [[Int]], limit: Int, fold: Int, random: inout SeededNumbers
    ) -> [Pair] {
        let repeated = members.filter { $0.count >= 2 }
        guard members.count >= 2, !repeated.isEmpty else { return [] }
        var (same, different): (Set<Pair>, Set<Pair>) = ([], [])
        var (sameList, differentList): ([Pair], [Pair]) = ([], [])
        func pair(_ a: Int, _ b: Int, _ isMated: Bool) -> Pair {
            Pair(first: min(a, b), second: max(a, b), isMated: isMated, fold: fold)
        }
        for _ in 0..<limit * 8 where sameList.count < limit {
            let own = repeated[Int(random.next() % UInt64(repeated.count))]
            let first = Int(random.next() % UInt64(own.count))
            let second = (first + 1 + Int(random.next() % UInt64(own.count - 1))) % own.count
            let new = pair(own[first], own[second], true)
            if same.insert(new).inserted { sameList.append(new) }
        }
        for _ in 0..<limit * 8 where differentList.count < sameList.count {
            let first = Int(random.next() % UInt64(members.count))
            let second = (first + 1 + Int(random.next() % UInt64(members.count - 1))) % members.count
            let (a, b) = (members[first], members[second])
            let new = pair(
                a[Int(random.next() % UInt64(a.count))], b[Int(random.next() % UInt64(b.count))], false)
            if different.insert(new).inserted { differentList.append(new) }
        }
        let count = min(sameList.count, differentList.count)
        return Array(sameList.prefix(count) + differentList.prefix(count))
    }

    /// The figures of templates, one a photo, of unit length; nil if the network gave none.
    func figures(
        _ templates: [[Float]?]
    ) throws(TrainingError) -> (ValidationFigures, ValidationDistances) {
        let scored = pairs.map { pair in
            ScoredPair(
                similarity: Self.similarity(templates[pair.first], templates[pair.second]),
                isMated: pair.isMated, fold: pair.fold)
        }
        var (accuracy, deviation, threshold): (Double, Double?, Double)
        if folds > 1, let measured = try? CrossValidatedAccuracy(scored) {
            (accuracy, deviation, threshold) = (measured.mean, measured.standardError, measured.threshold)
        } else {
            let best = CrossValidatedAccuracy.bestThreshold(scored)
            let right = scored.count { pair in pair.similarity.map { ($0 >= best) == pair.isMated } ?? false }
            (accuracy, deviation, threshold) = (Double(right) / Double(max(1, scored.count)), nil, Double(best))
        }
        // Where no threshold helps, the best is infinite, which JSON cannot say.
        threshold = threshold.isNaN ? 0 : max(-1, min(1, threshold))
        let found = probes.count { isFound($0, templates) }
        let figures = ValidationFigures(
            accuracy: accuracy, standardError: deviation, threshold: threshold, folds: folds,
            samePairs: pairs.count(where: \.isMated), differentPairs: pairs.count { !$0.isMated },
            rankOne: Double(found) / Double(max(1, probes.count)), probes: probes.count, people: enrolled.count,
            falseNegativeRate: try openSet.falseNegativeRate(templates))
        func distances(_ isMated: Bool) -> [Float] {
            scored.compactMap { pair in
                pair.isMated == isMated ? pair.similarity.map { max(0, 2 - 2 * $0) } : nil
            }
        }
        return (figures, ValidationDistances(same: distances(true), different: distances(false)))
    }

    /// The threshold that different people reach once in a thousand comparisons, or as rarely as `pairs` can tell.
    ///
    /// All pairs of two people among at most 600 photos are compared; nil if there is none.
    func threshold(_ templates: [[Float]?]) -> MeasuredThreshold? {
        let shown = Array((enrolled + probes).prefix(600))
        var impostors: [Float] = []
        for (place, first) in shown.enumerated() {
            for second in shown[(place + 1)...] where people[first] != people[second] {
                if let similarity = Self.similarity(templates[first], templates[second]) {
                    impostors.append(similarity)
                }
            }
        }
        guard let highest = impostors.max() else { return nil }
        if impostors.count < MeasuredThreshold.enoughPairs {
            let similarity = max(-1, min(1, Double(highest.nextUp)))
            // Where templates of two people are alike, no cosine keeps them apart.
            let reached = impostors.count { Double($0) >= similarity }
            let count = Double(impostors.count)
            return MeasuredThreshold(
                similarity: similarity, falseMatchRate: min(1, max(3, Double(reached)) / count),
                pairs: impostors.count, isBound: reached == 0)
        }
        // Below three expected events a rate is not measured but guessed.
        let rate = min(1, max(1e-3, 3 / Double(impostors.count)))
        guard let found = try? FalseMatchThreshold(impostors: impostors, rate: rate) else { return nil }
        return MeasuredThreshold(
            similarity: Double(max(-1, min(1, found.similarity))), falseMatchRate: found.rate.value,
            pairs: impostors.count)
    }

    private func isFound(_ probe: Int, _ templates: [[Float]?]) -> Bool {
        guard let own = enrolled.first(where: { people[$0] == people[probe] }),
            let mate = Self.similarity(templates[probe], templates[own])
        else { return false }
        // A tie is a miss: a network that gives one template to all would find everyone else.
        return !enrolled.contains { other in
            other != own && (Self.similarity(templates[probe], templates[other]) ?? -2) >= mate
        }
    }

    private static func similarity(_ a: [Float]?, _ b: [Float]?) -> Float? {
        guard let a, let b else { return nil }
        var sum: Float = 0
        for place in a.indices { sum += a[place] * b[place] }
        return sum.isFinite ? sum : nil
    }
}
