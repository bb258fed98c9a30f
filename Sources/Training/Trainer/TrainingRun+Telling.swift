internal import Network

extension TrainingRun {
    /// Says what the sitting begins with.
    func tellFacts() {
        let position = learner.position
        progress(
            .began(
                TrainingFacts(
                    people: material.training.names.count, photos: material.training.count,
                    validationPeople: material.validation.names.count,
                    validationPhotos: material.validation.count,
                    parameters: learner.parameters.entries
                        .filter { $0.role.isTrained && !$0.isOf(material.frozen) }
                        .reduce(0) { $0 + $1.range.count },
                    stepsPerEpoch: sampler.batchesPerEpoch, epochs: settings.epochs,
                    epochsDone: position.epoch, stepsDone: position.step)))
        let steps = sampler.batchesPerEpoch
        if settings.isWarmUpTooLong(stepsPerEpoch: steps) {
            progress(
                .notice(
                    "a warm-up of \(settings.warmUp) steps is longer than the run of \(steps * settings.epochs): "
                        + "it is shortened to \(settings.warmUpSteps(stepsPerEpoch: steps)) steps"))
        }
        if let earlierEpochs, settings.epochs > earlierEpochs, settings.schedule != .constant {
            progress(
                .notice(
                    "\(settings.epochs) epochs instead of \(earlierEpochs): the learning rate continues at "
                        + "\(learner.rate(stepsPerEpoch: steps)), where the \(settings.schedule.rawValue) schedule of "
                        + "\(settings.epochs) epochs has it"))
        }
    }

    /// Says where the run stands after a step.
    func tell(_ result: LossResult) {
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
