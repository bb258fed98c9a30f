/// The least threshold at which at most a share of comparisons of strangers match, and the rate it really has.
public struct FalseMatchThreshold: Sendable, Equatable {
    /// Cosine; a comparison matches at or above it.
    public let similarity: Float
    /// How many of the scores reach it.
    public let rate: MeasuredRate

    /// Finds the threshold.
    ///
    /// Complexity: O(n log n) in the impostor similarities.
    ///
    /// - Parameters:
    ///   - impostors: similarities of strangers; −∞ for a trial that gave none, which stays in the count.
    ///   - rate: the false match rate that is asked for, 0…1.
    /// - Throws: `noTrials`, `rateOutOfRange`, or `notANumber`.
    public init(impostors: [Float], rate: Double) throws(EvaluationError) {
        guard impostors.allSatisfy({ !$0.isNaN }) else { throw .notANumber }
        try self.init(sorted: impostors.sorted(by: >), rate: rate)
    }

    /// - Parameter sorted: in descending order, without NaN.
    init(sorted: [Float], rate: Double) throws(EvaluationError) {
        guard !sorted.isEmpty else { throw .noTrials(of: "comparison of strangers") }
        guard (0...1).contains(rate) else { throw .rateOutOfRange(rate) }
        let allowed = Self.allowed(rate, of: sorted.count)
        similarity = allowed == sorted.count ? max(-1, sorted[allowed - 1]) : sorted[allowed].nextUp
        let events = sorted.descendingCount(from: similarity)
        self.rate = try MeasuredRate(events: events, trials: sorted.count)
    }

    /// How many of `count` trials a rate allows; a rate such as 0.29 of 100 allows 29, whatever the last bit says.
    static func allowed(_ rate: Double, of count: Int) -> Int {
        min(count, Int((rate * Double(count) + 1e-9).rounded(.down)))
    }
}

extension [Float] {
    /// How many of these values, in descending order, are at least `limit`; O(log n).
    func descendingCount(from limit: Float) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] >= limit { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
