internal import Network

/// One sitting of a training, from its beginning or checkpoint to its end or interruption.
final class TrainingRun {
    private let settings: TrainingSettings
    private let job: TrainingJob
    private let material: Material
    private let progress: (TrainingEvent) -> Void
    private let shouldStop: () -> Bool
    private let sampler: BatchSampler
    private let loader: BatchLoader
    private let validator: Validator
    private let network: DifferentiableNetwork
    private var learner: Learner
    private var log: TrainingLog?
    private var pace = Pace()
    private var collapse = CollapseWatch()
    private var forgetting = ForgettingWatch()
    /// Of the parameters as they are at the end of an epoch or of the run; nil before the first in this sitting.
    private var judgement: Judgement?
    private var hasCheckpoint: Bool

    init(
        _ settings: TrainingSettings, _ job: TrainingJob, _ material: Material,
        progress: @escaping (TrainingEvent) -> Void, shouldStop: @escaping () -> Bool
    ) throws(TrainingError) {
        (self.settings, self.job, self.material) = (settings, job, material)
        (self.progress, self.shouldStop) = (progress, shouldStop)
        sampler = try BatchSampler(
            people: material.training.people, mode: settings.samplerMode, seed: settings.seed)
        let input = material.card.input
        loader = try BatchLoader(
            material.training, augmentation: settings.augment == .standard ? .standard : .none,
            normalisation: try Normalisation(mean: input.mean, scale: input.scale), seed: settings.seed,
            threads: max(1, job.jobs / 8))
        validator = try Validator(
            material.validation, card: material.card, graph: material.graph, seed: settings.seed,
            threads: settings.threads)
        network = try DifferentiableNetwork(
            material.graph, batch: settings.batchSize, threads: settings.threads)
        learner = Learner(
            settings, network: material.parameters, people: material.training.names.count)
        hasCheckpoint = job.resume
        if job.resume {
            let checkpoint = try Checkpoint(path: job.checkpoint, parameters: learner.parameters)
            guard checkpoint.photos == material.fingerprint else {
                throw .otherSetting(
                    name: "the folder of photos", now: "another one or changed",
                    checkpoint: "photos of fingerprint \(checkpoint.photos.prefix(12))")
            }
            guard checkpoint.position.fits(stepsPerEpoch: sampler.batchesPerEpoch) else {
                throw .badCheckpoint(
                    path: job.checkpoint,
                    reason: "its steps are not those of \(sampler.batchesPerEpoch) an epoch")
            }
            try learner.restore(checkpoint, path: job.checkpoint)
        }
    }

    func run() throws(TrainingError) -> TrainingOutcome {
        tellFacts()
        if learner.records.isEmpty {
            learner.records.append(try judged(EpochSums(), epoch: 0))
            try save()
        }
        log = try TrainingLog(
            folder: job.out, settings: settings, records: learner.records
        ) { [progress] in progress(.logged($0)) }
        while learner.position.epoch < settings.epochs, !isTimeOver {
            guard try learnEpoch() else {
                try save()
                return TrainingOutcome(reason: .interrupted, records: learner.records, card: nil)
            }
        }
        return try finish()
    }

    /// Learns an epoch, or what is left of it, and judges it; false where the caller asked to stop first.
    private func learnEpoch() throws(TrainingError) -> Bool {
        let epoch = learner.position.epoch
        loader.start(sampler.batches(epoch: epoch), epoch: epoch, from: learner.position.stepInEpoch)
        var batch = Batch()
        pace.begin()
        while !shouldStop(), !isTimeOver, try loader.next(into: &batch) {
            let result = try guarded { learner, network throws(TrainingError) in
                try learner.step(batch, network, stepsPerEpoch: self.sampler.batchesPerEpoch)
            }
            let seconds = pace.step(photos: batch.people.count)
            learner.position.seconds += seconds
            learner.position.sums.seconds += seconds
            if let warning = collapse.note(result.isCollapsed) { progress(.notice(warning)) }
            tell(result)
        }
        // At the epoch's very end there is nothing to come back to: it is judged first.
        guard learner.position.stepInEpoch == sampler.batchesPerEpoch else { return isTimeOver }
        try finishEpoch()
        return !shouldStop() || learner.position.epoch == settings.epochs
    }

    private func finishEpoch() throws(TrainingError) {
        let record = try judged(learner.position.sums, epoch: learner.position.epoch + 1)
        learner.position.epoch += 1
        learner.position.stepInEpoch = 0
        learner.position.sums = EpochSums()
        learner.records.append(record)
        try save()
        try log?.append(record)
        if settings.initialWeights != nil, let before = learner.records.first?.validation,
            let warning = forgetting.note(record.validation, before: before)
        {
            progress(.notice(warning))
        }
        draw(learner.records)
    }

    /// The record of the network as it is, in an epoch that gave `sums` so far.
    private func judged(_ sums: EpochSums, epoch: Int) throws(TrainingError) -> EpochRecord {
        let judgement = try judge()
        self.judgement = judgement
        let steps = Double(sums.steps)
        let isTrained = sums.steps > 0
        let record = EpochRecord(
            epoch: epoch, step: learner.position.step,
            loss: isTrained ? sums.loss / steps : nil,
            activeShare: isTrained ? Double(sums.active) / Double(max(1, sums.considered)) : nil,
            learningRate: isTrained ? Double(learner.lastRate(stepsPerEpoch: sampler.batchesPerEpoch)) : nil,
            gradientNorm: isTrained ? sums.norm / steps : nil,
            seconds: learner.position.seconds,
            photosPerSecond: isTrained ? Double(sums.photos) / max(sums.seconds, 1e-9) : nil,
            validation: judgement.figures)
        progress(.epoch(record))
        return record
    }

    /// What the parameters that are kept make of the people held out.
    private struct Judgement {
        var templates: [[Float]?]
        var figures: ValidationFigures
        var distances: ValidationDistances
    }

    private func judge() throws(TrainingError) -> Judgement {
        try guarded { [validator] learner, _ throws(TrainingError) in
            try learner.requireFinite()
            let templates = try validator.templates(learner.best)
            // A photo may cost itself; a network that most photos overflow in has diverged, finite weights or not.
            guard validator.share(of: templates) >= 0.5 else { throw .notFinite(what: "embeddings") }
            let (figures, distances) = try validator.set.figures(templates)
            return Judgement(templates: templates, figures: figures, distances: distances)
        }
    }

    private func finish() throws(TrainingError) -> TrainingOutcome {
        var records = learner.records
        let position = learner.position
        // The card's figures are of the weights beside it. The checkpoint does not hear of an epoch that time cut
        // short: a run that goes on finishes it.
        if position.sums.steps > 0 {
            let record = try judged(position.sums, epoch: position.epoch + 1)
            records.append(record)
            try log?.append(record)
        }
        // No step has been made since: an epoch's judgement is the result's.
        let result: Judgement
        if let judgement { result = judgement } else { result = try judge() }
        judgement = result
        let threshold = validator.set.threshold(result.templates)
        let people = validator.set.enrolled.count
        if let warning = threshold?.warning(people: people) { progress(.notice(warning)) }
        let network = TrainedNetwork(
            material: material, settings: settings, epochs: position.epoch, figures: records.last?.validation,
            before: records.first?.validation)
        let card = try network.write(learner.best, threshold: threshold, people: people, to: job.out)
        learner.position.isFinished = position.epoch == settings.epochs
        try save()
        if let notice = draw(records) { progress(.notice(notice)) }
        let reason: TrainingOutcome.Reason = learner.position.isFinished ? .finished : .time
        try log?.append(
            TrainingLog.End(
                reason: reason.rawValue, epochs: learner.position.epoch, seconds: learner.position.seconds,
                accuracy: records.last?.validation.accuracy, weights: card.weights.sha256))
        return TrainingOutcome(reason: reason, records: records, card: card)
    }

    @discardableResult
    private func draw(_ records: [EpochRecord]) -> String? {
        Plots(
            records: records, distances: judgement?.distances, threshold: records.last?.validation.threshold
        ).draw(in: job.out)
    }

    /// Writes a checkpoint, never one of numbers that ran away.
    private func save() throws(TrainingError) {
        try guarded { learner, _ throws(TrainingError) in try learner.requireFinite() }
        try learner.checkpoint(photos: material.fingerprint, card: material.card).write(to: job.checkpoint)
        hasCheckpoint = true
    }

    /// Says where numbers ran away, and which checkpoint still holds good ones.
    private func guarded<Result>(
        _ body: (inout Learner, DifferentiableNetwork) throws(TrainingError) -> Result
    ) throws(TrainingError) -> Result {
        do throws(TrainingError) { return try body(&learner, network) } catch {
            guard case .notFinite(let what) = error else { throw error }
            throw .diverged(
                what: what, epoch: learner.position.epoch + 1, step: learner.position.step + 1,
                checkpoint: hasCheckpoint ? job.checkpoint : nil)
        }
    }

    private var isTimeOver: Bool {
        guard let minutes = job.minutes else { return false }
        return learner.position.seconds >= minutes * 60
    }

    private func tellFacts() {
        progress(
            .began(
                TrainingFacts(
                    people: material.training.names.count, photos: material.training.count,
                    validationPeople: material.validation.names.count,
                    validationPhotos: material.validation.count,
                    parameters: learner.parameters.entries.filter(\.role.isTrained)
                        .reduce(0) { $0 + $1.range.count },
                    stepsPerEpoch: sampler.batchesPerEpoch, epochs: settings.epochs,
                    epochsDone: learner.position.epoch, stepsDone: learner.position.step)))
    }

    private func tell(_ result: LossResult) {
        let position = learner.position
        let left = sampler.batchesPerEpoch * (settings.epochs - position.epoch) - position.stepInEpoch
        progress(
            .step(
                StepFacts(
                    epoch: position.epoch + 1, epochs: settings.epochs, step: position.stepInEpoch,
                    steps: sampler.batchesPerEpoch,
                    loss: position.sums.loss / Double(max(1, position.sums.steps)), active: result.active,
                    considered: result.considered, photosPerSecond: pace.photosPerSecond,
                    secondsLeft: pace.secondsPerStep * Double(left),
                    accuracy: learner.records.last?.validation.accuracy)))
    }
}
