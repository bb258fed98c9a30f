import Files
import FoundationEssentials
import Gallery
import GalleryModel
import Network
import VectorFiles

/// Which network made the templates of a matrix: a small file beside it, because the matrix itself has no room for it.
///
/// It names the matrix by its size and its first bytes, so that it is not believed of another one that took its place.
struct MatrixNetwork: Codable, Equatable {
    static let format = "facegallery-matrix-network"
    private var format = MatrixNetwork.format
    var network: String
    var fingerprint: String
    /// The text of the network's identity, where it is known.
    var networkFacts: String?
    /// Of the matrix.
    private var bytes = 0
    /// SHA-256 of the matrix's first 65,536 bytes.
    private var head = ""

    /// The network of `embed`.
    init(_ card: NetworkCard) {
        let identity = NetworkIdentity(card)
        (network, fingerprint, networkFacts) = (card.name, identity.fingerprint, identity.text)
    }

    /// The network of a gallery; nil for one of given templates, of which none is known.
    init?(_ gallery: FaceGallery) {
        guard gallery.settings.networkName != FaceGallery.givenTemplates else { return nil }
        (network, fingerprint) = (gallery.settings.networkName, gallery.settings.networkFingerprint)
        networkFacts = gallery.card.map { NetworkIdentity($0).text }
    }

    /// Where the file of a matrix is.
    static func path(of matrix: String) -> String { matrix + ".network.json" }

    /// Writes the file beside a matrix that is whole.
    func write(beside matrix: String) throws {
        guard let look = try MatrixLook(matrix) else { return }
        var note = self
        (note.bytes, note.head) = (look.bytes, look.head)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let file = try WholeFile(path: Self.path(of: matrix))
        try file.append([UInt8](encoder.encode(note)) + [UInt8(ascii: "\n")])
        try file.finish()
    }

    /// Refuses a matrix whose file names another network than the gallery's; one without such a file is taken.
    ///
    /// - Throws: `GalleryError.otherNetwork`; `CommandFailure` where the file cannot be read.
    static func require(of matrix: String, _ gallery: FaceGallery, _ console: Console) throws {
        // Nobody knows which network a gallery of given templates has.
        guard gallery.settings.networkName != FaceGallery.givenTemplates, matrix != "-" else { return }
        let path = path(of: matrix)
        guard let note = try read(path) else { return }
        let look = try MatrixLook(matrix)
        guard look?.bytes == note.bytes, look?.head == note.head else {
            console.note("\(printable(path)) belongs to another matrix; the network of this one is unknown")
            return
        }
        let identity = note.networkFacts.flatMap {
            NetworkIdentity(text: $0, recordedAs: note.fingerprint)
        }
        try gallery.requireNetwork(note.network, recordedAs: note.fingerprint, identity)
    }

    /// The name of the network that made a matrix; nil where no file beside it says so.
    ///
    /// - Throws: `CommandFailure` where the file cannot be read.
    static func name(of matrix: String) throws -> String? {
        guard let note = try read(path(of: matrix)), let look = try MatrixLook(matrix),
            look.bytes == note.bytes,
            look.head == note.head
        else { return nil }
        return note.network
    }

    /// The file at a path; nil if there is none.
    private static func read(_ path: String) throws -> MatrixNetwork? {
        guard let file = try MatrixLook.file(path) else { return nil }
        let text = try file.readAll(limit: 1 << 16)
        if let note = try? JSONDecoder().decode(Self.self, from: Data(text)), note.format == format {
            return note
        }
        throw CommandFailure(
            "\(path): the file does not say which network made the matrix; remove it, or make the matrix again",
            .badData)
    }
}

/// What tells one matrix from another at little cost.
private struct MatrixLook {
    private static let headBytes = 1 << 16

    let bytes: Int
    /// SHA-256 of the first 65,536 bytes.
    let head: String

    /// nil if a matrix is no file of its own.
    init?(_ matrix: String) throws {
        guard let file = try Self.file(matrix) else { return nil }
        var head = [UInt8](repeating: 0, count: Self.headBytes)
        let count = try unsafe head.withUnsafeMutableBytes { buffer in try unsafe file.read(at: 0, into: buffer)
        }
        bytes = try file.status().size
        self.head = SHA256.hex(of: Array(head[..<count]))
    }

    /// nil if nothing is, or what is no file.
    static func file(_ path: String) throws -> InputFile? {
        do throws(FileError) { return try InputFile(path) } catch {
            switch error {
            case .missing, .wrongKind: return nil
            default: throw error
            }
        }
    }
}
