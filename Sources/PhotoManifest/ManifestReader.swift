/// Reads a list of photos, whom each shows and what else is known of it, row by row.
///
/// CSV (RFC 4180, UTF-8, a first line that names the columns) or JSON Lines; `path` and `subject` are needed, any
/// other column is metadata, left out where it is empty. Told apart by the name's end, on standard input by the first
/// byte: `{` begins JSON Lines. Memory: one row, 1 MiB at most. One thread at a time.
package struct ManifestReader {
    private enum Rows {
        case csv(CSVRecords, columns: [String], path: Int, subject: Int)
        case json(JSONLines)
    }

    private var rows: Rows
    private let stream: ByteStream

    /// Opens a manifest and reads the names of its columns.
    ///
    /// - Parameters:
    ///   - path: of the file; `-` is standard input.
    ///   - shouldStop: asked a few times a second while standard input brings nothing.
    package init(
        _ path: String, shouldStop: @escaping @Sendable () -> Bool = { false }
    ) throws(ManifestError) {
        let ending = path.lastIndex(of: ".").map { path[$0...].lowercased() } ?? ""
        let isJSON: Bool?
        switch ending {
        case _ where path == "-": isJSON = nil
        case ".csv": isJSON = false
        case ".jsonl", ".ndjson", ".json": isJSON = true
        default: throw .unknownFormat(manifest: path)
        }
        stream = try ByteStream(path, shouldStop: shouldStop)
        try stream.skipByteOrderMark()
        let first = try stream.peek()
        if isJSON ?? (first == UInt8(ascii: "{")) {
            rows = .json(JSONLines(stream))
        } else {
            rows = try Self.csv(stream)
        }
    }

    /// The next row; nil at the end.
    ///
    /// - Parameter deadline: how long it is waited for, where the manifest is a pipe that may bring it later.
    /// - Throws: `.notYet` if it has not come whole by then, which the next call goes on from; `.broken`, `.unreadable`,
    ///   `.stopped`, and after these there is no next row.
    package mutating func next(
        before deadline: ContinuousClock.Instant? = nil
    ) throws(ManifestError) -> ManifestRow? {
        stream.deadline = deadline
        switch rows {
        case .json(var lines):
            defer { rows = .json(lines) }
            return try lines.next()
        case .csv(var records, let columns, let path, let subject):
            defer { rows = .csv(records, columns: columns, path: path, subject: subject) }
            guard let (line, record) = try records.next() else { return nil }
            switch record {
            case .malformed(let reason): return ManifestRow(line: line, content: .unusable(reason: reason))
            case .fields(let fields):
                return ManifestRow(
                    line: line, content: Self.content(fields, columns, path: path, subject: subject))
            }
        }
    }

    private static func csv(_ stream: ByteStream) throws(ManifestError) -> Rows {
        let name = stream.name
        var records = CSVRecords(stream)
        guard let (_, record) = try records.next() else {
            throw .badHeader(manifest: name, reason: "the manifest is empty; begin it with path,subject")
        }
        guard case .fields(let fields) = record else {
            throw .badHeader(
                manifest: name, reason: "the names of the columns cannot be read; correct the quotes")
        }
        var columns: [String] = []
        // Beside the list, since a first line may name a hundred thousand.
        var known: Set<String> = []
        for field in fields {
            guard let column = String(validating: field, as: UTF8.self) else {
                throw .badHeader(manifest: name, reason: "is not UTF-8; save the manifest as UTF-8")
            }
            guard known.insert(column).inserted else {
                throw .badHeader(
                    manifest: name, reason: "two columns are called '\(column)'; rename one of them")
            }
            columns.append(column)
        }
        guard let path = columns.firstIndex(of: "path"), let subject = columns.firstIndex(of: "subject") else {
            throw .badHeader(
                manifest: name,
                reason: "has no column 'path' or no column 'subject'; begin it with path,subject")
        }
        return .csv(records, columns: columns, path: path, subject: subject)
    }

    private static func content(
        _ fields: [[UInt8]], _ columns: [String], path: Int, subject: Int
    ) -> ManifestRow.Content {
        guard fields.count == columns.count else {
            return .unusable(
                reason: "has \(fields.count) fields where the first line names \(columns.count) columns; "
                    + "put fields that contain a comma into quotes")
        }
        var texts: [String] = []
        for field in fields {
            guard let text = String(validating: field, as: UTF8.self) else {
                return .unusable(reason: "is not UTF-8; save the manifest as UTF-8")
            }
            texts.append(text)
        }
        guard !texts[path].isEmpty else { return .unusable(reason: "names no photo; fill in the path") }
        var metadata: [String: String] = [:]
        for (column, text) in zip(columns, texts) where !text.isEmpty && !["path", "subject"].contains(column) {
            metadata[column] = text
        }
        return .photo(path: texts[path], subject: texts[subject], metadata: metadata)
    }
}
