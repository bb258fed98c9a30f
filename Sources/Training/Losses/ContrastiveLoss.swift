public import Network

/// The contrastive loss of Hadsell, Chopra and LeCun, "Dimensionality reduction by learning an invariant
/// mapping" (2006), over all pairs of a batch.
///
/// Half the mean of ½d² over the pairs of one person plus half the mean of ½max(margin − d, 0)² over the
/// pairs of two, d the Euclidean distance (0...2 for unit vectors). The two kinds weigh the same however few
/// the pairs of one person are; a kind without pairs adds 0.
public struct ContrastiveLoss: EmbeddingLoss {
    /// The distance from which two people's photos are far enough apart.
    public let margin: Float

    /// A loss; `margin` is judged by `evaluate`, which refuses one that is not finite and above 0.
    public init(margin: Float = 1.0) { self.margin = margin }

    /// None.
    public func parameters(
        dimension: Int, seed: UInt64
    ) -> [(name: String, shape: [Int], role: NetworkParameters.Role, values: [Float])] { [] }

    /// The loss and its gradient; `own` is left out of account.
    public func evaluate(
        _ rows: [Float], dimension: Int, people: [Int], own: ArraySlice<Float>, ownGradient: inout [Float],
        seed: UInt64
    ) throws(TrainingError) -> LossResult {
        guard margin > 0, margin.isFinite else {
            throw .badArgument(name: "margin", reason: "is \(margin); it must be above 0")
        }
        try checkBatch(rows, dimension: dimension, people: people)
        ownGradient.removeAll(keepingCapacity: true)
        let distances = try PairDistances(rows, dimension: dimension)
        let count = people.count
        var sizes = [Int: Int]()
        for person in people { sizes[person, default: 0] += 1 }
        let considered = count * (count - 1) / 2
        let same = sizes.values.reduce(0) { $0 + $1 * ($1 - 1) / 2 }
        let shareOfSame = 0.5 / Float(max(same, 1))
        let shareOfDifferent = 0.5 / Float(max(considered - same, 1))

        var slopes = [Float](repeating: 0, count: count * count)
        var (sum, active) = (0.0, 0)
        do {
            var slope = slopes.mutableSpan
            let (d, person) = (distances.squared.span, people.span)
            for i in 0..<count {
                for j in i + 1..<max(count, i + 1) {
                    let squared = d[i * count + j]
                    if person[i] == person[j] {
                        guard squared > 0 else { continue }
                        sum += Double(0.5 * squared * shareOfSame)
                        slope[i * count + j] = 0.5 * shareOfSame
                    } else {
                        // Equal rows have no direction to part in; a floor at the distances' rounding
                        // keeps the slope finite.
                        let distance = max(squared, 1e-8).squareRoot()
                        let lack = margin - distance
                        guard lack > 0 else { continue }
                        sum += Double(0.5 * lack * lack * shareOfDifferent)
                        slope[i * count + j] = -0.5 * lack / distance * shareOfDifferent
                    }
                    active += 1
                }
            }
        }
        return LossResult(
            loss: Float(sum), gradient: try distances.gradient(slopes), active: active, considered: considered,
            isCollapsed: distances.isCollapsed)
    }
}
