internal import FoundationEssentials
internal import GalleryModel
package import VectorFiles

/// Reads references that were written as JSON Lines, from a file or from standard input.
///
/// Memory: some ten times the longest line, which has at most 2 MiB.
package final class JSONLinesReader: ReferenceReader {
    /// 65,535 bytes of source and 511 of name, escaped six for one, and 2,048 numbers of 20 digits fit well.
    private static let longestLine = 2 << 20

    package let header: ReferenceFileHeader
    private let lines: LineReader
    private let path: String
    private let objects: JSONObjectReader
    private var taken = 0

    /// Opens a file, or standard input where `path` is `-`, and reads the header.
    ///
    /// - Throws: `.missing`, or `.malformed` where the first line is no header of this version.
    package convenience init(path: String) throws(VectorFileError) {
        try self.init(LineReader(path: path, longest: Self.longestLine))
    }

    private init(_ lines: LineReader) throws(VectorFileError) {
        self.lines = lines
        path = lines.name
        objects = try JSONObjectReader(name: lines.name)
        guard var line = try Self.nextLine(of: lines) else { throw Self.noHeader(path) }
        // An editor may have put its mark before it.
        if line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
        guard let header = try? JSONDecoder().decode(ReferenceFileHeader.self, from: Data(line))
        else { throw Self.noHeader(path) }
        if let fault = header.fault { throw .malformed(path: self.path, reason: fault) }
        self.header = header
    }

    private static func noHeader(_ path: String) -> VectorFileError {
        .malformed(
            path: path, reason: "does not begin with the first line of an export of references")
    }

    package func next() throws(VectorFileError) -> FileReference? {
        guard let line = try Self.nextLine(of: lines) else {
            guard taken == header.references else {
                throw .malformed(
                    path: path,
                    reason: "ends after \(taken) of \(header.references) references; the file is incomplete")
            }
            return nil
        }
        guard taken < header.references else {
            throw .malformed(
                path: path, reason: "has more than the \(header.references) references of its first line")
        }
        guard let object = try objects.object(in: line), let reference = FileReference(object) else {
            throw .malformed(path: path, reason: "line \(lines.line) is not a reference")
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
                path: lines.name, reason: "line \(lines.line) is cut off; the file is incomplete")
        case .tooLong:
            throw .malformed(
                path: lines.name, reason: "line \(lines.line) is longer than \(longestLine) bytes")
        }
    }
}

extension FileReference {
    /// Nil where a member is missing or is not what it should be.
    fileprivate init?(_ line: JSONObject) {
        guard let subject = line.text("subject"), let id = line.integer("reference"),
            let source = line.text("source"), let enrolled = line.double("enrolled"),
            let template = unsafe line.floats("embedding")
        else { return nil }
        self.init(
            subject: subject, id: id, source: source, enrolled: enrolled, quality: nil, sourceDigest: nil,
            metadata: [:], template: unsafe Array(template))
        if !line.isMissing("quality") {
            guard let quality = line.object("quality").flatMap(ReferenceQuality.init) else { return nil }
            self.quality = quality
        }
        if !line.isMissing("sourceDigest") {
            guard let digest = line.text("sourceDigest").flatMap(Self.digest) else { return nil }
            sourceDigest = digest
        }
        if !line.isMissing("metadata") {
            guard let metadata = line.object("metadata")?.texts else { return nil }
            self.metadata = metadata
        }
    }

    /// The 32 bytes that a text gives in hexadecimal.
    private static func digest(_ text: String) -> [UInt8]? {
        let values = text.utf8.compactMap(hexadecimalValue)
        guard values.count == 64, text.utf8.count == 64 else { return nil }
        return (0..<32).map { values[2 * $0] << 4 | values[2 * $0 + 1] }
    }
}

extension ReferenceQuality {
    fileprivate init?(_ object: JSONObject) {
        guard let faceSize = object.integer("faceSize"), let sharpness = object.double("sharpness"),
            let yaw = object.double("yaw"), let roll = object.double("roll"), let score = object.double("score")
        else { return nil }
        self.init(faceSize: Int(faceSize), sharpness: sharpness, yaw: yaw, roll: roll, score: score)
    }
}
