/// A line of `identify`: an answer, or why there is none.
public enum IdentificationLine: Codable, Hashable, Sendable {
    /// The answer for a face or a template.
    case answer(AnswerRecord)
    /// A photo, or a line of probes, without an answer.
    case failure(AnswerFailureRecord)

    private enum Key: CodingKey { case error }

    /// Tells lines apart by their `error`.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        self =
            members.contains(.error)
            ? .failure(try AnswerFailureRecord(from: decoder)) : .answer(try AnswerRecord(from: decoder))
    }

    /// Writes the line that it holds.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .answer(let record): try record.encode(to: encoder)
        case .failure(let record): try record.encode(to: encoder)
        }
    }
}
