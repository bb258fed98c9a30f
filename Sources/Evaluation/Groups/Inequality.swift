internal import Glibc

/// How unequal an error rate is between groups, in the two summaries of NIST's reports on demographic differentials.
///
/// ISO/IEC 19795-10:2024; Grother 2022 (NIST IR 8429).
public struct Inequality: Sendable, Hashable {
    /// The Gini coefficient, scaled by n / (n − 1): 0 where all groups are alike, 1 where all errors are one group's.
    ///
    /// nil where there is no error at all.
    public let gini: Double?
    /// MXOG: the largest rate divided by the geometric mean of all; 1 where all groups are alike.
    ///
    /// nil where a rate is zero, and with it the geometric mean.
    public let maxOverGeometricMean: Double?

    /// Compares rates, 0…1; nil of fewer than two.
    public init?(_ rates: [Double]) {
        guard rates.count > 1, let largest = rates.max() else { return nil }
        let count = Double(rates.count)
        let mean = rates.reduce(0, +) / count
        var differences = 0.0
        for first in rates { for second in rates { differences += abs(first - second) } }
        gini = mean > 0 ? differences / (2 * count * count * mean) * count / (count - 1) : nil
        let logarithms = rates.reduce(0) { $0 + log($1) }
        maxOverGeometricMean = rates.contains(0) ? nil : largest / exp(logarithms / count)
    }
}
