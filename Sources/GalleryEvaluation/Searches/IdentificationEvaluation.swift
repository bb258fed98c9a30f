internal import Evaluation
package import Gallery
internal import GalleryModel

/// Error rates of a gallery with probes whose person is known.
package struct IdentificationEvaluation {
    private let gallery: FaceGallery
    private let probes: ProbeSet
    private let settings: EvaluationSettings

    /// - Parameters:
    ///   - gallery: those in it are the enrolled.
    ///   - probes: those of enrolled people are mated searches, all others non-mated.
    package init(of gallery: FaceGallery, _ probes: ProbeSet, _ settings: EvaluationSettings) {
        (self.gallery, self.probes, self.settings) = (gallery, probes, settings)
    }

    /// Searches everything through the index and exactly, and then compares galleries of other sizes.
    ///
    /// Time: a search of each probe, twice. Memory: the probes with 100 bytes each, and 24 bytes per reference.
    /// - Throws: `EvaluationError` where there is nothing to search, `GalleryError`.
    package func run() throws -> IdentificationReport {
        let size = try gallery.size()
        guard size.subjects > 0 else { throw EvaluationError.tooFewSubjects(0) }
        guard !probes.probes.isEmpty else { throw EvaluationError.noTrials(of: "probe") }
        let people = try PeopleTable(probes, in: gallery, groups: settings.groups)
        let mated = probes.probes.indices.count { people.isMated($0) }
        let failed = probes.probes.indices.filter { probes.probes[$0].row == nil }
        let matedFailed = failed.count { people.isMated($0) }
        var report = IdentificationReport(
            references: size.references, subjects: size.subjects, mated: mated,
            nonMated: probes.probes.count - mated, matedNotAcquired: matedFailed,
            nonMatedNotAcquired: failed.count - matedFailed)
        let index = ModePass(
            gallery: gallery, probes: probes, people: people, settings: settings,
            mode: .maxSearchLoss(settings.maxSearchLoss), name: "searches through the index")
        var best = try index.run()
        report.index = best.report
        report.isComplete = best.isComplete
        if settings.isExact, best.isComplete {
            let exact = ModePass(
                gallery: gallery, probes: probes, people: people, settings: settings, mode: .exact,
                name: "exact searches")
            let found = try exact.run()
            report.exact = found.report
            report.isComplete = found.isComplete
            report.loss = Self.loss(of: best.recorder.tops, beside: found.recorder.tops)
            if found.isComplete { best = found }
        }
        addWorst(best.recorder, best.report, to: &report)
        if !settings.groups.isEmpty, let rates = best.report?.rates,
            let target = settings.falsePositiveRates.sorted().first(where: {
                $0 >= settings.detailRate && $0 >= rates.smallestRate
            }), let threshold = try? rates.threshold(falsePositiveRate: target)
        {
            report.groupTarget = target
            report.groups = try GroupRates(
                rates, names: settings.groups.names, threshold: threshold.similarity)
        }
        if report.isComplete, settings.detailComparisons > 0 {
            report.details = try DetailPass(
                gallery: gallery, probes: probes, people: people, settings: settings
            ).run()
            if settings.shouldStop() { report.isComplete = false }
        }
        return report
    }

    /// Searches of which the index did not find the best similarity.
    private static func loss(of index: [Float], beside exact: [Float]) -> SearchLoss? {
        var (missed, both) = (0, 0)
        for (found, best) in zip(index, exact) where !found.isNaN && !best.isNaN {
            both += 1
            if found < best { missed += 1 }
        }
        return (try? MeasuredRate(events: missed, trials: both)).map(SearchLoss.init)
    }

    private func addWorst(
        _ recorder: SearchRecorder, _ mode: ModeReport?, to report: inout IdentificationReport
    ) {
        report.falseMatches = recorder.falseMatches.entries.map(\.search)
        let threshold = mode?.points.first { $0.target == settings.detailRate }?.threshold.value
        report.misses = recorder.misses.entries.filter { entry in
            // The right person first is a miss only where the threshold says so.
            guard entry.isFirst else { return true }
            guard let threshold, let similarity = entry.search.similarity else { return false }
            return Double(similarity) < threshold
        }.map(\.search)
    }
}
