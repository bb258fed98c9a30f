package import GalleryEvaluation

/// How the rates change with the gallery.
public struct EvaluationDetailsRecord: Codable, Hashable, Sendable {
    /// Probes that were compared, a random part of all.
    public var probes: Int
    /// Random parts of the gallery, by ascending size.
    public var sizes: [GallerySizeRecord]
    /// Random halves; nil if too few strangers are among their probes.
    public var halves: GallerySizeRecord?
    /// Fewer references, and other fusion; empty if no subject has two references.
    public var references: [ReferenceVariantRecord]

    package init(_ details: DetailReport) {
        probes = details.probes
        sizes = details.growth.map(GallerySizeRecord.init)
        halves = details.halves.map(GallerySizeRecord.init)
        references = details.subjectsWithSeveral > 0 ? details.variants.map(ReferenceVariantRecord.init) : []
    }
}

/// Error rates of a random part of the gallery.
public struct GallerySizeRecord: Codable, Hashable, Sendable {
    /// Share of the subjects, 0…1.
    public var share: Double
    /// How many that are.
    public var subjects: Int
    /// How often they were drawn.
    public var draws: Int
    /// FNIR at an FPIR of 1 %, mean over the draws.
    public var fnir: Double
    /// Standard deviation of a single draw; nil of one.
    public var deviation: Double?
    /// Threshold, mean over the draws.
    public var threshold: Double
    /// Mated searches of the first draw.
    public var mated: Int
    /// Non-mated searches of the first draw.
    public var nonMated: Int

    init(_ point: GrowthPoint) {
        (share, subjects, draws) = (point.share, point.subjects, point.draws)
        (fnir, deviation, threshold) = (point.falseNegativeRate, point.deviation, point.threshold)
        (mated, nonMated) = (point.mated, point.nonMated)
    }
}

/// Error rates with some of the references.
public struct ReferenceVariantRecord: Codable, Hashable, Sendable {
    /// References of a subject at most; nil for all.
    public var references: Int?
    /// `max` or `mean`.
    public var fusion: String
    /// Mated searches, all of subjects with several references.
    public var mated: Int
    /// Non-mated searches.
    public var nonMated: Int
    /// Share of mated searches with the right subject first.
    public var rank1: Double
    /// FNIR at an FPIR of 1 %; nil if there are too few strangers.
    public var fnir: Double?

    init(_ variant: ReferenceVariant) {
        (references, fusion) = (variant.references, variant.fusion)
        (mated, nonMated) = (variant.mated, variant.nonMated)
        (rank1, fnir) = (variant.rankOne, variant.falseNegativeRate)
    }
}
