package import Evaluation

/// What searches in one mode gave.
package struct ModeReport: Sendable {
    package let rates: IdentificationRates
    /// Rank and hit rate.
    package let hits: [(rank: Int, rate: MeasuredRate)]
    package let rankOne: SubjectBootstrap.Interval?
    /// Of the rates that the number of strangers can tell, descending by FPIR.
    package let points: [SubjectBootstrap.OperatingPoint]
    package let curve: [IdentificationRates.TradeOff]
    package let histogram: IdentificationRates.Histogram
    /// Probes that were searched.
    package let searched: Int
    /// The median of searches one by one, on one thread.
    package let secondsPerSearch: Double?
    /// Searches a second of all threads together.
    package let searchesPerSecond: Double
}

/// Searches whose answers differ between index and exact search.
package struct SearchLoss: Sendable {
    /// Searches whose best similarity the index did not find, of those that were searched both ways.
    package let missed: MeasuredRate
}

/// FNIR of galleries of one size, drawn several times from the subjects.
package struct GrowthPoint: Sendable {
    /// Share of the subjects that is enrolled, 0…1.
    package let share: Double
    package let subjects: Int
    /// Draws of which FNIR is known; the others had too few strangers.
    package let draws: Int
    /// Mean over the draws.
    package let falseNegativeRate: Double
    /// Standard deviation of a single draw; nil of one.
    package let deviation: Double?
    /// Mean over the draws.
    package let threshold: Double
    /// Searches of the first draw.
    package let mated: Int
    package let nonMated: Int
}

/// Error rates with some of the references, or fused otherwise.
package struct ReferenceVariant: Sendable {
    /// References of each subject at most; nil for all.
    package let references: Int?
    package let fusion: String
    package let mated: Int
    package let nonMated: Int
    package let rankOne: Double
    /// nil where there are too few strangers.
    package let falseNegativeRate: Double?
}

/// A search that went wrong, for a person to look at.
package struct WorstSearch: Sendable {
    package let probe: String
    /// Whom the probe shows; nil for a stranger without a name.
    package let person: String?
    /// The candidate at rank one; nil where no template could be made.
    package let candidate: String?
    /// Where the candidate's most similar reference came from.
    package let candidateSource: String?
    package let similarity: Float?
}

/// The details that only exact comparisons with everybody give.
package struct DetailReport: Sendable {
    /// Probes that were compared, of all.
    package let probes: Int
    /// By ascending size.
    package let growth: [GrowthPoint]
    /// Random halves of the subjects; nil where too few strangers are among them.
    package let halves: GrowthPoint?
    package let variants: [ReferenceVariant]
    /// Subjects with two references or more, whose probes the variants are about.
    package let subjectsWithSeveral: Int
}

/// What an evaluation found.
package struct IdentificationReport: Sendable {
    package let references: Int
    package let subjects: Int
    package let mated: Int
    package let nonMated: Int
    package let matedNotAcquired: Int
    package let nonMatedNotAcquired: Int
    package var index: ModeReport?
    package var exact: ModeReport?
    package var loss: SearchLoss?
    package var details: DetailReport?
    package var groups: GroupRates?
    package var groupTarget: Double?
    package var falseMatches: [WorstSearch] = []
    package var misses: [WorstSearch] = []
    /// Whether everything was searched; else the rates are those of a random part.
    package var isComplete = true
    /// Whether the probes are the gallery's own references.
    package var isSelf = false
}
