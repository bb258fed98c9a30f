/// A similarity with four decimals; what is none, as it is.
package func fixed(_ value: Float) -> String {
    // What comes out of a damaged file may be any number.
    guard abs(value) < 1e9 else { return "\(value)" }
    let scaled = Int((Double(value) * 10_000).rounded())
    let digits = String(abs(scaled) % 10_000)
    let padding = String(repeating: "0", count: 4 - digits.count)
    return "\(scaled < 0 ? "-" : "")\(abs(scaled) / 10_000).\(padding)\(digits)"
}

/// A threshold for people to read: four decimals at most, and no more than it has.
package func short(_ threshold: Double) -> String { "\((threshold * 10_000).rounded() / 10_000)" }
