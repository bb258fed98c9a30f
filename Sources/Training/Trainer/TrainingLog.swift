internal import FoundationEssentials

/// `log.jsonl`: a line with the settings, one for each epoch, one at the end.
struct TrainingLog {
    private struct Line<Content: Encodable>: Encodable {
        var event: String
        var content: Content

        enum CodingKeys: String, CodingKey { case event }

        func encode(to encoder: any Encoder) throws {
            try content.encode(to: encoder)
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(event, forKey: .event)
        }
    }

    /// How a training ended.
    struct End: Codable, Equatable {
        var reason: String
        var epochs: Int
        var seconds: Double
        var accuracy: Double?
    }

    private let path: String

    /// Begins the file with what has happened so far.
    ///
    /// Lines of epochs that no checkpoint remembers go, so that none is there twice after a resume.
    init(folder: String, settings: TrainingSettings, records: [EpochRecord]) throws(TrainingError) {
        path = folder + "/log.jsonl"
        var bytes = Self.line("settings", settings)
        for record in records { bytes += Self.line("epoch", record) }
        try SafeWriting.replace(path, with: bytes)
    }

    func append(_ record: EpochRecord) throws(TrainingError) {
        try SafeWriting.append(Self.line("epoch", record), to: path)
    }

    func append(_ end: End) throws(TrainingError) {
        try SafeWriting.append(Self.line("end", end), to: path)
    }

    private static func line(_ event: String, _ content: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let data = try? encoder.encode(Line(event: event, content: content)) else { return [] }
        return Array(data) + [UInt8(ascii: "\n")]
    }
}
