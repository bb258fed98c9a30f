/// Any line of `enroll`.
public enum EnrollmentLine: Codable, Hashable, Sendable {
    /// What became of a photo.
    case photo(EnrollmentRecord)
    /// A given template that was refused.
    case template(TemplateRefusalRecord)
    /// How far it is.
    case progress(EnrollmentProgressRecord)
    /// What it did; the last line.
    case summary(EnrollmentSummaryRecord)
    /// An event of a later version.
    case other(event: String)

    private enum Key: CodingKey { case event, photo }

    /// Tells lines apart by their `event`, and those without one by their `photo`.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        switch try members.decodeIfPresent(String.self, forKey: .event) {
        case "progress": self = .progress(try EnrollmentProgressRecord(from: decoder))
        case "summary": self = .summary(try EnrollmentSummaryRecord(from: decoder))
        case .some(let event): self = .other(event: event)
        case nil where members.contains(.photo): self = .photo(try EnrollmentRecord(from: decoder))
        case nil: self = .template(try TemplateRefusalRecord(from: decoder))
        }
    }

    /// Writes the line that it holds.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .photo(let record): try record.encode(to: encoder)
        case .template(let record): try record.encode(to: encoder)
        case .progress(let record): try record.encode(to: encoder)
        case .summary(let record): try record.encode(to: encoder)
        case .other(let event):
            var members = encoder.container(keyedBy: Key.self)
            try members.encode(event, forKey: .event)
        }
    }
}
