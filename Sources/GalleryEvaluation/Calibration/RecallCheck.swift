package import Evaluation
package import Gallery
internal import GalleryModel
internal import Glibc

/// Whether the index of a gallery keeps the search loss that it promises.
///
/// A third of the probes are references that search their nearest other one, a third are mixtures of two references, and
/// a third are references that are moved towards others, up to as far as their neighbours are: what the index itself is
/// calibrated with. Each is searched through the index and exactly.
package struct RecallCheck {
    /// What was found.
    package struct Report: Sendable {
        /// The share of searches that may miss their best answer.
        package let promised: Double
        /// Searches that did.
        package let missed: MeasuredRate
        /// Whether the promise is refuted: even the lower end of the interval is above it.
        package var isRefuted: Bool { missed.events > 0 && missed.interval.lowerBound > promised }
    }

    private let gallery: FaceGallery
    private let settings: EvaluationSettings

    /// - Parameter settings: `sample` is the number of probes.
    package init(of gallery: FaceGallery, _ settings: EvaluationSettings) {
        (self.gallery, self.settings) = (gallery, settings)
    }

    /// Searches; O(sample · references).
    ///
    /// - Throws: `EvaluationError.tooFewSubjects` without two subjects, `GalleryError`.
    package func run() throws -> Report {
        let size = try gallery.size()
        guard size.references > 1 else { throw EvaluationError.tooFewSubjects(size.subjects) }
        let items = try SelfEvaluation(of: gallery, settings).sample()
        let dimension = gallery.settings.dimension
        var random = RandomBits(seed: settings.seed &+ 1)
        var templates: [Float] = []
        var besides: [ReferenceID?] = []
        for (place, item) in items.enumerated() {
            let other = items[random.below(items.count)].template
            var template = item.template
            switch place % 3 {
            case 0: besides.append(item.id)
            case 1:
                template = zip(template, other).map { $0 + $1 }
                besides.append(nil)
            default:
                // As far as 0.4 to 1.1 of the way to a right angle's half, towards somebody else.
                let angle = (0.4 + 0.7 * Double(random.below(1_000)) / 1_000) * Double.pi / 4
                template = Self.moved(template, towards: other, by: angle)
                besides.append(nil)
            }
            do { try UnitVector.normalise(&template) } catch { template = item.template }
            templates += template
        }
        let mode = SearchMode.maxSearchLoss(settings.maxSearchLoss)
        var (missed, trials) = (0, 0)
        let block = 128
        for begin in stride(from: 0, to: items.count, by: block) {
            if settings.shouldStop() { throw GalleryError.store(.cancelled) }
            let end = min(items.count, begin + block)
            let probes = Array(templates[begin * dimension..<end * dimension])
            func best(_ mode: SearchMode) throws -> [Float] {
                let request = SearchRequest(count: 10, mode: mode, threads: settings.threads)
                return try gallery.nearestReferences(to: probes, request).enumerated().map { row, hits in
                    hits.first { $0.reference != besides[begin + row] }?.similarity ?? -.infinity
                }
            }
            for (found, exact) in zip(try best(mode), try best(.exact)) {
                trials += 1
                if found < exact { missed += 1 }
            }
            settings.progress("searches", Double(end) / Double(items.count))
        }
        return Report(
            promised: settings.maxSearchLoss,
            missed: try MeasuredRate(events: missed, trials: trials, of: "search"))
    }

    /// A unit vector turned towards another one by an angle.
    private static func moved(_ template: [Float], towards other: [Float], by angle: Double) -> [Float] {
        let along = zip(template, other).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        var side = zip(template, other).map { $1 - along * $0 }
        let length = side.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
        guard length > 1e-6 else { return template }
        for place in side.indices { side[place] /= length }
        let (stay, move) = (Float(cos(angle)), Float(sin(angle)))
        return zip(template, side).map { stay * $0 + move * $1 }
    }
}
