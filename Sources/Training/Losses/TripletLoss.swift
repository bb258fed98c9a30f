public import Network

/// The triplet loss of FaceNet (Schroff, Kalenichenko and Philbin, 2015).
///
/// The mean of max(d(a,p) − d(a,n) + margin, 0), d the squared Euclidean distance of unit vectors (0...4),
/// over the triplets that `mining` looks at. A batch without a triplet (one person, or one photo of each)
/// has loss and gradient 0 and considers none.
public struct TripletLoss: EmbeddingLoss {
    /// How much farther a negative is to be than the positive, as squared distance.
    public let margin: Float
    /// Which triplets are looked at.
    public let mining: TripletMining

    /// A loss; `margin` is judged by `evaluate`, which refuses one that is not finite and above 0.
    public init(margin: Float = 0.2, mining: TripletMining = .semiHard) {
        self.margin = margin
        self.mining = mining
    }

    /// None.
    public func parameters(
        dimension: Int, seed: UInt64
    ) -> [(name: String, shape: [Int], role: NetworkParameters.Role, values: [Float])] { [] }

    /// The triplets that `evaluate` looks at, with or without a loss; errors as there.
    public func triplets(
        _ rows: [Float], dimension: Int, people: [Int], seed: UInt64
    ) throws(TrainingError) -> [Triplet] {
        let distances = try check(rows, dimension: dimension, people: people)
        var found: [Triplet] = []
        mining.forEach(in: distances, people: people, seed: seed) {
            found.append(Triplet(anchor: $0, positive: $1, negative: $2))
        }
        return found
    }

    /// The loss and its gradient; `own` is left out of account.
    public func evaluate(
        _ rows: [Float], dimension: Int, people: [Int], own: ArraySlice<Float>, ownGradient: inout [Float],
        seed: UInt64
    ) throws(TrainingError) -> LossResult {
        let distances = try check(rows, dimension: dimension, people: people)
        let count = people.count
        var slopes = [Float](repeating: 0, count: count * count)
        var (sum, active, considered) = (0.0, 0, 0)
        do {
            var slope = slopes.mutableSpan
            let d = distances.squared.span
            mining.forEach(in: distances, people: people, seed: seed) { anchor, positive, negative in
                let row = anchor * count
                let loss = d[row + positive] - d[row + negative] + margin
                considered += 1
                guard loss > 0 else { return }
                active += 1
                sum += Double(loss)
                slope[row + positive] += 1
                slope[row + negative] -= 1
            }
        }
        ownGradient.removeAll(keepingCapacity: true)
        guard active > 0 else {
            return LossResult(
                loss: 0, gradient: Array(repeating: 0, count: rows.count), active: 0, considered: considered,
                isCollapsed: distances.isCollapsed)
        }
        // Whole counts until here, so no order of triplets rounds differently.
        for i in slopes.indices { slopes[i] /= Float(considered) }
        return LossResult(
            loss: Float(sum / Double(considered)), gradient: try distances.gradient(slopes), active: active,
            considered: considered, isCollapsed: distances.isCollapsed)
    }

    private func check(
        _ rows: [Float], dimension: Int, people: [Int]
    ) throws(TrainingError) -> PairDistances {
        guard margin > 0, margin.isFinite else {
            throw .badArgument(name: "margin", reason: "is \(margin); it must be above 0")
        }
        try checkBatch(rows, dimension: dimension, people: people)
        return try PairDistances(rows, dimension: dimension)
    }
}
