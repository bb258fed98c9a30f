/// A line of `network list`, or the line of `network show`.
public enum NetworkLine: Codable, Equatable, Sendable {
    /// A network with weights.
    case network(NetworkRecord)
    /// An arrangement of layers without weights.
    case architecture(ArchitectureRecord)

    private enum Key: CodingKey { case card }

    /// Tells the two apart by the `card` that networks have.
    public init(from decoder: any Decoder) throws {
        self =
            try decoder.container(keyedBy: Key.self).contains(.card)
            ? .network(NetworkRecord(from: decoder)) : .architecture(ArchitectureRecord(from: decoder))
    }

    /// Writes the line that it holds.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .network(let record): try record.encode(to: encoder)
        case .architecture(let record): try record.encode(to: encoder)
        }
    }
}
