package import Gallery

/// What an evaluation of a gallery is to measure.
package struct EvaluationSettings: Sendable {
    /// FPIR of the operating points.
    package var falsePositiveRates = [0.1, 0.03, 0.01, 0.003, 0.001]
    /// Ranks of the CMC.
    package var ranks = [1, 2, 5, 10, 20, 50]
    /// How several references of a subject count.
    package var fusion = Fusion.max
    /// Of the search through the index.
    package var maxSearchLoss = FaceGallery.Search.defaultMaxSearchLoss
    /// Whether everything is searched exactly, too.
    package var isExact = true
    /// Threads that compute.
    package var threads = 1
    /// Where chance begins.
    package var seed: UInt64 = 1
    /// Random halves of the subjects that are enrolled in turn.
    package var draws = 20
    /// FPIR at which galleries of other sizes, draws and numbers of references are compared.
    package var detailRate = 0.01
    /// Comparisons of templates that these details may cost; probes are sampled to keep it, and 0 leaves them out.
    package var detailComparisons = 2_000_000_000
    /// How many of the worst false matches, and of the worst misses, to name.
    package var worst = 0
    /// The group of each subject.
    package var groups = GroupNames()
    /// References of the gallery that `evaluate self` searches at most.
    package var sample = 10_000
    /// Asked a few times a second; once true, the evaluation ends with what it knows.
    package var shouldStop: @Sendable () -> Bool = { false }
    /// Told the part of the work, and the share of it that is done.
    package var progress: @Sendable (_ part: String, _ share: Double) -> Void = { _, _ in }

    package init() {}
}
