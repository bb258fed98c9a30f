import GalleryModel

/// A subject with its fused similarity to a probe.
struct RankedSubject: Equatable {
    let subject: SubjectNumber
    var similarity: Float
    let bestReference: ReferenceID
}

/// Turns the nearest references of a probe into the nearest subjects.
///
/// References come in descending similarity, as many as were asked for. No fusion rule can lift a subject above
/// its best reference, so the ranking is final as soon as its k-th subject reaches the last reference seen: the
/// bound of Fagin, Lotem and Naor 2003 ("Optimal aggregation algorithms for middleware").
struct SubjectRanking {
    let fusion: Fusion
    let count: Int

    /// The first `count` subjects among these hits, and whether further hits could change them.
    ///
    /// - Parameters:
    ///   - hits: in descending similarity.
    ///   - isComplete: whether there are no further hits.
    ///   - mean: the mean similarity of the probe to all references of a subject.
    func rank(
        _ hits: [ReferenceHit], isComplete: Bool, mean: (SubjectNumber) throws(StoreError) -> Float
    ) throws(StoreError) -> (subjects: [RankedSubject], isFinal: Bool) {
        var seen: Set<SubjectNumber> = []
        var subjects: [RankedSubject] = []
        for hit in hits where seen.insert(hit.subject).inserted {
            subjects.append(
                RankedSubject(subject: hit.subject, similarity: hit.similarity, bestReference: hit.reference))
        }
        if fusion == .mean {
            for place in subjects.indices {
                subjects[place].similarity = Cosine.settled(try mean(subjects[place].subject))
            }
            subjects.sort { ($0.similarity, $1.bestReference) > ($1.similarity, $0.bestReference) }
        }
        let isFinal =
            isComplete
            || subjects.count >= count
                && subjects[count - 1].similarity >= (hits.last?.similarity ?? -.infinity)
        return (Array(subjects.prefix(count)), isFinal)
    }
}
