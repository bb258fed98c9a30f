import Files
import FoundationEssentials
import Network

/// What a snapshot consists of: `snapshot.json`, the last file of it to be written.
///
/// One JSON object, whose last member is the SHA-256 of all bytes before the comma that leads it.
struct SnapshotManifest: Codable, Equatable {
    static let fileName = "snapshot.json"
    static let format = "facegallery-snapshot"
    static let version = 1

    struct File: Codable, Equatable {
        /// Below the snapshot's directory, with one `/`.
        let name: String
        let size: Int
        let sha256: String
    }

    var format = SnapshotManifest.format
    var version = SnapshotManifest.version
    /// When it was made, seconds since 1970-01-01 00:00 UTC.
    let created: Double
    let network: String
    let fingerprint: String
    let dimension: Int
    let subjects: Int
    let references: Int
    let files: [File]

    /// Bytes of a file, and files, that no snapshot has; their product is a number still.
    private static let largestFile = 1 << 46
    private static let mostFiles = 1 << 14

    /// Bytes of all files.
    var bytes: Int { files.map(\.size).saturatingSum }

    private static let lead = Array(",\"checksum\":\"".utf8)
    private static let end = Array("\"}\n".utf8)

    /// The bytes of the file.
    func encoded() throws(GalleryError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard var bytes = (try? encoder.encode(self)).map(Array.init), bytes.popLast() == UInt8(ascii: "}")
        else { throw .badArgument("the snapshot's list of files cannot be put into JSON") }
        bytes += Self.lead + Array(SHA256.hex(of: bytes).utf8) + Self.end
        return bytes
    }

    /// The manifest of a file's bytes.
    ///
    /// - Throws: `.badSnapshot` unless it is just what was written, by a version that is known.
    init(_ bytes: [UInt8], snapshot: String) throws(GalleryError) {
        func fault(_ reason: String) -> GalleryError {
            .badSnapshot(snapshot: snapshot, file: Self.fileName, reason: reason)
        }
        let tailSize = Self.lead.count + 64 + Self.end.count
        guard bytes.count > tailSize else { throw fault("it is cut short") }
        let body = Array(bytes[..<(bytes.count - tailSize)])
        guard
            Array(bytes[body.count...]) == Self.lead + Array(SHA256.hex(of: body).utf8) + Self.end,
            let manifest = try? JSONDecoder().decode(Self.self, from: Data(body + Array("}".utf8)))
        else { throw fault("its checksum is wrong") }
        guard manifest.format == Self.format, manifest.version == Self.version else {
            throw fault("it has version \(manifest.version), but this program knows only \(Self.version)")
        }
        for file in manifest.files {
            guard SnapshotFolder.isName(file.name), (0...Self.largestFile).contains(file.size) else {
                throw fault(
                    "it names '\(file.name)' of \(file.size) bytes, which cannot be a file of a snapshot")
            }
        }
        guard manifest.files.count <= Self.mostFiles, manifest.subjects >= 0, manifest.references >= 0 else {
            throw fault("it states \(manifest.references) references of \(manifest.subjects) subjects")
        }
        guard Set(manifest.files.map(\.name)).count == manifest.files.count,
            manifest.files.contains(where: { $0.name == SnapshotFolder.store })
        else { throw fault("it does not name the files of a snapshot") }
        self = manifest
    }

    init(
        created: Double, network: String, fingerprint: String, dimension: Int, subjects: Int,
        references: Int, files: [File]
    ) {
        (self.created, self.network, self.fingerprint) = (created, network, fingerprint)
        (self.dimension, self.subjects, self.references) = (dimension, subjects, references)
        self.files = files
    }
}
