internal import Glibc
public import Network

/// The multi-similarity loss of Wang, Han, Huang, Dong and Scott, "Multi-similarity loss with general pair weighting
/// for deep metric learning" (2019), over all pairs of a batch.
///
/// With S the cosine of two rows: the mean over rows that have a mate of ½ log(1 + Σ exp(−2 (S − threshold))) over
/// the mates, plus the mean over rows of (1 / scale) log(1 + Σ exp(scale (S − threshold))) over the strangers. One
/// threshold stands for all rows, so that what a gallery needs is learnt: a similarity that strangers do not reach.
/// The paper's choice of pairs before weighing them is left out; the weights choose. A pair is active when it is on
/// the wrong side of the threshold; every pair is considered. O(count² × dimension).
public struct MultiSimilarityLoss: EmbeddingLoss {
    /// The cosine that is to part pairs of one person from pairs of two.
    public let threshold: Float
    /// How much more the most alike strangers of a row weigh than its others.
    public let scale: Float
    /// The same of mates, as in the paper: a soft choice, so that outliers do not rule.
    private static let mateScale: Float = 2

    /// A loss; its arguments are judged by `evaluate`, which refuses a threshold outside −1...1 and a scale that is
    /// not finite and above 0.
    public init(threshold: Float = 0.5, scale: Float = 50) {
        self.threshold = threshold
        self.scale = scale
    }

    /// None.
    public func parameters(
        dimension: Int, seed: UInt64
    ) -> [(name: String, shape: [Int], role: NetworkParameters.Role, values: [Float])] { [] }

    /// The loss and its gradient; `own` is left out of account.
    public func evaluate(
        _ rows: [Float], dimension: Int, people: [Int], own: ArraySlice<Float>, ownGradient: inout [Float],
        seed: UInt64
    ) throws(TrainingError) -> LossResult {
        guard (-1...1).contains(threshold) else {
            throw .badArgument(name: "margin", reason: "is \(threshold); it is a cosine, from −1 to 1")
        }
        guard scale > 0, scale.isFinite else {
            throw .badArgument(name: "scale", reason: "is \(scale); it must be above 0")
        }
        try checkBatch(rows, dimension: dimension, people: people)
        ownGradient.removeAll(keepingCapacity: true)
        let distances = try PairDistances(rows, dimension: dimension)
        let count = people.count
        var sizes = [Int: Int]()
        for person in people { sizes[person, default: 0] += 1 }
        let withMate = sizes.values.reduce(0) { $0 + ($1 > 1 ? $1 : 0) }
        let kinds = (
            mates: Kind(sign: -Self.mateScale, rows: withMate), strangers: Kind(sign: scale, rows: count)
        )

        var slopes = [Float](repeating: 0, count: count * count)
        var (sum, active) = (0.0, 0)
        do {
            var slope = slopes.mutableSpan
            let (d, person) = (distances.squared.span, people.span)
            for row in 0..<count {
                var parts = (mates: SoftSum(), strangers: SoftSum())
                for other in 0..<count where other != row {
                    let lead = 1 - d[row * count + other] / 2 - threshold
                    let isMate = person[other] == person[row]
                    if isMate {
                        parts.mates.add(kinds.mates.sign * lead)
                    } else {
                        parts.strangers.add(kinds.strangers.sign * lead)
                    }
                    if isMate ? lead < 0 : lead > 0, other > row { active += 1 }
                }
                sum += kinds.mates.loss(parts.mates) + kinds.strangers.loss(parts.strangers)
                for other in 0..<count where other != row {
                    let lead = 1 - d[row * count + other] / 2 - threshold
                    slope[row * count + other] =
                        person[other] == person[row]
                        ? kinds.mates.slope(lead, parts.mates) : kinds.strangers.slope(lead, parts.strangers)
                }
            }
        }
        return LossResult(
            loss: Float(sum), gradient: try distances.gradient(slopes), active: active,
            considered: count * (count - 1) / 2, isCollapsed: distances.isCollapsed)
    }
}

/// Pairs of one person, or of two: what their leads over the threshold are multiplied with, and how many rows share.
private struct Kind {
    let sign: Float
    let rows: Int

    /// A row's part of the loss.
    func loss(_ sum: SoftSum) -> Double {
        rows == 0 ? 0 : sum.logarithm / Double(abs(sign)) / Double(rows)
    }

    /// The derivative of the loss by a pair's squared distance, of which the cosine falls by half.
    func slope(_ lead: Float, _ sum: SoftSum) -> Float {
        rows == 0 ? 0 : -0.5 * (sign < 0 ? -1 : 1) * sum.share(sign * lead) / Float(rows)
    }
}

/// 1 + Σ exp(x), kept as a multiple of its largest power so that none overflows.
private struct SoftSum {
    private var largest: Float = 0
    private var rest: Double = 1

    mutating func add(_ x: Float) {
        if x <= largest {
            rest += Double(exp(x - largest))
        } else {
            rest = rest * Double(exp(largest - x)) + 1
            largest = x
        }
    }

    var logarithm: Double { Double(largest) + log(rest) }

    /// exp(x) as a share of the sum.
    func share(_ x: Float) -> Float { exp(x - largest) / Float(rest) }
}
