import GalleryModel
import VectorIndex

/// One search for people who are enrolled twice.
struct DuplicateFinder {
    let templates: ComparedTemplates

    /// Every pair of subjects whose best similarity reaches a threshold, best first.
    func report(_ search: DuplicateSearch) throws -> DuplicateReport {
        let best = BestPairs(
            groups: templates.groups, from: Cosine.leastSum(reaching: search.minSimilarity),
            limit: search.limit)
        var request = PairScan.Request(threads: search.threads) { best.least }
        request.take = { best.take($0) }
        request.progress = search.progress
        try templates.scan(request, until: search.cancellation)
        let (pairs, isCut) = best.finish()
        return DuplicateReport(
            pairs: try pairs.map { pair in
                SubjectPair(
                    similarity: Cosine.settled(pair.similarity), first: try side(pair.first),
                    second: try side(pair.second))
            }, isCut: isCut, references: templates.ids.count)
    }

    private func side(_ row: Int) throws(StoreError) -> SubjectPair.Side {
        let (subject, reference) = try templates.reference(row)
        return SubjectPair.Side(subject: subject, reference: reference.id, source: reference.source)
    }
}
