internal import Concurrency
internal import Evaluation
internal import Gallery
internal import GalleryModel
internal import VectorIndex

/// Compares probes with every reference, and from the same products counts smaller galleries, random draws of who is
/// enrolled, fewer references a subject, and other fusion.
struct DetailPass {
    let gallery: FaceGallery
    let probes: ProbeSet
    let people: PeopleTable
    let settings: EvaluationSettings

    private static let shares = [0.1, 0.25, 0.5, 0.75]
    private static let growthDraws = 5
    /// Subjects that are kept sorted for each probe; the rest is looked at only if none of them is enrolled.
    private static let kept = 64

    /// A way to have less, or something else, enrolled.
    private struct Variant {
        let references: Int?
        let fusion: Fusion
    }

    private static let variants = [
        Variant(references: 1, fusion: .max), Variant(references: 2, fusion: .max),
        Variant(references: 4, fusion: .max), Variant(references: nil, fusion: .max),
        Variant(references: nil, fusion: .mean),
    ]

    /// What one probe gives.
    private struct Found: Sendable {
        /// For each part of the gallery: the best other subject, and whether the own one is enrolled.
        var others: [Float]
        var enrolled: [Bool]
        var own: Float?
        /// For each variant: the best other subject and the own one.
        var variants: [(other: Float, own: Float?)]
    }

    /// Compares a sample of the probes, in random order.
    func run() throws -> DetailReport? {
        let start = "galleries of other sizes"
        return try gallery.withTemplates { compared -> DetailReport? in
            let layout = SubjectLayout(compared.groups)
            let references = compared.ids.count
            guard layout.subjects > 1 else { return nil }
            let subjectOfPerson = try subjects(compared)
            var random = RandomBits(seed: settings.seed)
            let all = probes.probes.indices.shuffled(using: &random)
            let sample = Array(
                all.prefix(max(1, min(all.count, settings.detailComparisons / max(1, references)))))
            let halves = (0..<settings.draws).map {
                RandomEnrolment(seed: settings.seed, draw: $0, share: 0.5)
            }
            let growth = Self.shares.flatMap { share in
                (0..<min(Self.growthDraws, settings.draws)).map {
                    RandomEnrolment(seed: settings.seed, draw: $0, share: share)
                }
            }
            let whole = RandomEnrolment(seed: 0, draw: 0, share: 1)
            let parts = halves + growth + [whole]
            var several = 0
            for subject in 0..<layout.subjects where layout.count(of: subject) > 1 { several += 1 }
            var scores = Array(repeating: IdentificationScores(), count: parts.count)
            var variantScores = Array(repeating: IdentificationScores(), count: Self.variants.count)
            let (vectors, shouldStop) = (compared.vectors, settings.shouldStop)
            let compares = several > 0
            var done = 0
            try inOrder(sample, width: settings.threads) { [probes, people] probe -> Found? in
                guard !shouldStop(), let row = probes.probes[probe].row,
                    let products = try? vectors.products(with: Array(probes.template(row)))
                else { return nil }
                let own = people.personOfProbe[probe].flatMap { subjectOfPerson[$0] }
                return Self.found(products, layout, own: own, parts, variants: compares)
            } deliver: { probe, found in
                guard !shouldStop() else { return }
                done += 1
                let person = people.personOfProbe[probe]
                let own = person.flatMap { subjectOfPerson[$0] }
                for (place, part) in parts.enumerated() {
                    try scores[place].add(
                        Self.outcome(
                            other: found?.others[place], own: found?.own,
                            isMated: own.map { part.contains($0) } ?? false, person: person))
                }
                // All variants are about the same people: those who have several references.
                if compares, own.map({ layout.count(of: $0) > 1 }) ?? true {
                    for place in variantScores.indices {
                        try variantScores[place].add(
                            Self.outcome(
                                other: found?.variants[place].other, own: found?.variants[place].own,
                                isMated: own != nil, person: person))
                    }
                }
                settings.progress(start, Double(done) / Double(sample.count))
            }
            guard done > 0 else { return nil }
            return report(
                scores, parts, variantScores, layout, probes: done, halves: halves.count, several: several)
        }
    }

    /// The subject of each person, in the numbers of the comparison.
    private func subjects(_ compared: ComparedTemplates) throws -> [Int: Int] {
        var subjects: [Int: Int] = [:]
        for (number, person) in people.people.enumerated() where person.isEnrolled {
            // Whoever was removed meanwhile is a stranger from then on.
            guard let id = try? gallery.references(of: person.name).first?.id else { continue }
            var (low, high) = (0, compared.ids.count)
            while low < high {
                let middle = (low + high) / 2
                if compared.ids[middle] < id { low = middle + 1 } else { high = middle }
            }
            if low < compared.ids.count, compared.ids[low] == id {
                subjects[number] = Int(compared.groups[low])
            }
        }
        return subjects
    }

    private static func found(
        _ products: [Float], _ layout: SubjectLayout, own: Int?, _ parts: [RandomEnrolment], variants: Bool
    ) -> Found {
        let fused = layout.fused(products)
        let sorted = best(fused, kept)
        var found = Found(others: [], enrolled: [], own: own.map { fused[$0] }, variants: [])
        for part in parts {
            let first = sorted.first { Int($0) != own && part.contains(Int($0)) }
            if let first {
                found.others.append(fused[Int(first)])
            } else {
                var best = -Float.infinity
                for subject in fused.indices
                where subject != own && fused[subject] > best && part.contains(subject) {
                    best = fused[subject]
                }
                found.others.append(best)
            }
        }
        guard variants else { return found }
        for variant in Self.variants {
            let fused =
                variant.references == nil && variant.fusion == .max
                ? fused
                : layout.fused(products, limit: variant.references ?? .max, mean: variant.fusion == .mean)
            var other = -Float.infinity
            for subject in fused.indices where subject != own { other = max(other, fused[subject]) }
            found.variants.append((other, own.map { fused[$0] }))
        }
        return found
    }

    /// The subjects with the highest similarities, descending.
    private static func best(_ fused: [Float], _ count: Int) -> [Int32] {
        var best: [Int32] = []
        var least = -Float.infinity
        for subject in fused.indices where fused[subject] > least || best.count < count {
            best.append(Int32(subject))
            // Sorted only now and then: most subjects are never near the first.
            if best.count == 2 * count {
                best.sort { fused[Int($0)] > fused[Int($1)] }
                best.removeLast(count)
                least = fused[Int(best[count - 1])]
            }
        }
        best.sort { fused[Int($0)] > fused[Int($1)] }
        return Array(best.prefix(count))
    }

    /// A tie goes to the other subject.
    private static func outcome(other: Float?, own: Float?, isMated: Bool, person: Int?) -> SearchOutcome {
        guard let other else { return .notAcquired(isMated: isMated, person: person) }
        guard isMated, let own else {
            return SearchOutcome(
                mateRank: nil, topSimilarity: other.isFinite ? other : nil, isMated: isMated, person: person,
                isAcquired: true)
        }
        return SearchOutcome(
            mateRank: own > other ? 1 : 2, topSimilarity: max(own, other), isMated: true, person: person,
            isAcquired: true)
    }

    private func report(
        _ scores: [IdentificationScores], _ parts: [RandomEnrolment], _ variantScores: [IdentificationScores],
        _ layout: SubjectLayout, probes: Int, halves: Int, several: Int
    ) -> DetailReport {
        var growth: [GrowthPoint] = []
        for share in Self.shares + [1] {
            let places = parts.indices.filter { $0 >= halves && parts[$0].share == share }
            if let point = point(places.map { scores[$0] }, share, layout.subjects) { growth.append(point) }
        }
        let variants = Self.variants.indices.compactMap { place -> ReferenceVariant? in
            let variant = Self.variants[place]
            let rates = IdentificationRates(variantScores[place])
            guard let rankOne = try? rates.hitRate(rank: 1).value else { return nil }
            let threshold = try? rates.threshold(falsePositiveRate: settings.detailRate).similarity
            return ReferenceVariant(
                references: variant.references, fusion: variant.fusion.rawValue, mated: rates.matedCount,
                nonMated: rates.nonMatedCount, rankOne: rankOne,
                falseNegativeRate: threshold.flatMap { try? rates.falseNegativeRate(threshold: $0).value })
        }
        return DetailReport(
            probes: probes, growth: growth,
            halves: point(Array(scores.prefix(halves)), 0.5, layout.subjects), variants: variants,
            subjectsWithSeveral: several)
    }

    /// The mean of several draws; nil where none has enough searches.
    private func point(_ draws: [IdentificationScores], _ share: Double, _ subjects: Int) -> GrowthPoint? {
        var (missed, thresholds): ([Double], [Double]) = ([], [])
        for draw in draws {
            let rates = IdentificationRates(draw)
            guard let found = try? rates.threshold(falsePositiveRate: settings.detailRate),
                let rate = try? rates.falseNegativeRate(threshold: found.similarity)
            else { continue }
            missed.append(rate.value)
            thresholds.append(Double(found.similarity))
        }
        guard !missed.isEmpty, let first = draws.first else { return nil }
        let count = Double(missed.count)
        let mean = missed.reduce(0, +) / count
        let squares = missed.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return GrowthPoint(
            share: share, subjects: Int((share * Double(subjects)).rounded()), draws: missed.count,
            falseNegativeRate: mean, deviation: missed.count > 1 ? (squares / (count - 1)).squareRoot() : nil,
            threshold: thresholds.reduce(0, +) / count, mated: first.matedCount, nonMated: first.nonMatedCount)
    }
}
