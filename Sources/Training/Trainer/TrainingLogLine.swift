/// A line of `log.jsonl`, which `train --json` prints too.
public enum TrainingLogLine: Codable, Equatable, Sendable {
    /// What the training was asked for; the first line.
    case settings(TrainingSettings)
    /// What an epoch gave.
    case epoch(EpochRecord)
    /// How it ended; the last line.
    case end(TrainingEnd)

    private enum Key: CodingKey { case event }

    /// Tells lines apart by their `event`.
    ///
    /// - Throws: `DecodingError` for an event of a later version, too.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        self =
            switch try members.decode(String.self, forKey: .event) {
            case "settings": .settings(try TrainingSettings(from: decoder))
            case "epoch": .epoch(try EpochRecord(from: decoder))
            case "end": .end(try TrainingEnd(from: decoder))
            case let event:
                throw DecodingError.dataCorruptedError(
                    forKey: .event, in: members, debugDescription: "the event \(event) is unknown")
            }
    }

    /// Writes the members of what it holds, and the event.
    public func encode(to encoder: any Encoder) throws {
        let event: String
        switch self {
        case .settings(let settings):
            try settings.encode(to: encoder)
            event = "settings"
        case .epoch(let record):
            try record.encode(to: encoder)
            event = "epoch"
        case .end(let end):
            try end.encode(to: encoder)
            event = "end"
        }
        var members = encoder.container(keyedBy: Key.self)
        try members.encode(event, forKey: .event)
    }
}

/// How a training ended.
public struct TrainingEnd: Codable, Equatable, Sendable {
    /// A word of `TrainingOutcome.Reason`.
    public var reason: String
    /// Epochs that were done.
    public var epochs: Int
    /// Seconds of training, over all sittings.
    public var seconds: Double
    /// The epoch whose weights are the result.
    public var kept: Int
    /// Of the result, as in `ValidationFigures`.
    public var accuracy: Double?
    /// SHA-256 of the weights.
    public var weights: String
}
