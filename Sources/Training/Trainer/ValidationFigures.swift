/// How well a network tells people apart whom it was not trained on.
public struct ValidationFigures: Codable, Equatable, Sendable {
    /// Share of pairs judged rightly, 0…1: each fold of people with the threshold that is best on all others.
    public var accuracy: Double
    /// Standard error of `accuracy` over the folds; nil with a single fold.
    public var standardError: Double?
    /// Cosine from which a pair counts as one person's, the mean over the folds.
    public var threshold: Double
    /// Folds of people; with 1, accuracy and threshold are of the same pairs, and so too good.
    public var folds: Int
    /// Pairs of one person.
    public var samePairs: Int
    /// Pairs of two people.
    public var differentPairs: Int
    /// Share of probes whose own person is the most similar, one photo of each person enrolled.
    public var rankOne: Double
    /// Photos that were searched for `rankOne`.
    public var probes: Int
    /// People of the validation.
    public var people: Int
    /// FNIR at an FPIR of 1 %, one photo of every second person enrolled.
    ///
    /// The share of searches for enrolled people that do not return them first, at the threshold that one in a hundred
    /// searches for others reaches; the mean over ten deals of who is enrolled. Nil where there are too few searches
    /// for others (fewer than 100) to tell.
    public var falseNegativeRate: Double?
    /// The training's loss on batches of the people held out; nil if it has none for people it does not know.
    public var loss: Double?
    /// Mean cosine of the pairs of two people; nil if no pair has one.
    public var differentSimilarity: Double?
}

/// The squared distances of a validation's pairs, 0…4, for a plot.
public struct ValidationDistances: Sendable, Equatable {
    /// Of one person's photos.
    public var same: [Float]
    /// Of two people's photos.
    public var different: [Float]
}

/// A threshold with the rate at which different people reach it.
struct MeasuredThreshold: Sendable, Equatable {
    var similarity: Double
    var falseMatchRate: Double
    var pairs: Int
    /// Whether no pair reached it, so that the rate is only known to be no higher (rule of three).
    var isBound = false

    /// Pairs of two people below which no rate is measured.
    static let enoughPairs = 1000

    /// On what the rate was measured, for a card.
    func measured(people: Int) -> String {
        let all = "\(pairs) pairs of two people among \(people) held out of the training"
        return isBound ? "at most that, because none of \(all) reaches it (rule of three)" : all
    }

    /// What the user should know of a threshold from few pairs; nil if there are enough.
    func warning(people: Int) -> String? {
        guard pairs < Self.enoughPairs else { return nil }
        return
            "the threshold is based on only \(pairs) pairs of two people among \(people); hold out more people "
            + "with `validation-share` or `validation-people` (\(Self.enoughPairs) pairs or more)"
    }
}
