internal import Network

/// The result of a training: a network's directory.
struct TrainedNetwork {
    let material: Material
    let settings: TrainingSettings
    /// Whole epochs that are done.
    let epochs: Int
    /// The epoch whose weights they are.
    let kept: Int
    /// Of these very weights.
    let figures: ValidationFigures?
    /// Of the network before training.
    let before: ValidationFigures?

    /// Writes weights and card.
    ///
    /// - Parameter people: of the validation.
    /// - Returns: the card as written.
    func write(
        _ parameters: NetworkParameters, threshold: MeasuredThreshold?, people: Int, to directory: String
    ) throws(TrainingError) -> NetworkCard {
        var card = material.card
        if let threshold {
            card.threshold = NetworkCard.Threshold(
                similarity: threshold.similarity, falseMatchRate: threshold.falseMatchRate,
                measured: threshold.measured(people: people))
        }
        card.training = NetworkCard.Training(
            dataFingerprint: material.fingerprint, people: material.training.names.count,
            photos: material.training.count, seed: settings.seed, epochs: epochs,
            loss: settings.lossInWords, accuracy: figures?.accuracy, measured: figures.map(measured),
            rankOne: figures?.rankOne, falseNegativeRate: figures?.falseNegativeRate, initial: initial,
            kept: kept, validationPeople: SHA256.hex(of: PeopleNames.bytes(material.heldOut)))
        if card.isImported { return try ImportedStart.write(card, material.graph, parameters, to: directory) }
        do throws(NetworkError) {
            return try NetworkDirectory.write(
                card, parameters, to: directory, precision: settings.weights ?? .float32)
        } catch {
            throw TrainingError(error)
        }
    }

    private var initial: NetworkCard.Training.Initial? {
        guard let weights = settings.initialWeights, let before else { return nil }
        return NetworkCard.Training.Initial(
            weights: weights, accuracy: before.accuracy, rankOne: before.rankOne,
            falseNegativeRate: before.falseNegativeRate)
    }

    private func measured(_ figures: ValidationFigures) -> String {
        let folds =
            figures.folds > 1
            ? "\(figures.folds) folds of people" : "one fold, its threshold chosen on the same pairs"
        return "\(figures.samePairs) pairs of one and \(figures.differentPairs) of two people among "
            + "\(figures.people) held out, \(folds)"
    }
}
