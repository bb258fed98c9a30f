internal import Network

/// What learns, and where it stands: everything a step changes.
struct Learner {
    let settings: TrainingSettings
    private let loss: any EmbeddingLoss
    /// Values of the loss's own tensors, behind the network's.
    private let own: Range<Int>
    private let stepSeed: UInt64
    /// Places of the values that stay as they are.
    private let fixed: [Range<Int>]
    private(set) var parameters: NetworkParameters
    private var optimizer: Optimizer
    private var average: MovingAverage?
    /// The parameters it began with, where the result has a share of them.
    private var initial: [Float]?
    private var gradients: [Float]
    var position = Checkpoint.Position()
    var records: [EpochRecord] = []
    /// The best epoch so far, where the best one's weights are the result.
    private(set) var kept: KeptEpoch?
    /// Length of the last step's gradient before it was clipped.
    private(set) var lastNorm: Float = 0

    /// Begins with a network's parameters.
    init(_ settings: TrainingSettings, network: NetworkParameters, people: Int, frozen: Set<String>) {
        self.settings = settings
        loss = settings.makeLoss(people: people)
        var parameters = network
        for tensor in loss.parameters(dimension: settings.dimension, seed: settings.seed) {
            parameters.append(tensor.name, tensor.shape, tensor.role, tensor.values)
        }
        own = network.values.count..<parameters.values.count
        fixed = parameters.entries.filter { $0.isOf(frozen) }.map(\.range)
        optimizer = settings.makeOptimizer(parameters, frozen: frozen)
        average = settings.average > 0 ? MovingAverage(decay: settings.average, parameters) : nil
        initial = (settings.keepInitial ?? 0) > 0 ? parameters.values : nil
        gradients = Array(repeating: 0, count: parameters.values.count)
        var random = SeededNumbers(seed: settings.seed, stream: 0x4000)
        stepSeed = random.next()
        self.parameters = parameters
    }

    /// The parameters that are judged: the moving average where there is one, and the share of the initial ones that
    /// the settings ask for.
    var judged: NetworkParameters {
        var judged = parameters
        if let average { judged.values = average.values }
        if let initial, let share = settings.keepInitial {
            for place in 0..<own.lowerBound {
                judged.values[place] += share * (initial[place] - judged.values[place])
            }
        }
        // A mean of equal numbers is the number, but for the sign of zeros.
        for range in fixed { judged.values.replaceSubrange(range, with: parameters.values[range]) }
        return judged
    }

    /// The parameters of the epoch that is kept; nil where none is.
    var keptParameters: NetworkParameters? {
        guard let kept else { return nil }
        var parameters = parameters
        parameters.values = kept.values
        return parameters
    }

    /// Takes the record of the epoch that is over, and keeps the judged parameters where they are the best.
    mutating func finishEpoch(_ record: EpochRecord) {
        position.epoch += 1
        position.stepInEpoch = 0
        position.sums = EpochSums()
        let before = kept.flatMap { kept in records.first { $0.epoch == kept.epoch } }
        records.append(record)
        guard settings.keepsBest else { return }
        if let before, !record.validation.isBetter(than: before.validation) { return }
        kept = KeptEpoch(epoch: record.epoch, values: judged.values)
    }

    /// Learns from a batch.
    ///
    /// - Throws: `notFinite` where numbers ran away; the learner is of no use then.
    mutating func step(
        _ batch: Batch, _ network: DifferentiableNetwork, stepsPerEpoch: Int
    ) throws(TrainingError) -> LossResult {
        var random = SeededNumbers(seed: stepSeed, stream: UInt64(position.step))
        let rows = try network.forward(batch.images, &parameters, dropoutSeed: random.next())
        let (unit, lengths) = try UnitLength.forward(rows, dimension: settings.dimension)
        var ownGradient: [Float] = []
        let result = try loss.evaluate(
            unit, dimension: settings.dimension, people: batch.people, own: parameters.values[own],
            ownGradient: &ownGradient, seed: random.next())
        guard result.loss.isFinite else { throw .notFinite(what: "losses") }
        let gradient = UnitLength.backward(
            result.gradient, unit: unit, lengths: lengths, dimension: settings.dimension)
        try network.backward(gradient, into: &gradients)
        if !own.isEmpty { gradients.replaceSubrange(own, with: ownGradient) }
        let norm = optimizer.step(
            &parameters, gradients: &gradients, learningRate: rate(stepsPerEpoch: stepsPerEpoch))
        guard norm.isFinite else { throw .notFinite(what: "gradients") }
        lastNorm = norm
        average?.update(parameters)
        position.step += 1
        position.stepInEpoch += 1
        position.sums.add(result, norm: norm, photos: batch.people.count)
        return result
    }

    /// The learning rate of the next step.
    func rate(stepsPerEpoch: Int) -> Float {
        settings.rates(stepsPerEpoch: stepsPerEpoch).rate(
            step: position.step, stepsPerEpoch: stepsPerEpoch, epochs: settings.epochs,
            base: settings.learningRate)
    }

    /// The learning rate of the step before; one is done.
    func lastRate(stepsPerEpoch: Int) -> Float {
        settings.rates(stepsPerEpoch: stepsPerEpoch).rate(
            step: position.step - 1, stepsPerEpoch: stepsPerEpoch, epochs: settings.epochs,
            base: settings.learningRate)
    }

    /// - Throws: `notFinite` where a weight is.
    func requireFinite() throws(TrainingError) {
        guard allFinite(parameters.values) else { throw .notFinite(what: "weights") }
    }

    func checkpoint(photos: String, card: NetworkCard, heldOut: [String]) -> Checkpoint {
        Checkpoint(
            settings: settings, photos: photos, heldOut: heldOut, position: position, records: records,
            card: card,
            parameters: parameters, moments: optimizer.moments, optimizerSteps: optimizer.steps,
            average: average?.values,
            averageUpdates: average?.updates, initial: initial, kept: kept)
    }

    /// Goes on from a checkpoint of the same settings.
    ///
    /// - Throws: `badCheckpoint`; `path` is the checkpoint's.
    mutating func restore(_ checkpoint: Checkpoint, path: String) throws(TrainingError) {
        do throws(TrainingError) {
            try optimizer.restore(moments: checkpoint.moments, steps: checkpoint.optimizerSteps)
            if let values = checkpoint.average, let updates = checkpoint.averageUpdates {
                try average?.restore(values: values, updates: updates)
            }
        } catch {
            throw .badCheckpoint(path: path, reason: "\(error)")
        }
        if initial != nil { initial = checkpoint.initial }
        parameters = checkpoint.parameters
        (position, records, kept) = (checkpoint.position, checkpoint.records, checkpoint.kept)
        // More epochs than were asked for before.
        position.isFinished = false
    }
}

extension EpochSums {
    fileprivate mutating func add(_ result: LossResult, norm: Float, photos: Int) {
        loss += Double(result.loss)
        self.norm += Double(norm)
        active += result.active
        considered += result.considered
        self.photos += photos
        steps += 1
    }
}
