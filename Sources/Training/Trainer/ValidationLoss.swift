/// The training's loss on people held out, in batches that are put together like the training's.
///
/// Where it rises while the training's falls, the network learns photos by heart.
struct ValidationLoss: Sendable {
    private let loss: any EmbeddingLoss
    private let dimension: Int
    private let seed: UInt64
    private let batches: [[Int]]
    private let people: [Int]

    /// Nil for a loss that knows only the people it was trained on (ArcFace's directions are one a person), and where
    /// the people held out fill no batch.
    ///
    /// - Parameters:
    ///   - people: whose photo each one is.
    ///   - photos: those that have templates.
    init?(_ settings: TrainingSettings, people: [Int], photos: [Int]) {
        guard settings.loss != .arcFace else { return nil }
        let classes = photos.map { people[$0] }
        let counts = Dictionary(grouping: classes, by: { $0 }).values.map(\.count)
        guard let size = settings.batch(filledBy: counts, shrinkingPeople: true, shrinkingPhotos: true),
            let sampler = try? BatchSampler(
                people: classes,
                mode: .people(peoplePerBatch: size.people, photosPerPerson: size.photos), seed: settings.seed)
        else { return nil }
        batches = sampler.batches(epoch: 0).map { $0.map { photos[$0] } }
        loss = settings.makeLoss(people: counts.count)
        (self.people, dimension, seed) = (people, settings.dimension, settings.seed)
    }

    /// The mean over the batches, as in training; nil if too few photos have a template.
    func mean(_ templates: [[Float]?]) throws(TrainingError) -> Double? {
        var (sum, count) = (0.0, 0)
        for batch in batches {
            let photos = batch.filter { templates[$0] != nil }
            guard Set(photos.map { people[$0] }).count > 1 else { continue }
            var none: [Float] = []
            let result = try loss.evaluate(
                photos.flatMap { templates[$0] ?? [] }, dimension: dimension, people: photos.map { people[$0] },
                own: [], ownGradient: &none, seed: seed)
            guard result.considered > 0 else { continue }
            sum += Double(result.loss)
            count += 1
        }
        return count > 0 ? sum / Double(count) : nil
    }
}
