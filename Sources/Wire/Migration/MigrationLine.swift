/// Any line of `migrate`.
public enum MigrationLine: Codable, Hashable, Sendable {
    /// A reference cannot be made again.
    case missing(MissingReferenceRecord)
    /// How far it is.
    case progress(MigrationProgressRecord)
    /// What it did; the last line.
    case summary(MigrationSummaryRecord)
    /// An event of a later version.
    case other(event: String)

    private enum Key: CodingKey { case event }

    /// Tells lines apart by their `event`.
    public init(from decoder: any Decoder) throws {
        let event = try decoder.container(keyedBy: Key.self).decode(String.self, forKey: .event)
        self =
            switch event {
            case "missing": .missing(try MissingReferenceRecord(from: decoder))
            case "progress": .progress(try MigrationProgressRecord(from: decoder))
            case "summary": .summary(try MigrationSummaryRecord(from: decoder))
            default: .other(event: event)
            }
    }

    /// Writes the line that it holds.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .missing(let record): try record.encode(to: encoder)
        case .progress(let record): try record.encode(to: encoder)
        case .summary(let record): try record.encode(to: encoder)
        case .other(let event):
            var members = encoder.container(keyedBy: Key.self)
            try members.encode(event, forKey: .event)
        }
    }
}
