internal import Network

/// Which triplets of a batch a triplet loss looks at.
///
/// Photos of people with one photo in the batch are negatives only.
public enum TripletMining: String, CaseIterable, Codable, Sendable {
    /// For each ordered pair of two photos of a person, a negative drawn from the seed.
    case random
    /// For each ordered pair of two photos of a person, the nearest negative that is farther than the
    /// positive; the farthest negative where none is (Schroff et al., "FaceNet", 2015).
    ///
    /// A negative so chosen beyond the margin has no loss, so among those with a loss it is the hardest with
    /// d(a,p) < d(a,n) < d(a,p) + margin. The nearest of all would let early training collapse.
    case semiHard = "semi-hard"
    /// For each photo of a person with two or more, the person's farthest photo and the nearest negative
    /// (Hermans et al., "In defense of the triplet loss", 2017: batch hard).
    case hardest
    /// Every valid triplet (Hermans et al., 2017: batch all).
    ///
    /// The gradient fades as most triplets are separated; Adam and AdaGrad do not mind, whose steps have their
    /// own scale.
    case all
}

extension TripletMining {
    /// Calls `body` with each triplet, in an order that only the arguments decide.
    ///
    /// O(count²), but for `all` as many as triplets, and for `semiHard` O(count) for each pair.
    @inline(__always)
    func forEach(
        in distances: PairDistances, people: [Int], seed: UInt64, _ body: (Int, Int, Int) -> Void
    ) {
        let count = people.count
        let groups = Groups(people)
        guard groups.ranges.count > 1 else { return }
        let d = distances.squared.span
        let (order, person) = (groups.order.span, groups.group.span)
        for anchor in 0..<count {
            let own = groups.ranges[person[anchor]]
            guard own.count > 1 else { continue }
            let row = anchor * count
            switch self {
            case .random:
                var random = SeededNumbers(seed: seed, stream: UInt64(anchor))
                for place in own where order[place] != anchor {
                    body(anchor, order[place], groups.outside(own, &random))
                }
            case .semiHard:
                for place in own where order[place] != anchor {
                    let near = d[row + order[place]]
                    var (best, farthest) = (-1, -1)
                    var (least, most) = (Float.infinity, -Float.infinity)
                    for j in 0..<count where person[j] != person[anchor] {
                        let distance = d[row + j]
                        if distance > near, distance < least { (least, best) = (distance, j) }
                        if distance > most { (most, farthest) = (distance, j) }
                    }
                    body(anchor, order[place], best < 0 ? farthest : best)
                }
            case .hardest:
                var (positive, negative) = (-1, -1)
                var (least, most) = (Float.infinity, -Float.infinity)
                for j in 0..<count where j != anchor {
                    let distance = d[row + j]
                    if person[j] == person[anchor] {
                        if distance > most { (most, positive) = (distance, j) }
                    } else if distance < least {
                        (least, negative) = (distance, j)
                    }
                }
                body(anchor, positive, negative)
            case .all:
                for place in own where order[place] != anchor {
                    for j in 0..<count where person[j] != person[anchor] { body(anchor, order[place], j) }
                }
            }
        }
    }
}
