internal import Network

/// What parameters make of the people held out.
struct Judgement {
    var templates: [[Float]?]
    var figures: ValidationFigures
    var distances: ValidationDistances
}

extension TrainingRun {
    /// The record of the network as it is, in an epoch that gave `sums` so far.
    func judged(_ sums: EpochSums, epoch: Int) throws(TrainingError) -> EpochRecord {
        let judgement = try judge(learner.judged)
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

    private func judge(_ parameters: NetworkParameters) throws(TrainingError) -> Judgement {
        try guarded { [validator] learner, _ throws(TrainingError) in
            try learner.requireFinite()
            let templates = try validator.templates(parameters)
            // A photo may cost itself; a network that most photos overflow in has diverged, finite weights or not.
            guard validator.share(of: templates) >= 0.5 else { throw .notFinite(what: "embeddings") }
            let (figures, distances) = try validator.figures(templates)
            return Judgement(templates: templates, figures: figures, distances: distances)
        }
    }

    /// Writes the network, and says what came of it.
    func finish() throws(TrainingError) -> TrainingOutcome {
        var records = learner.records
        let position = learner.position
        // The card's figures are of the weights beside it. The checkpoint does not hear of an epoch that time cut
        // short: a run that goes on finishes it.
        if position.sums.steps > 0 {
            let record = try judged(position.sums, epoch: position.epoch + 1)
            records.append(record)
            try log?.append(record)
        }
        var (result, parameters) = result(of: records)
        var isJudged = result?.epoch == records.last?.epoch
        if let weights = settings.weights, weights != .float32 {
            // The figures are of the weights as they are read again.
            for place in parameters.values.indices {
                parameters.values[place] = weights.rounded(parameters.values[place])
            }
            isJudged = false
        }
        let judgement = try judgement(of: parameters, isJudged: isJudged)
        result?.validation = judgement.figures
        if let result, let place = records.firstIndex(where: { $0.epoch == result.epoch }) {
            records[place] = result
        }
        let threshold = validator.set.threshold(judgement.templates)
        let people = validator.set.enrolled.count
        if let warning = threshold?.warning(people: people) { progress(.notice(warning)) }
        for notice in EndNotices.lines(records, result: result, isFineTuned: settings.initialWeights != nil) {
            progress(.notice(notice))
        }
        let network = TrainedNetwork(
            material: material, settings: settings, epochs: position.epoch, kept: result?.epoch ?? 0,
            figures: result?.validation, before: records.first?.validation)
        let card = try network.write(parameters, threshold: threshold, people: people, to: job.out)
        learner.position.isFinished = settings.isOver(learner.records)
        try save()
        if let notice = draw(records, threshold: result?.validation.threshold) { progress(.notice(notice)) }
        let reason: TrainingOutcome.Reason =
            !learner.position.isFinished ? .time : position.epoch >= settings.epochs ? .finished : .patience
        try log?.append(
            TrainingEnd(
                reason: reason.rawValue, epochs: position.epoch, seconds: position.seconds,
                kept: result?.epoch ?? 0, accuracy: result?.validation.accuracy, weights: card.weights.sha256))
        return TrainingOutcome(reason: reason, records: records, kept: result?.epoch, card: card)
    }

    /// The epoch whose weights are the result, and these weights: the best, or the last.
    ///
    /// - Parameter records: with that of an epoch that time cut short, if any.
    private func result(of records: [EpochRecord]) -> (record: EpochRecord?, parameters: NetworkParameters) {
        guard let last = records.last, let kept = learner.kept, let parameters = learner.keptParameters,
            let best = records.first(where: { $0.epoch == kept.epoch }), best.epoch != last.epoch,
            !last.validation.isBetter(than: best.validation)
        else { return (records.last, learner.judged) }
        return (best, parameters)
    }

    /// What the result makes of the people held out.
    ///
    /// - Parameter isJudged: whether these parameters were the last to be judged, in this sitting if in any.
    private func judgement(
        of parameters: NetworkParameters, isJudged: Bool
    ) throws(TrainingError) -> Judgement {
        if isJudged, let judgement { return judgement }
        let judgement = try judge(parameters)
        self.judgement = judgement
        return judgement
    }

    @discardableResult
    func draw(_ records: [EpochRecord], threshold: Double?) -> String? {
        Plots(records: records, distances: judgement?.distances, threshold: threshold).draw(in: job.out)
    }
}
