internal import Files
internal import GalleryModel
package import VectorFiles

/// Writes references as JSON Lines: the header, then a line a reference.
///
/// Numbers are written so that reading them gives the same bits.
package final class JSONLinesWriter: ReferenceWriter {
    private let header: ReferenceFileHeader
    private let path: String
    private let put: ([UInt8]) throws(VectorFileError) -> Void
    private let end: () throws(VectorFileError) -> Void

    /// Begins a file.
    package convenience init(path: String, header: ReferenceFileHeader) throws(VectorFileError) {
        let file = try WholeFile(path: path)
        try self.init(header: header, path: path) { bytes throws(VectorFileError) in
            try file.append(bytes)
        } end: { () throws(VectorFileError) in
            try file.finish()
        }
    }

    /// Begins lines that go wherever `put` takes them, some at a time.
    ///
    /// - Parameter path: what errors call them.
    package init(
        header: ReferenceFileHeader, path: String = "standard output",
        put: @escaping ([UInt8]) throws(VectorFileError) -> Void,
        end: @escaping () throws(VectorFileError) -> Void
    ) throws(VectorFileError) {
        (self.header, self.path) = (header, path)
        self.put = put
        self.end = end
        var line = JSONLine()
        line.add("format", header.format)
        line.add("version", "\(header.version)", quoted: false)
        line.add("export", header.export)
        line.add("dimension", "\(header.dimension)", quoted: false)
        line.add("network", header.network)
        line.add("fingerprint", header.fingerprint)
        if let facts = header.networkFacts { line.add("networkFacts", facts) }
        line.add("references", "\(header.references)", quoted: false)
        try put(line.finish())
    }

    package func append(_ reference: FileReference) throws(VectorFileError) {
        try reference.requireNumbers(header, path: path)
        var line = JSONLine()
        line.add("subject", reference.subject)
        line.add("reference", "\(reference.id)", quoted: false)
        line.add("source", reference.source)
        line.add("enrolled", "\(reference.enrolled)", quoted: false)
        if let digest = reference.sourceDigest { line.add("sourceDigest", digest.hexadecimal) }
        if let quality = reference.quality {
            line.add(
                "quality",
                "{\"faceSize\":\(quality.faceSize),\"sharpness\":\(quality.sharpness),\"yaw\":\(quality.yaw),"
                    + "\"roll\":\(quality.roll),\"score\":\(quality.score)}", quoted: false)
        }
        if !reference.metadata.isEmpty { line.add("metadata", reference.metadataText, quoted: false) }
        line.begin("embedding")
        line.bytes.append(UInt8(ascii: "["))
        for (place, number) in reference.template.enumerated() {
            if place > 0 { line.bytes.append(UInt8(ascii: ",")) }
            line.bytes += number.description.utf8
        }
        line.bytes.append(UInt8(ascii: "]"))
        try put(line.finish())
    }

    package func finish() throws(VectorFileError) { try end() }
}

/// One object of JSON in the making.
private struct JSONLine {
    var bytes: [UInt8] = [UInt8(ascii: "{")]

    mutating func begin(_ key: String) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        quote(key)
        bytes.append(UInt8(ascii: ":"))
    }

    mutating func add(_ key: String, _ value: String, quoted: Bool = true) {
        begin(key)
        if quoted { quote(value) } else { bytes += value.utf8 }
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case ..<0x20: bytes += "\\u00\([byte].hexadecimal)".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func finish() -> [UInt8] {
        bytes += [UInt8(ascii: "}"), UInt8(ascii: "\n")]
        // A line may be printed.
        return printableJSON(bytes)
    }
}
