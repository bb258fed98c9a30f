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
    private var distances: ValidationDistances?
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
            try learner.restore(checkpoint, path: job.checkpoint)
            learner.position.isFinished = false
        }
    }

    func run() throws(TrainingError) -> TrainingOutcome {
        tellFacts()
        if learner.records.isEmpty {
            try judge(EpochSums(), learningRate: nil)
            try save()
        }
        log = try TrainingLog(
            folder: job.out, settings: settings, records: learner.records
        ) { [progress] in progress(.logged($0)) }
        while learner.position.epoch < settings.epochs, !isTimeOver {
            if try learnEpoch() { continue }
            if isTimeOver { break }
            try save()
            return TrainingOutcome(reason: .interrupted, records: learner.records, card: nil)
        }
        return try finish()
    }

    /// Learns an epoch, or what is left of it, and judges it; false where it was stopped, or the time over, first.
    private func learnEpoch() throws(TrainingError) -> Bool {
        let epoch = learner.position.epoch
        loader.start(sampler.batches(epoch: epoch), epoch: epoch, from: learner.position.stepInEpoch)
        var batch = Batch()
        var rate: Float = 0
        pace.begin()
        while !shouldStop(), !isTimeOver, try loader.next(into: &batch) {
            rate = learner.rate(stepsPerEpoch: sampler.batchesPerEpoch)
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
        guard learner.position.stepInEpoch == sampler.batchesPerEpoch else { return false }
        try finishEpoch(learningRate: rate)
        return !shouldStop() || learner.position.epoch == settings.epochs
    }

    private func finishEpoch(learningRate: Float) throws(TrainingError) {
        let sums = learner.position.sums
        learner.position.epoch += 1
        learner.position.stepInEpoch = 0
        learner.position.sums = EpochSums()
        try judge(sums, learningRate: learningRate)
        try save()
        if let record = learner.records.last { try log?.append(record) }
        draw()
    }

    /// Adds the record of an epoch that gave `sums`.
    private func judge(_ sums: EpochSums, learningRate: Float?) throws(TrainingError) {
        let record = try record(sums, epoch: learner.position.epoch, learningRate: learningRate)
        learner.records.append(record)
        progress(.epoch(record))
    }

    /// What the network is worth now, after steps that gave `sums`.
    private func record(
        _ sums: EpochSums, epoch: Int, learningRate: Float?
    ) throws(TrainingError) -> EpochRecord {
        try guarded { learner, _ throws(TrainingError) in try learner.requireFinite() }
        let templates = try validator.templates(learner.best)
        let (figures, distances) = validator.set.figures(templates)
        self.distances = distances
        let steps = Double(sums.steps)
        let isTrained = sums.steps > 0
        return EpochRecord(
            epoch: epoch, step: learner.position.step,
            loss: isTrained ? sums.loss / steps : nil,
            activeShare: isTrained ? Double(sums.active) / Double(max(1, sums.considered)) : nil,
            learningRate: learningRate.map(Double.init), gradientNorm: isTrained ? sums.norm / steps : nil,
            seconds: learner.position.seconds,
            photosPerSecond: isTrained ? Double(sums.photos) / max(sums.seconds, 1e-9) : nil,
            validation: figures)
    }

    private func finish() throws(TrainingError) -> TrainingOutcome {
        var records = learner.records
        let sums = learner.position.sums
        if sums.steps > 0 {
            // The time was over within an epoch: the result is judged as it is, and the epoch stays open, so that
            // going on gives what an unbroken run gives.
            let last = try record(sums, epoch: learner.position.epoch + 1, learningRate: nil)
            records.append(last)
            progress(.epoch(last))
        }
        let result = TrainedNetwork(material: material, settings: settings, records: records)
        let templates = try validator.templates(learner.best)
        distances = validator.set.figures(templates).1
        let card = try result.write(
            learner.best, threshold: validator.set.threshold(templates),
            people: validator.set.enrolled.count, to: job.out)
        learner.position.isFinished = learner.position.epoch == settings.epochs
        try save()
        if let notice = draw() { progress(.notice(notice)) }
        let reason: TrainingOutcome.Reason = learner.position.isFinished ? .finished : .time
        try log?.append(
            TrainingLog.End(
                reason: reason.rawValue, epochs: learner.position.epoch, seconds: learner.position.seconds,
                accuracy: records.last?.validation.accuracy, weights: card.weights.sha256))
        return TrainingOutcome(reason: reason, records: records, card: card)
    }

    @discardableResult
    private func draw() -> String? {
        Plots(
            records: learner.records, distances: distances,
            threshold: learner.records.last?.validation.threshold
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
