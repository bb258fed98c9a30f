import FoundationEssentials

/// The rows of a file with a JSON object a line.
///
/// Memory: one line.
struct JSONLines {
    /// Bytes of the longest line.
    static let longestLine = 1 << 20
    /// Bytes that are skipped in search of a line's end.
    private static let longestSkipped = 1 << 28

    private let stream: ByteStream
    private var line = 0
    /// Within a line that was told to be too long.
    private var isSkipping = false

    init(_ stream: ByteStream) { self.stream = stream }

    /// The next row; lines of nothing but white space are skipped.
    ///
    /// - Throws: `.broken` for a line without an end; after `.notYet` the next call begins with the same line.
    mutating func next() throws(ManifestError) -> ManifestRow? {
        if isSkipping { try skipLine() }
        while true {
            stream.setMark()
            let bytes: [UInt8]?
            do throws(ManifestError) { bytes = try readLine() } catch {
                if error == .notYet { stream.rewind() }
                throw error
            }
            guard let bytes else { return nil }
            line += 1
            if bytes.count > Self.longestLine {
                isSkipping = true
                return ManifestRow(line: line, content: .unusable(reason: "the line is longer than 1 MiB"))
            }
            if bytes.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) { continue }
            return ManifestRow(line: line, content: Self.content(of: bytes))
        }
    }

    /// The bytes of a line, or the first of them where it is longer than lines may be; nil at the end.
    private func readLine() throws(ManifestError) -> [UInt8]? {
        guard try stream.peek() != nil else { return nil }
        var bytes: [UInt8] = []
        while bytes.count <= Self.longestLine, let byte = try stream.next(), byte != 0x0A { bytes.append(byte) }
        return bytes
    }

    /// Passes over the rest of a line that is too long.
    private mutating func skipLine() throws(ManifestError) {
        for _ in 0..<Self.longestSkipped {
            // What is skipped need not be kept.
            stream.setMark()
            guard let byte = try stream.next(), byte != 0x0A else {
                isSkipping = false
                return
            }
        }
        throw .broken(manifest: stream.name, line: line, reason: "the line has no end; is it JSON Lines?")
    }

    private static func content(of bytes: [UInt8]) -> ManifestRow.Content {
        guard var values = try? JSONDecoder().decode([String: Scalar].self, from: Data(bytes)) else {
            return .unusable(
                reason: "is not a JSON object of texts, numbers and truth values; correct or remove the line")
        }
        guard let path = values.removeValue(forKey: "path")?.text, !path.isEmpty else {
            return .unusable(reason: "has no \"path\"; name the photo")
        }
        guard let subject = values.removeValue(forKey: "subject")?.text else {
            return .unusable(reason: "has no \"subject\"; name the person in the photo")
        }
        return .photo(path: path, subject: subject, metadata: values.compactMapValues(\.text))
    }
}

/// A value that is kept as text; null is kept as nothing.
private struct Scalar: Decodable {
    let text: String?

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            text = nil
        } else if let value = try? container.decode(String.self) {
            text = value
        } else if let value = try? container.decode(Bool.self) {
            text = value ? "true" : "false"
        } else if let value = try? container.decode(Int64.self) {
            text = String(value)
        } else {
            text = "\(try container.decode(Double.self))"
        }
    }
}
