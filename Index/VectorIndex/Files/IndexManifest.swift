internal import CSearchKernels
internal import FoundationEssentials

/// What a saved index consists of: `manifest.json`, the last file of a save to appear.
///
/// The file is one JSON object whose last member is the CRC-32C of all bytes before the comma that leads it.
struct IndexManifest: Codable, Equatable, Sendable {
    static let fileName = "manifest.json"
    static let format = "facegallery-index"
    static let version = 2

    var format = IndexManifest.format
    var version = IndexManifest.version
    var fingerprint: String
    var dimension: Int
    /// Vectors that can be found.
    var count: Int
    var position: IndexPosition
    var quantizer: SavedFile?
    var calibration: Calibration
    var segments: [SavedSegment]
    /// Rows of the loose file, all of which can be found.
    var looseRows: Int
    var loose: SavedFile?
    /// Whether rows in lists were removed since the training; absent in files of before there was this member.
    var hasLostRows: Bool?

    /// A segment's file, and the bits of its rows that are no answers.
    struct SavedSegment: Codable, Equatable, Sendable {
        let rows: SavedFile
        let removed: SavedFile?
    }

    /// The files beside the manifest.
    var files: [SavedFile] {
        [quantizer, loose].compactMap { $0 } + segments.flatMap { [$0.rows, $0.removed].compactMap { $0 } }
    }

    private static let lead = Array(",\"checksum\":\"".utf8)
    private static let end = Array("\"}\n".utf8)

    /// The bytes of the file.
    func encoded() throws(IndexError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard var bytes = (try? encoder.encode(self)).map(Array.init), bytes.popLast() == UInt8(ascii: "}")
        else {
            throw .cannotWrite(file: Self.fileName, problem: "it cannot be put into JSON")
        }
        let digits = String(Self.checksum(bytes), radix: 16)
        bytes += Self.lead + Array((String(repeating: "0", count: 8 - digits.count) + digits).utf8) + Self.end
        return bytes
    }

    /// The manifest of a file's bytes; throws `damaged` with the path unless it is just what was written.
    init(_ bytes: [UInt8], path: String) throws(IndexError) {
        let tailCount = Self.lead.count + 8 + Self.end.count
        guard bytes.count > tailCount else { throw .damaged(file: path, problem: "it is cut short") }
        let body = Array(bytes[..<(bytes.count - tailCount)])
        let digits = String(Self.checksum(body), radix: 16)
        let wanted =
            Self.lead + Array((String(repeating: "0", count: 8 - digits.count) + digits).utf8) + Self.end
        guard Array(bytes[body.count...]) == wanted else {
            throw .damaged(file: path, problem: "its checksum is wrong")
        }
        guard let manifest = try? JSONDecoder().decode(IndexManifest.self, from: Data(body + Array("}".utf8)))
        else {
            throw .damaged(file: path, problem: "it is not a manifest of an index, or has a later version")
        }
        if let contradiction = manifest.contradiction { throw .damaged(file: path, problem: contradiction) }
        self = manifest
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 { unsafe csk_crc32c(0, bytes, bytes.count) }
}

extension IndexManifest {
    /// The manifest of a state, without its files.
    init(_ state: IndexState, fingerprint: String) {
        self.fingerprint = fingerprint
        dimension = state.dimension
        count = state.count
        position = state.position
        calibration = state.calibration
        segments = []
        looseRows = state.loose.liveCount
        hasLostRows = state.hasLostRows
    }

    /// Why this is not the index that is looked for, or nil if it is.
    func refusal(fingerprint: String, dimension: Int) -> String? {
        if format != Self.format { return "its format is \(format), not \(Self.format)" }
        if version != Self.version { return "its format version is \(version), not \(Self.version)" }
        if self.fingerprint != fingerprint {
            return "it was made for fingerprint \(self.fingerprint), not \(fingerprint)"
        }
        if self.dimension != dimension { return "its dimension is \(self.dimension), not \(dimension)" }
        return nil
    }
}
