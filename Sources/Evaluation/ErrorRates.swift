/// How often something happened among trials, with the interval that the number of trials allows.
package struct MeasuredRate: Sendable, Equatable {
    package let events: Int
    package let trials: Int

    package init(events: Int, trials: Int) {
        precondition(trials > 0 && (0...trials).contains(events), "\(events) events in \(trials) trials")
        self.events = events
        self.trials = trials
    }

    /// Events among trials, 0…1.
    package var value: Double { Double(events) / Double(trials) }

    /// The 95 % interval for independent trials.
    ///
    /// Wilson 1927, which holds for small counts and for none at all.
    package var interval: ClosedRange<Double> {
        let z = 1.959964
        let n = Double(trials)
        let centre = value + z * z / (2 * n)
        let spread = z * (value * (1 - value) / n + z * z / (4 * n * n)).squareRoot()
        let scale = 1 + z * z / n
        return max(0, (centre - spread) / scale)...min(1, (centre + spread) / scale)
    }
}

/// The least threshold at which at most a share of impostor comparisons match, and the rate it really has.
package struct FalseMatchThreshold: Sendable, Equatable {
    /// Cosine; a comparison matches at or above it.
    package let similarity: Float
    package let rate: MeasuredRate

    /// Complexity: O(n log n) in the impostor similarities, which must not be empty.
    ///
    /// - Parameter rate: the false match rate that is asked for, 0…1.
    package init(impostors: [Float], rate: Double) {
        precondition(
            !impostors.isEmpty && (0...1).contains(rate), "impostors and a rate from 0 to 1 are needed")
        let sorted = impostors.sorted(by: >)
        let allowed = min(Int(rate * Double(sorted.count)), sorted.count)
        let similarity = allowed == sorted.count ? sorted[allowed - 1] : sorted[allowed].nextUp
        self.similarity = similarity
        self.rate = MeasuredRate(events: sorted.count { $0 >= similarity }, trials: sorted.count)
    }
}

/// What one search of a gallery gave, for the error rates of NIST FRTE 1:N.
package struct SearchOutcome: Sendable {
    /// Rank of the probe's own subject, from 1; `nil` for a non-mated search, or a mate that is not in the answer.
    package let mateRank: Int?
    /// Similarity of the candidate at rank one; `nil` if no face was found.
    package let topSimilarity: Float?
    package let isMated: Bool

    package init(mateRank: Int?, topSimilarity: Float?, isMated: Bool) {
        self.mateRank = mateRank
        self.topSimilarity = topSimilarity
        self.isMated = isMated
    }
}

/// Error rates of identification.
package enum IdentificationRates {
    /// The share of mated searches whose subject is among the first `rank` candidates (CMC at that rank).
    ///
    /// Photos in which no face was found count as searches that failed.
    package static func hitRate(_ searches: [SearchOutcome], rank: Int) -> MeasuredRate {
        let mated = searches.filter(\.isMated)
        return MeasuredRate(
            events: mated.count { $0.mateRank.map { $0 <= rank } ?? false }, trials: mated.count)
    }

    /// FPIR: the share of non-mated searches that return a candidate at or above a threshold.
    package static func falsePositiveRate(_ searches: [SearchOutcome], threshold: Float) -> MeasuredRate {
        let nonMated = searches.filter { !$0.isMated }
        return MeasuredRate(
            events: nonMated.count { $0.topSimilarity.map { $0 >= threshold } ?? false }, trials: nonMated.count
        )
    }

    /// FNIR: the share of mated searches whose subject is not at rank one at or above a threshold.
    package static func falseNegativeRate(_ searches: [SearchOutcome], threshold: Float) -> MeasuredRate {
        let mated = searches.filter(\.isMated)
        let missed = mated.count { search in
            search.mateRank != 1 || search.topSimilarity.map { $0 < threshold } ?? true
        }
        return MeasuredRate(events: missed, trials: mated.count)
    }
}
