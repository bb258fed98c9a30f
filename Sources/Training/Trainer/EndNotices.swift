/// What the user should know of a training that came to nothing.
enum EndNotices {
    /// Cosine of two people's photos, on average, from which a network that tells few apart has collapsed.
    private static let collapsedSimilarity = 0.99
    /// Accuracy from which a network tells people apart however close its templates are.
    private static let usefulAccuracy = 0.8

    /// - Parameters:
    ///   - records: of all epochs; the first is of the network before training.
    ///   - result: of the weights that are kept.
    static func lines(_ records: [EpochRecord], result: EpochRecord?, isFineTuned: Bool) -> [String] {
        guard let first = records.first, let last = records.last, let result, last.epoch > 0 else { return [] }
        var lines: [String] = []
        if let similarity = collapse(result) ?? collapse(last) {
            let kept =
                result.epoch == last.epoch
                ? "" : "; the weights are those of epoch \(result.epoch)"
            lines.append(
                "the network has collapsed: photos of two people have a cosine of \(rounded(similarity)) on "
                    + "average\(kept); start again with a lower `learning-rate`, `mining` semi-hard, or `loss` arcface"
            )
        }
        if let loss = ForgettingWatch.loss(result.validation, first.validation) {
            lines.append(
                isFineTuned
                    ? "the result tells people apart less well than the network it began with (\(loss)): use that one, "
                        + "or start again with a lower `learning-rate`, fewer `epochs` or `loss` multi-similarity"
                    : "the result tells people apart less well than the untrained network (\(loss)): do not use it; "
                        + "start again with a lower `learning-rate`, more photos of each person, or `loss` arcface"
            )
        }
        return lines
    }

    private static func collapse(_ record: EpochRecord) -> Double? {
        guard record.epoch > 0, let similarity = record.validation.differentSimilarity,
            similarity >= collapsedSimilarity, record.validation.accuracy < usefulAccuracy
        else { return nil }
        return similarity
    }

    private static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}
