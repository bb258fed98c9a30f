internal import Glibc

/// The probability that the best candidate of a search is the person of the probe.
///
/// By Bayes: the best similarity *s* is the mate's, where the person is enrolled and no other subject is above *s*; or
/// another subject's, where the person is enrolled and the mate is below *s*, or is a stranger. It knows the size of
/// the gallery, because the best of others grows with it, and assumes a prior: the share of probes whose person is
/// enrolled.
public struct MatchProbability: Sendable {
    private let strangers: StrangerScores
    private let mates: MateScores
    private let prior: Double

    /// - Parameters:
    ///   - strangers: the best similarity of others, for any size of the gallery.
    ///   - mates: the similarity of a probe with its own subject.
    ///   - prior: the share of probes whose person is enrolled, above 0 and below 1.
    /// - Throws: `rateOutOfRange`.
    public init(
        strangers: StrangerScores, mates: MateScores, prior: Double
    ) throws(EvaluationError) {
        guard prior > 0, prior < 1 else { throw .rateOutOfRange(prior) }
        (self.strangers, self.mates, self.prior) = (strangers, mates, prior)
    }

    /// The probability at a similarity of the best candidate, in a gallery of `size` references: 0…1.
    ///
    /// O(1): about two hundred exponentials.
    public func ofBest(_ similarity: Double, in size: Int) -> Double {
        // Among the most similar twentieth of mates there is too little data to tell one similarity from another.
        let bounded = max(-1, min(mates.highest, similarity))
        let (density, below) = strangers.densityAndShareBelow(StrangerScores.stretched(bounded), in: size)
        // Of the stretched value, so per unit of the similarity with its derivative.
        let slope = max(1e-6, 2 * abs(bounded)) / max(1e-7, 1 - bounded * abs(bounded))
        let other = density * slope
        let isMate = prior * mates.density(bounded) * below
        let isOther = (prior * mates.shareBelow(bounded) + 1 - prior) * other
        guard isMate + isOther > 0 else {
            // Beyond all that was seen: high similarities are mates', low ones nobody's.
            return mates.shareBelow(bounded) > 0.5 ? 1 : 0
        }
        return isMate / (isMate + isOther)
    }
}
