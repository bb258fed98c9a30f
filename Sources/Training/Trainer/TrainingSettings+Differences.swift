internal import FoundationEssentials
internal import Network

extension TrainingSettings {
    /// Fails with the first setting in which a run would differ from the one it goes on with.
    ///
    /// When it ends and how the result is written may change: there may be more epochs, and any patience.
    /// - Throws: `otherSetting` with the option's name and both values.
    func requireEqual(to checkpoint: TrainingSettings) throws(TrainingError) {
        var before = checkpoint.resolved
        (before.patience, before.weights) = (patience, weights)
        before.epochs = max(before.epochs, epochs)
        let (now, then) = (resolved.words, before.words)
        for key in CodingKeys.allCases where now[key.rawValue] != then[key.rawValue] {
            throw .otherSetting(
                name: key.rawValue, now: now[key.rawValue] ?? "not given",
                checkpoint: then[key.rawValue] ?? "none")
        }
    }

    /// The same with what `nil` stands for.
    var resolved: TrainingSettings {
        var resolved = self
        resolved.margin = margin ?? usualMargin
        resolved.scale = scale ?? usualScale
        resolved.keepInitial = keepInitial ?? 0
        resolved.keep = keep ?? .best
        resolved.imported = imported ?? false
        resolved.freeze = (freeze ?? []).sorted()
        resolved.side = side ?? architecture.defaultInput.side
        return resolved
    }

    /// Each setting as text, by its name in JSON.
    private var words: [String: String] {
        guard let data = try? JSONEncoder().encode(self),
            let values = try? JSONDecoder().decode([String: Word].self, from: data)
        else { return [:] }
        return values.mapValues(\.text)
    }

    /// A value of JSON as text.
    private struct Word: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let word = try? value.decode(String.self) {
                text = word
            } else if let flag = try? value.decode(Bool.self) {
                text = "\(flag)"
            } else if let number = try? value.decode(UInt64.self) {
                text = "\(number)"
            } else if let number = try? value.decode(Double.self) {
                text = "\(Float(number))"
            } else {
                text = try value.decode([Word].self).map(\.text).joined(separator: ", ")
            }
        }
    }
}
