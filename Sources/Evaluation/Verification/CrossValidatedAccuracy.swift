/// Accuracy over folds: each fold is judged with the threshold that was best on all others.
///
/// A pair without a similarity is wrong whatever the threshold. Huang et al. 2007 (the protocol of Labeled
/// Faces in the Wild).
public struct CrossValidatedAccuracy: Sendable, Equatable {
    /// The share of pairs judged rightly, 0…1, mean over folds.
    public let mean: Double
    /// Standard error of the mean over folds.
    public let standardError: Double
    /// The mean of the thresholds that were chosen.
    public let threshold: Double
    /// How many folds there were.
    public let folds: Int

    /// Judges every fold.
    ///
    /// O(folds · n log n) in `pairs`.
    /// - Throws: `tooFewFolds`.
    public init(_ pairs: [ScoredPair]) throws(EvaluationError) {
        let folds = Set(pairs.map(\.fold)).sorted()
        guard folds.count > 1 else { throw .tooFewFolds(folds.count) }
        var accuracies: [Double] = []
        var thresholds: [Double] = []
        for fold in folds {
            let threshold = Self.bestThreshold(pairs.filter { $0.fold != fold })
            let held = pairs.filter { $0.fold == fold }
            let right = held.count { pair in
                pair.similarity.map { ($0 >= threshold) == pair.isMated } ?? false
            }
            accuracies.append(Double(right) / Double(held.count))
            thresholds.append(Double(threshold))
        }
        let count = Double(folds.count)
        let mean = accuracies.reduce(0, +) / count
        let variance = accuracies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        self.mean = mean
        standardError = (variance / count).squareRoot()
        threshold = thresholds.reduce(0, +) / count
        self.folds = folds.count
    }

    /// The threshold that judges most pairs rightly; half-way between the scores on either side of it.
    ///
    /// −∞ where calling every pair one person is best. O(n log n).
    public static func bestThreshold(_ pairs: [ScoredPair]) -> Float {
        let scored = pairs.compactMap { pair in pair.similarity.map { (similarity: $0, isMated: pair.isMated) }
        }
        .sorted { $0.similarity < $1.similarity }
        var right = scored.count(where: \.isMated)
        var best = (right: right, threshold: -Float.infinity)
        for (index, pair) in scored.enumerated() {
            right += pair.isMated ? -1 : 1
            let next = index + 1 < scored.count ? scored[index + 1].similarity : .infinity
            if right > best.right, next > pair.similarity {
                best = (right, next.isFinite ? (pair.similarity + next) / 2 : pair.similarity.nextUp)
            }
        }
        return best.threshold
    }
}
