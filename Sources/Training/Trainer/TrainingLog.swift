internal import FoundationEssentials

/// `log.jsonl`: a line with the settings, one for each epoch, one at the end.
struct TrainingLog {
    private let path: String
    private let tell: (String) -> Void

    /// Begins the file with what has happened so far.
    ///
    /// Lines of epochs that no checkpoint remembers go, so that none is there twice after a resume.
    ///
    /// - Parameter tell: is given each line that is written.
    init(
        folder: String, settings: TrainingSettings, heldOut: [String], records: [EpochRecord],
        tell: @escaping (String) -> Void
    ) throws(TrainingError) {
        path = folder + "/log.jsonl"
        self.tell = tell
        // The names as they came about: whoever has the log can hold the same people out.
        var settings = settings.resolved
        settings.validationPeople = heldOut
        let lines = [Self.line(.settings(settings))] + records.map { Self.line(.epoch($0)) }
        try SafeWriting.replace(path, with: Array(lines.map { $0 + "\n" }.joined().utf8))
        lines.forEach(tell)
    }

    func append(_ record: EpochRecord) throws(TrainingError) {
        try append(Self.line(.epoch(record)))
    }

    func append(_ end: TrainingEnd) throws(TrainingError) {
        try append(Self.line(.end(end)))
    }

    private func append(_ line: String) throws(TrainingError) {
        try SafeWriting.append(Array((line + "\n").utf8), to: path)
        tell(line)
    }

    private static func line(_ line: TrainingLogLine) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let data = try? encoder.encode(line) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}
