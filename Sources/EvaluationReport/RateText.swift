package import Evaluation

/// Rates as people read them.
package enum RateText {
    /// A rate in per cent, with three digits that count at most.
    package static func percent(_ rate: Double) -> String {
        guard rate.isFinite else { return "unknown" }
        let percent = rate * 100
        let decimals: Double = abs(percent) >= 10 ? 10 : abs(percent) >= 1 ? 100 : 1_000
        let rounded = (percent * decimals).rounded() / decimals
        return (rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)") + " %"
    }

    /// A rate with its interval.
    package static func interval(_ interval: SubjectBootstrap.Interval) -> String {
        "\(percent(interval.value)) (\(number(interval.low)) to \(percent(interval.high)))"
    }

    /// A rate with the interval of independent trials.
    package static func interval(_ rate: MeasuredRate) -> String {
        "\(percent(rate.value)) (\(number(rate.interval.lowerBound)) to \(percent(rate.interval.upperBound)))"
    }

    /// A cosine with four decimals.
    package static func cosine(_ value: Double) -> String {
        let scaled = Int((max(-9, min(9, value)) * 10_000).rounded())
        let digits = String(abs(scaled) % 10_000)
        return "\(scaled < 0 ? "-" : "")\(abs(scaled) / 10_000)."
            + String(repeating: "0", count: 4 - digits.count)
            + digits
    }

    /// A time in the unit that suits it.
    package static func time(_ seconds: Double) -> String {
        let (value, unit) =
            seconds < 1e-3 ? (seconds * 1e6, "µs") : seconds < 1 ? (seconds * 1e3, "ms") : (seconds, "s")
        return "\((value * (value < 10 ? 100 : 10)).rounded() / (value < 10 ? 100 : 10)) \(unit)"
    }

    private static func number(_ rate: Double) -> String { String(percent(rate).dropLast(2)) }
}
