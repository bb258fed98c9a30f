import TemplateStore
import VectorIndex

extension LocalStorage {
    /// Every pair of subjects whose best similarity reaches a threshold, best first.
    public func duplicates(_ search: DuplicateSearch) throws(GalleryError) -> DuplicateReport {
        try withState { state in
            let best = BestPairs(
                groups: state.groups, from: Cosine.leastSum(reaching: search.minSimilarity),
                limit: search.limit)
            var request = PairScan.Request(threads: search.threads) { best.least }
            request.take = { best.take($0) }
            request.progress = search.progress
            try PairScan(state.vectors, groups: state.groups).run(request)
            let (pairs, isCut) = best.finish()
            return DuplicateReport(
                pairs: try pairs.map { pair in
                    SubjectPair(
                        similarity: Cosine.settled(pair.similarity), first: try side(pair.first, state),
                        second: try side(pair.second, state))
                }, isCut: isCut, references: state.ids.count)
        }
    }

    private func side(_ row: Int, _ state: StoreState) throws(StoreError) -> SubjectPair.Side {
        let (subject, reference) = try state.reference(row, path: path)
        return SubjectPair.Side(subject: subject, reference: reference.id, source: reference.source)
    }
}
