/// The similarity of a pair and what it truly is.
package struct ScoredPair: Sendable {
    /// Cosine, −1…1; `nil` if a photo gave no template.
    package let similarity: Float?
    package let isMated: Bool
    package let fold: Int

    package init(similarity: Float?, isMated: Bool, fold: Int = 0) {
        self.similarity = similarity
        self.isMated = isMated
        self.fold = fold
    }
}

/// Accuracy over folds: each fold is judged with the threshold that was best on all others.
///
/// A pair without a similarity is wrong whatever the threshold. Huang et al. 2007 (the protocol of Labeled
/// Faces in the Wild).
package struct CrossValidatedAccuracy: Sendable {
    /// The share of pairs judged rightly, 0…1, mean over folds.
    package let mean: Double
    /// Standard error of the mean over folds.
    package let standardError: Double
    /// The mean of the thresholds that were chosen.
    package let threshold: Double

    /// O(folds · n log n) in `pairs`, which must hold at least two folds.
    package init(_ pairs: [ScoredPair]) {
        let folds = Set(pairs.map(\.fold)).sorted()
        precondition(folds.count > 1, "accuracy over folds needs at least two folds")
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
    }

    /// The threshold that judges most pairs rightly; half-way between the scores on either side of it.
    package static func bestThreshold(_ pairs: [ScoredPair]) -> Float {
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
