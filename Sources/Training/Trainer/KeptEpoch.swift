/// The epoch whose weights are the result unless a later one is better.
struct KeptEpoch: Sendable {
    /// From 1.
    var epoch: Int
    /// The values of all tensors as they were judged.
    var values: [Float]
}

extension ValidationFigures {
    /// Whether a network with these figures is better than one with the others, on the same people.
    ///
    /// The lower FNIR decides where both have one, else the higher accuracy. Where they are equal, accuracy, rank-1 and
    /// the lower loss follow, in this order.
    func isBetter(than other: ValidationFigures) -> Bool {
        if let rate = falseNegativeRate, let others = other.falseNegativeRate, rate != others {
            return rate < others
        }
        if accuracy != other.accuracy { return accuracy > other.accuracy }
        if rankOne != other.rankOne { return rankOne > other.rankOne }
        guard let loss, let others = other.loss else { return false }
        return loss < others
    }
}

extension [EpochRecord] {
    /// The best epoch of those that were trained, the earliest of equals; nil before the first.
    var best: EpochRecord? {
        dropFirst().reduce(nil) { best, record in
            guard let best else { return record }
            return record.validation.isBetter(than: best.validation) ? record : best
        }
    }
}

extension TrainingSettings {
    /// Whether the best epoch's weights are the result.
    var keepsBest: Bool { (keep ?? .best) == .best }

    /// Whether so many epochs have passed without a better one as there is patience for.
    ///
    /// - Parameter records: of epoch 0 and every whole epoch.
    func isPatienceOver(_ records: [EpochRecord]) -> Bool {
        guard let patience, let best = records.best, let last = records.last else { return false }
        return last.epoch - best.epoch >= patience
    }

    /// Whether a run that has these records has nothing left to do.
    func isOver(_ records: [EpochRecord]) -> Bool {
        (records.last?.epoch ?? 0) >= epochs || isPatienceOver(records)
    }
}
