internal import FoundationEssentials
internal import TemplateStore
package import VectorFiles

/// Reads references that were written as JSON Lines, from a file or from standard input.
///
/// Memory: a line, of at most 2 MiB.
package final class JSONLinesReader: ReferenceReader {
    /// 65,535 bytes of source and 511 of name, escaped six for one, and 2,048 numbers of 20 digits fit well.
    private static let longestLine = 2 << 20

    package let header: ReferenceFileHeader
    private let lines: LineReader
    private let path: String
    private let decoder = JSONDecoder()
    private var taken = 0

    /// Opens a file, or standard input where `path` is `-`, and reads the header.
    ///
    /// - Throws: `.missing`, or `.malformed` where the first line is no header of this version.
    package init(path: String) throws(VectorFileError) {
        lines = try LineReader(path: path, longest: Self.longestLine)
        self.path = lines.name
        guard let line = try Self.nextLine(of: lines),
            let header = try? decoder.decode(ReferenceFileHeader.self, from: Data(line))
        else {
            throw .malformed(
                path: self.path, reason: "does not begin with the line that an export of references begins with"
            )
        }
        if let fault = header.fault { throw .malformed(path: self.path, reason: fault) }
        self.header = header
    }

    package func next() throws(VectorFileError) -> FileReference? {
        guard let line = try Self.nextLine(of: lines) else {
            guard taken == header.references else {
                throw .malformed(
                    path: path,
                    reason: "ends behind \(taken) of \(header.references) references; the file is not whole")
            }
            return nil
        }
        guard taken < header.references else {
            throw .malformed(
                path: path, reason: "has more than the \(header.references) references of its first line")
        }
        guard let found = try? decoder.decode(Line.self, from: Data(line)),
            let reference = found.fileReference
        else {
            throw .malformed(path: path, reason: "line \(lines.line) is no reference")
        }
        if let fault = reference.fault(header) {
            throw .malformed(path: path, reason: "line \(lines.line): \(fault)")
        }
        taken += 1
        return reference
    }

    private static func nextLine(of lines: LineReader) throws(VectorFileError) -> ArraySlice<UInt8>? {
        switch try lines.next() {
        case .whole(let line): line
        case nil: nil
        case .unended:
            throw .malformed(
                path: lines.name, reason: "line \(lines.line) is cut off; the file is not whole")
        case .tooLong:
            throw .malformed(
                path: lines.name, reason: "line \(lines.line) is longer than \(longestLine) bytes")
        }
    }

    fileprivate struct Line: Decodable {
        var subject: String
        var reference: Int64
        var source: String
        var enrolled: Double
        var sourceDigest: String?
        var quality: ReferenceQuality?
        var metadata: [String: String]?
        var embedding: [Float]
    }
}

extension JSONLinesReader.Line {
    /// Nil where the digest is not 32 bytes in hexadecimal.
    fileprivate var fileReference: FileReference? {
        var digest: [UInt8]?
        if let text = sourceDigest {
            let values = text.utf8.compactMap(hexadecimalValue)
            guard values.count == 64, text.utf8.count == 64 else { return nil }
            digest = (0..<32).map { values[2 * $0] << 4 | values[2 * $0 + 1] }
        }
        return FileReference(
            subject: subject, id: reference, source: source, enrolled: enrolled, quality: quality,
            sourceDigest: digest, metadata: metadata ?? [:], template: embedding)
    }
}
