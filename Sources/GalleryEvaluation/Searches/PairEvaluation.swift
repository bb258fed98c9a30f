package import Evaluation

/// Error rates of pairs of photos.
package struct PairReport: Sendable {
    package let pairs: Int
    package let mated: Int
    package let nonMated: Int
    /// Pairs with a photo that gave no template; they are wrong at every threshold.
    package let notAcquired: Int
    /// nil of a single fold.
    package let accuracy: CrossValidatedAccuracy?
    package let equalErrorRate: Double
    package let equalErrorThreshold: Double
    /// Of the false match rates that the number of pairs can tell.
    package let points: [VerificationRates.Point]
    /// The smallest false match rate that it can tell.
    package let smallestRate: Double

    /// The false match rates that are reported where there are pairs enough.
    package static let falseMatchRates = [1e-2, 1e-3, 1e-4]

    /// Counts.
    ///
    /// - Throws: `EvaluationError` where a kind of pair is missing.
    package init(_ scored: [ScoredPair]) throws(EvaluationError) {
        let rates = try VerificationRates(scored)
        (pairs, mated, nonMated) = (scored.count, rates.matedPairs, rates.nonMatedPairs)
        notAcquired = rates.notAcquired
        accuracy = Set(scored.map(\.fold)).count > 1 ? try CrossValidatedAccuracy(scored) : nil
        let equal = rates.equalErrorRate
        (equalErrorRate, equalErrorThreshold) = (equal.rate, Double(equal.threshold))
        smallestRate = 1 / Double(rates.nonMatedPairs)
        var points: [VerificationRates.Point] = []
        for rate in Self.falseMatchRates where rate >= smallestRate * (1 - 1e-9) {
            points.append(try rates.point(falseMatchRate: rate))
        }
        self.points = points
    }
}
