public import Network

/// What a loss says of a batch.
public struct LossResult: Sendable {
    /// The mean, as the loss defines it; 0 or more.
    public var loss: Float
    /// The loss's gradient by the embeddings given, count × dimension.
    public var gradient: [Float]
    /// How many triplets, pairs or samples have a loss above 0.
    public var active: Int
    /// How many triplets, pairs or samples were looked at.
    public var considered: Int
    /// Whether the batch's embeddings are, as far as can be told, equal: see `collapseSpread`.
    public var isCollapsed: Bool

    /// A batch of three rows or more is collapsed when its largest and smallest squared distance differ by
    /// less than this.
    ///
    /// Squared distances of unit vectors are within 0...4, and their rounding is below 1e-6. A network
    /// that gives every photo one embedding is at 0; two hundred random unit vectors of 128 dimensions
    /// spread over more than 1.
    public static let collapseSpread: Float = 1e-4

    /// The parts of a result.
    public init(loss: Float, gradient: [Float], active: Int, considered: Int, isCollapsed: Bool) {
        self.loss = loss
        self.gradient = gradient
        self.active = active
        self.considered = considered
        self.isCollapsed = isCollapsed
    }
}

/// What training makes small: a number for a batch of embeddings, and its gradient.
///
/// A value; safe to share between threads. Equal arguments give equal results bit for bit, whatever the
/// number of threads.
public protocol EmbeddingLoss: Sendable {
    /// The tensors that the loss itself learns, as they begin; none for most losses.
    func parameters(
        dimension: Int, seed: UInt64
    ) -> [(name: String, shape: [Int], role: NetworkParameters.Role, values: [Float])]

    /// The loss of a batch and its gradients.
    ///
    /// - Parameters:
    ///   - rows: count × dimension; unit vectors (`UnitLength`).
    ///   - dimension: the length of a row.
    ///   - people: the class of each row, from 0.
    ///   - own: the values of the loss's own tensors, one after the other.
    ///   - ownGradient: becomes the gradient by `own`.
    ///   - seed: decides random choices.
    /// - Throws: `badArgument` when counts do not fit, `notFinite` when a row holds NaN or infinity.
    func evaluate(
        _ rows: [Float], dimension: Int, people: [Int], own: ArraySlice<Float>, ownGradient: inout [Float],
        seed: UInt64
    ) throws(TrainingError) -> LossResult
}

/// Refuses a batch that is not `people.count` finite rows.
func checkBatch(_ rows: [Float], dimension: Int, people: [Int]) throws(TrainingError) {
    guard dimension > 0 else {
        throw .badArgument(name: "dimension", reason: "is \(dimension); it must be 1 or more")
    }
    guard !people.isEmpty, rows.count == people.count * dimension else {
        throw .badArgument(
            name: "batch",
            reason: "has \(rows.count) numbers; \(people.count) rows of \(dimension) are needed, at least one")
    }
    guard allFinite(rows) else { throw .notFinite(what: "embeddings") }
}

/// Whether no value is NaN or infinite.
func allFinite(_ values: [Float]) -> Bool {
    // x × 0 is NaN for exactly those values, and a sum has no branch that keeps the loop from SIMD.
    var sum = SIMD8<Float>.zero
    let span = values.span
    let whole = span.count & ~7
    for start in stride(from: 0, to: whole, by: 8) {
        var lane = SIMD8<Float>()
        for i in 0..<8 { lane[i] = span[start + i] }
        sum += lane * 0
    }
    var rest = sum.sum()
    for i in whole..<span.count { rest += span[i] * 0 }
    return rest == 0
}
