internal import Network

/// One sitting of a training, from its beginning or checkpoint to its end or interruption.
final class TrainingRun {
    let settings: TrainingSettings
    let job: TrainingJob
    let material: Material
    let progress: (TrainingEvent) -> Void
    private let shouldStop: () -> Bool
    let sampler: BatchSampler
    private let loader: BatchLoader
    let validator: Validator
    private let network: DifferentiableNetwork
    var learner: Learner
    var log: TrainingLog?
    private var steps: StepLog?
    private(set) var pace = Pace()
    private var collapse = CollapseWatch()
    private var forgetting = ForgettingWatch()
    /// Of the parameters as they are at the end of an epoch or of the run; nil before the first in this sitting.
    var judgement: Judgement?
    private var hasCheckpoint: Bool
    /// Epochs that the run was to have in the sitting before.
    private(set) var earlierEpochs: Int?

    init(
        _ job: TrainingJob, _ material: Material,
        progress: @escaping (TrainingEvent) -> Void, shouldStop: @escaping () -> Bool
    ) throws(TrainingError) {
        let settings = material.settings
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
            material.validation, card: material.card, graph: material.graph, settings: settings)
        network = try DifferentiableNetwork(
            material.graph, batch: settings.batchSize, threads: settings.threads, frozen: material.frozen)
        learner = Learner(
            settings, network: material.parameters, people: material.training.names.count,
            frozen: material.frozen)
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
                    reason: "its steps do not fit \(sampler.batchesPerEpoch) steps per epoch")
            }
            earlierEpochs = checkpoint.settings.epochs
            try learner.restore(checkpoint, path: job.checkpoint)
        }
    }

    func run() throws(TrainingError) -> TrainingOutcome {
        tellFacts()
        if learner.records.isEmpty {
            learner.records.append(try judged(EpochSums(), epoch: 0))
            try save()
            try material.writeNames(to: job.out)
        }
        log = try TrainingLog(
            folder: job.out, settings: settings, heldOut: material.heldOut, records: learner.records
        ) { [progress] in progress(.logged($0)) }
        steps = try StepLog(folder: job.out, after: learner.position.step)
        while !settings.isOver(learner.records), !isTimeOver {
            guard try learnEpoch() else {
                try save()
                return TrainingOutcome(reason: .interrupted, records: learner.records, kept: nil, card: nil)
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
            try steps?.add(
                result, of: learner, rate: learner.lastRate(stepsPerEpoch: sampler.batchesPerEpoch),
                photos: batch.people.count)
            tell(result)
        }
        // At the epoch's very end there is nothing to come back to: it is judged first.
        guard learner.position.stepInEpoch == sampler.batchesPerEpoch else { return isTimeOver }
        try finishEpoch()
        return !shouldStop() || settings.isOver(learner.records)
    }

    private func finishEpoch() throws(TrainingError) {
        let record = try judged(learner.position.sums, epoch: learner.position.epoch + 1)
        learner.finishEpoch(record)
        try save()
        try log?.append(record)
        if settings.initialWeights != nil, let before = learner.records.first?.validation,
            let warning = forgetting.note(record.validation, before: before)
        {
            progress(.notice(warning))
        }
        draw(learner.records, threshold: record.validation.threshold)
    }

    /// Writes a checkpoint, never one of numbers that ran away.
    func save() throws(TrainingError) {
        try guarded { learner, _ throws(TrainingError) in try learner.requireFinite() }
        // Rows that no checkpoint follows are dropped when the run goes on.
        try steps?.flush()
        try learner.checkpoint(
            photos: material.fingerprint, card: material.card, heldOut: material.heldOut
        ).write(to: job.checkpoint)
        hasCheckpoint = true
    }

    /// Says where numbers ran away, and which checkpoint still holds good ones.
    func guarded<Result>(
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
}
