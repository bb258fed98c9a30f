/// Why an error rate cannot be stated.
///
/// Later versions may have further cases: a `switch` outside of this package needs `@unknown default`.
@nonexhaustive public enum EvaluationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A rate of nothing: there was no trial.
    case noTrials(of: String)
    /// More events than trials, or fewer than none.
    case impossibleCount(events: Int, trials: Int)
    /// No probe shows somebody who is enrolled, so nobody can be missed.
    case noMatedSearch
    /// No probe shows a stranger, so nobody can be taken for somebody.
    case noNonMatedSearch
    /// There is no pair of one person, or none of two people.
    case noPairs(ofOnePerson: Bool)
    /// Accuracy over folds needs two folds.
    case tooFewFolds(Int)
    /// A rate that is not between 0 and 1.
    case rateOutOfRange(Double)
    /// The number of trials cannot support a rate this small.
    case rateTooSmall(asked: Double, smallest: Double, trials: Int)
    /// A similarity that is not a number.
    case notANumber
    /// A rank below 1, or beyond what was recorded.
    case rankOutOfRange(Int, most: Int)
    /// Too few scores to fit the tail of their distribution.
    case tooFewScores(count: Int, needed: Int)
    /// All scores are equal, so they have no tail.
    case noSpread(count: Int)
    /// A gallery of this many subjects cannot be searched for a stranger.
    case tooFewSubjects(Int)

    /// One line that says what is missing.
    public var description: String {
        switch self {
        case .noTrials(let what): "there is no \(what), so no rate can be stated"
        case .impossibleCount(let events, let trials): "\(events) events in \(trials) trials are impossible"
        case .noMatedSearch:
            "no probe shows anybody who is enrolled, so nobody can be missed: FNIR needs probes of enrolled people"
        case .noNonMatedSearch:
            "no probe shows a stranger, so nobody can be taken for somebody: FPIR needs probes of people who are not "
                + "enrolled"
        case .noPairs(let ofOnePerson):
            "there is no pair of \(ofOnePerson ? "one person" : "two people"); both kinds are needed"
        case .tooFewFolds(let count): "accuracy over folds needs two folds or more, and there is \(count)"
        case .rateOutOfRange(let rate): "\(rate) is no rate: it must be from 0 to 1"
        case .rateTooSmall(let asked, let smallest, let trials):
            "\(trials) trials cannot tell a rate of \(asked): the smallest that they can is \(smallest)"
        case .notANumber: "a similarity is not a number"
        case .rankOutOfRange(let rank, let most): "rank \(rank) was not recorded: ranks are 1 to \(most)"
        case .tooFewScores(let count, let needed):
            "\(count) scores are too few to say how high those of strangers become: \(needed) are needed"
        case .noSpread(let count): "all \(count) scores of strangers are equal, so nothing follows from them"
        case .tooFewSubjects(let count):
            "\(count == 1 ? "1 subject is" : "\(count) subjects are") enrolled, and two are needed"
        }
    }
}
