package import Evaluation

/// Error rates of groups of people at one threshold.
public struct EvaluatedGroupsRecord: Codable, Hashable, Sendable {
    /// FPIR of all that the threshold is for.
    public var fpir: Double
    /// The threshold.
    public var threshold: Double
    /// By name.
    public var groups: [EvaluatedGroupRecord]
    /// False positives by the group of the probe and of the candidate, in the order of `groups`; the last row and
    /// column are those of no group.
    public var crossGroupFalsePositives: [[Int]]
    /// Gini coefficient of the groups' FPIR, 0…1; nil if fewer than two groups are large enough.
    public var fpirGini: Double?
    /// Largest FPIR divided by the geometric mean.
    public var fpirMxog: Double?
    /// Gini coefficient of the groups' FNIR.
    public var fnirGini: Double?
    /// Largest FNIR divided by the geometric mean.
    public var fnirMxog: Double?

    package init(_ rates: GroupRates, fpir: Double) {
        self.fpir = fpir
        threshold = Double(rates.threshold)
        groups = rates.groups.map(EvaluatedGroupRecord.init)
        crossGroupFalsePositives = rates.crossGroupFalsePositives
        (fpirGini, fpirMxog) = (
            rates.falsePositiveInequality?.gini, rates.falsePositiveInequality?.maxOverGeometricMean
        )
        (fnirGini, fnirMxog) = (
            rates.falseNegativeInequality?.gini, rates.falseNegativeInequality?.maxOverGeometricMean
        )
    }
}

/// Error rates of a group.
public struct EvaluatedGroupRecord: Codable, Hashable, Sendable {
    /// The group's name.
    public var group: String
    /// People of the group that were searched.
    public var people: Int
    /// Mated searches.
    public var mated: Int
    /// Non-mated searches.
    public var nonMated: Int
    /// FPIR; nil if the group is too small to say.
    public var fpir: Double?
    /// Lower end of its 95 % interval.
    public var fpirLow: Double?
    /// Upper end.
    public var fpirHigh: Double?
    /// FNIR; nil if the group is too small to say.
    public var fnir: Double?
    /// Lower end of its 95 % interval.
    public var fnirLow: Double?
    /// Upper end.
    public var fnirHigh: Double?

    init(_ group: GroupRates.Group) {
        (self.group, people) = (group.name, group.people)
        (mated, nonMated) = (group.falseNegatives?.trials ?? 0, group.falsePositives?.trials ?? 0)
        if group.isFalsePositiveRateKnown, let rate = group.falsePositives {
            (fpir, fpirLow, fpirHigh) = (rate.value, rate.interval.lowerBound, rate.interval.upperBound)
        }
        if group.isFalseNegativeRateKnown, let rate = group.falseNegatives {
            (fnir, fnirLow, fnirHigh) = (rate.value, rate.interval.lowerBound, rate.interval.upperBound)
        }
    }
}
