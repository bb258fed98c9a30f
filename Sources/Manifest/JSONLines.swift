import FoundationEssentials

/// The rows of a file with a JSON object a line.
///
/// Memory: one line.
struct JSONLines {
    /// Bytes of the longest line.
    static let longestLine = 1 << 20

    private let stream: ByteStream
    private var line = 0

    init(_ stream: ByteStream) { self.stream = stream }

    /// The next row; lines of nothing but white space are passed over.
    mutating func next() throws(ManifestError) -> ManifestRow? {
        while try stream.peek() != nil {
            line += 1
            var bytes: [UInt8] = []
            var isTooLong = false
            while let byte = try stream.next(), byte != 0x0A {
                if bytes.count < Self.longestLine { bytes.append(byte) } else { isTooLong = true }
            }
            if isTooLong {
                return ManifestRow(line: line, content: .unusable(reason: "the line is longer than 1 MiB"))
            }
            if bytes.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) { continue }
            return ManifestRow(line: line, content: Self.content(of: bytes))
        }
        return nil
    }

    private static func content(of bytes: [UInt8]) -> ManifestRow.Content {
        guard var values = try? JSONDecoder().decode([String: Scalar].self, from: Data(bytes)) else {
            return .unusable(
                reason: "is no JSON object of texts, numbers and truth values; mend or leave out the line")
        }
        guard let path = values.removeValue(forKey: "path")?.text, !path.isEmpty else {
            return .unusable(reason: "has no \"path\"; name the photo")
        }
        guard let subject = values.removeValue(forKey: "subject")?.text else {
            return .unusable(reason: "has no \"subject\"; name whom the photo shows")
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
