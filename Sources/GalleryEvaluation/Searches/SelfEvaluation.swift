internal import Evaluation
package import Gallery
internal import GalleryModel

/// Error rates of a gallery without probes: its own references are searched.
///
/// A reference of a subject with two or more is searched without itself (mated). Every reference is searched without
/// all of its subject (non-mated), as if that subject were a stranger.
package struct SelfEvaluation {
    private let gallery: FaceGallery
    private let settings: EvaluationSettings

    package init(of gallery: FaceGallery, _ settings: EvaluationSettings) {
        (self.gallery, self.settings) = (gallery, settings)
    }

    /// A reference that is searched.
    struct Item: Sendable {
        let id: ReferenceID
        let subject: SubjectNumber
        let name: String
        let source: String
        let template: [Float]
    }

    /// What a search for a reference without itself gave.
    struct Found: Sendable {
        var rank: Int?
        var own: Float?
        var other: ReferenceHit?
    }

    /// Searches a random sample of the references.
    package func run() throws -> IdentificationReport {
        let size = try gallery.size()
        guard size.subjects > 1 else { throw EvaluationError.tooFewSubjects(size.subjects) }
        let items = try sample()
        var counts: [SubjectNumber: Int] = [:]
        for item in items where counts[item.subject] == nil {
            counts[item.subject] = (try? gallery.references(of: item.name).count) ?? 1
        }
        let mated = items.count { counts[$0.subject] ?? 1 > 1 }
        var report = IdentificationReport(
            references: size.references, subjects: size.subjects, mated: mated, nonMated: items.count,
            matedNotAcquired: 0, nonMatedNotAcquired: 0)
        report.isSelf = true
        let index = try pass(
            items, counts, .maxSearchLoss(settings.maxSearchLoss), "searches through the index")
        report.index = index.report
        report.isComplete = index.tops.count == items.count
        var best = index
        if settings.isExact, report.isComplete {
            let exact = try pass(items, counts, .exact, "exact searches")
            report.exact = exact.report
            report.isComplete = exact.tops.count == items.count
            let both = min(index.tops.count, exact.tops.count)
            let missed = zip(index.tops, exact.tops).count { $0 < $1 }
            report.loss = (try? MeasuredRate(events: missed, trials: both)).map(SearchLoss.init)
            best = exact
        }
        report.falseMatches = best.falseMatches.entries.map(\.search)
        let threshold = best.report?.points.first { $0.target == settings.detailRate }?.threshold.value
        report.misses = best.misses.entries.filter { entry in
            guard entry.isFirst else { return true }
            guard let threshold, let similarity = entry.search.similarity else { return false }
            return Double(similarity) < threshold
        }.map(\.search)
        if !settings.groups.isEmpty, let rates = best.report?.rates,
            let threshold = try? rates.threshold(falsePositiveRate: settings.detailRate)
        {
            report.groupTarget = settings.detailRate
            report.groups = try GroupRates(
                rates, names: settings.groups.names, threshold: threshold.similarity)
        }
        return report
    }

    /// References by chance, at most as many as the settings say, in random order.
    func sample() throws -> [Item] {
        var random = RandomBits(seed: settings.seed)
        var items: [Item] = []
        var (seen, total) = (0, 0)
        try gallery.forEachReference(begin: { total = $0 }) { reference, name, template in
            // Every reference with the chance that is left: exactly as many as wanted.
            let wanted = min(settings.sample, total) - items.count
            defer { seen += 1 }
            guard seen < total, random.below(total - seen) < wanted else { return }
            items.append(
                Item(
                    id: reference.id, subject: reference.subject, name: name, source: reference.source,
                    template: template))
        }
        return items.shuffled(using: &random)
    }

    private struct Pass {
        var tops: [Float] = []
        var report: ModeReport?
        var falseMatches: WorstList
        var misses: WorstList
    }

    private func pass(
        _ items: [Item], _ counts: [SubjectNumber: Int], _ mode: SearchMode, _ name: String
    ) throws -> Pass {
        var pass = Pass(
            falseMatches: WorstList(limit: settings.worst), misses: WorstList(limit: settings.worst))
        var scores = IdentificationScores()
        let start = ContinuousClock.now
        try search(items, mode, name) { item, found in
            pass.tops.append(found.other?.similarity ?? -.infinity)
            let person = Int(item.subject)
            let group = settings.groups.group(of: item.name)
            var other: String?
            if let hit = found.other,
                !settings.groups.isEmpty || pass.falseMatches.takes(hit.similarity) || found.rank != 1
            {
                other = try gallery.subjectName(hit.subject)
            }
            let otherGroup = other.flatMap { settings.groups.group(of: $0) }
            try scores.add(
                SearchOutcome(
                    mateRank: nil, topSimilarity: found.other?.similarity, isMated: false, person: person,
                    isAcquired: true), group: group, candidateGroup: otherGroup)
            if let hit = found.other, pass.falseMatches.takes(hit.similarity) {
                pass.falseMatches.add(
                    .init(key: hit.similarity, search: try worst(item, other, hit), isFirst: false))
            }
            guard counts[item.subject] ?? 1 > 1 else { return }
            let isFirst = found.rank == 1
            let top = isFirst ? found.own : found.other?.similarity ?? found.own
            try scores.add(
                SearchOutcome(
                    mateRank: found.rank, topSimilarity: top, isMated: true, person: person,
                    mateSimilarity: found.own, isAcquired: true), group: group)
            let key = isFirst ? -1 - (found.own ?? 0) : top ?? -2
            if pass.misses.takes(key) {
                let search =
                    isFirst
                    ? WorstSearch(
                        probe: item.source, person: item.name, candidate: item.name, candidateSource: nil,
                        similarity: found.own)
                    : try worst(item, other, found.other)
                pass.misses.add(.init(key: key, search: search, isFirst: isFirst))
            }
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        guard !pass.tops.isEmpty else { return pass }
        pass.report = try ModeReport(
            IdentificationRates(scores), settings, searched: pass.tops.count, secondsPerSearch: nil,
            searchesPerSecond: Double(pass.tops.count) / max(seconds, 1e-9))
        return pass
    }

    private func worst(_ item: Item, _ other: String?, _ hit: ReferenceHit?) throws -> WorstSearch {
        WorstSearch(
            probe: item.source, person: item.name, candidate: other,
            candidateSource: try hit.flatMap { try gallery.reference($0.reference)?.source },
            similarity: hit?.similarity)
    }

    /// Searches references without themselves, until the settings ask to stop.
    func search(
        _ items: [Item], _ mode: SearchMode, _ name: String, _ body: (Item, Found) throws -> Void
    ) throws {
        let blockSize = mode == .exact ? 128 : 1_024
        let ranks = settings.ranks.max() ?? 1
        for begin in stride(from: 0, to: items.count, by: blockSize) {
            guard !settings.shouldStop() else { return }
            let block = items[begin..<min(items.count, begin + blockSize)]
            let request = SearchRequest(count: ranks + 20, mode: mode, threads: settings.threads)
            let hits = try gallery.nearestReferences(to: block.flatMap(\.template), request)
            for (item, hits) in zip(block, hits) {
                var (hits, request) = (hits, request)
                var found = Self.found(item, hits)
                // All that was fetched may be the subject's own.
                while found.other == nil, hits.count == request.count, request.count < SearchRequest.most {
                    request.count = min(4 * request.count, SearchRequest.most)
                    hits = try gallery.nearestReferences(to: item.template, request)[0]
                    found = Self.found(item, hits)
                }
                try body(item, found)
            }
            settings.progress(name, Double(begin + block.count) / Double(items.count))
        }
    }

    /// Ranks subjects by their best reference, the searched one left out.
    private static func found(_ item: Item, _ hits: [ReferenceHit]) -> Found {
        var found = Found()
        var seen: Set<SubjectNumber> = []
        for hit in hits where hit.reference != item.id && seen.insert(hit.subject).inserted {
            if hit.subject == item.subject {
                (found.rank, found.own) = (seen.count, hit.similarity)
            } else if found.other == nil {
                found.other = hit
            }
        }
        return found
    }
}
