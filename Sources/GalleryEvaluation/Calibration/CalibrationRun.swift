internal import Evaluation
package import Gallery
internal import GalleryModel

/// Measures how similar strangers and enrolled people are in a gallery.
package struct CalibrationRun {
    private let gallery: FaceGallery
    private let settings: EvaluationSettings

    /// - Parameter settings: threads, seed, and how many references are searched at most.
    package init(of gallery: FaceGallery, _ settings: EvaluationSettings) {
        (self.gallery, self.settings) = (gallery, settings)
    }

    /// What it is to be good for.
    package struct Target: Sendable {
        package var fpir = 0.01
        package var reviewFPIR: Double?
        package var prior = 0.5

        package init() {}
    }

    /// Measures, and does not store anything yet.
    ///
    /// - Parameters:
    ///   - strangers: probes of people who are not enrolled; nil to search references without their own subject.
    ///   - target: the share of false positives.
    ///   - now: seconds since 1970.
    /// - Throws: `EvaluationError` where there are too few scores, or a target that they cannot tell.
    package func run(
        strangers: ProbeSet?, _ target: Target, now: Double
    ) throws -> GalleryCalibration {
        let size = try gallery.size()
        guard size.subjects > 1 else { throw EvaluationError.tooFewSubjects(size.subjects) }
        var (best, mates): ([Float], [Float]) = ([], [])
        let own = SelfEvaluation(of: gallery, settings)
        let mode = SearchMode.maxSearchLoss(settings.maxSearchLoss)
        let items = try own.sample()
        try own.search(items, mode, "searches for references") { _, found in
            if let similarity = found.own { mates.append(similarity) }
            if strangers == nil, let other = found.other { best.append(other.similarity) }
        }
        if let strangers { best = try search(strangers, mode) }
        try requireGoing()
        let model = try StrangerScores(best: best, size: size.references)
        let calibration = GalleryCalibration(
            strangers: model, mates: try? MateScores(mates), targetFPIR: target.fpir,
            reviewFPIR: target.reviewFPIR, prior: target.prior, measured: now, subjects: size.subjects,
            references: size.references, fingerprint: gallery.settings.networkFingerprint,
            source: strangers == nil ? .gallery : .given)
        try calibration.check()
        return calibration
    }

    private func search(_ strangers: ProbeSet, _ mode: SearchMode) throws -> [Float] {
        var best: [Float] = []
        let rows = strangers.probes.compactMap(\.row)
        let search = FaceGallery.Search(
            count: 1, mode: mode, minSimilarity: 0, threads: settings.threads)
        for begin in stride(from: 0, to: rows.count, by: 1_024) {
            try requireGoing()
            let block = rows[begin..<min(rows.count, begin + 1_024)]
            for answer in try gallery.identify(probes: block.flatMap { strangers.template($0) }, search) {
                best.append(answer.candidates.first?.similarity ?? -1)
            }
            settings.progress("searches for strangers", Double(begin + block.count) / Double(rows.count))
        }
        // A photo without a face names nobody, and is a search all the same.
        return best + Array(repeating: -1, count: strangers.notAcquired)
    }

    private func requireGoing() throws {
        if settings.shouldStop() { throw GalleryError.store(.cancelled) }
    }
}
