/// The cosine of two templates, of which the last bits are the work of rounding.
///
/// A sum of products of single-precision numbers misses its true value by some ten millionths, above and below: equal
/// templates would give 1.0000001, or 0.9999999 and with it less than a threshold of 1.
package enum Cosine {
    /// What rounding can do to a sum of up to 2,048 products, on either side.
    private static let rounding: Float = 1e-6

    /// A sum of products as a cosine: −1…1, and 1 where it differs from that by rounding alone.
    package static func settled(_ sum: Float) -> Float { sum >= 1 - rounding ? 1 : max(-1, sum) }

    /// The least sum whose cosine reaches a threshold of at most 1.
    package static func leastSum(reaching threshold: Float) -> Float { min(threshold, 1 - rounding) }
}
