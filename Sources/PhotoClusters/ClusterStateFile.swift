import Clustering
import Files
import FoundationEssentials
import Network

/// A state as the bytes of a file; docs/clustering.md describes them.
enum ClusterStateFile {
    static let name = "clusters.state"
    private static let magic = Array("FGCLUST\u{1}".utf8)
    private static let digestBytes = 32
    /// Bytes of a file that is still read: some twenty million faces.
    private static let limit = 1 << 34

    private struct Head: Codable {
        var settings: ClusterState.Settings
        var dimension: Int
        var minSimilarity: Double
        var rows: Int
        var comparedRows: Int
        var neighbourBytes: Int
        var photos: [ClusteredPhoto]
    }

    static func bytes(of state: ClusterState) throws(PhotoClusterError) -> [UInt8] {
        let neighbours = state.graph.neighbourBytes
        let head = Head(
            settings: state.settings, dimension: state.graph.dimension,
            minSimilarity: state.graph.minSimilarity,
            rows: state.graph.rows, comparedRows: state.graph.comparedRows, neighbourBytes: neighbours.count,
            photos: state.photos)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let text = try? encoder.encode(head), let length = UInt32(exactly: text.count) else {
            throw .damaged(path: name, reason: "there are too many photos for one file")
        }
        var bytes = magic
        bytes.append(littleEndian: length)
        bytes += text
        bytes.reserveCapacity(bytes.count + state.graph.templates.count * 4 + neighbours.count + digestBytes)
        for number in state.graph.templates { bytes.append(littleEndian: number.bitPattern) }
        bytes += neighbours
        bytes += SHA256.digest(of: bytes)
        return bytes
    }

    /// The state of a folder; nil where it has none.
    ///
    /// - Throws: `damaged`, `file`.
    static func read(in folder: OpenFolder) throws(PhotoClusterError) -> ClusterState? {
        let bytes: [UInt8]
        let path: String
        do throws(FileError) {
            path = try folder.path(of: name)
            guard try folder.status(of: name) != nil else { return nil }
            bytes = try InputFile(name, in: folder).readAll(limit: limit)
        } catch { throw .file(error) }
        func damaged(_ reason: String) -> PhotoClusterError { .damaged(path: path, reason: reason) }
        let prefix = magic.count + 4
        guard bytes.count >= prefix + digestBytes else { throw damaged("it is too short") }
        guard bytes[..<7].elementsEqual(magic[..<7]) else {
            throw damaged("it does not begin as such a file does")
        }
        guard bytes[7] == magic[7] else {
            throw damaged("its format is version \(bytes[7]), and this program reads version \(magic[7])")
        }
        let end = bytes.count - digestBytes
        guard SHA256.digest(of: Array(bytes[..<end])).elementsEqual(bytes[end...]) else {
            throw damaged("its checksum is wrong")
        }
        let length = Int(bytes[...].littleEndian(at: magic.count))
        guard prefix + length <= end,
            let head = try? JSONDecoder().decode(Head.self, from: Data(bytes[prefix..<prefix + length]))
        else { throw damaged("its head cannot be read") }
        guard head.dimension > 0, head.dimension <= 1 << 16, (0...1 << 31).contains(head.rows),
            case let start = prefix + length, case let numbers = head.rows * head.dimension,
            start + numbers * 4 <= end, start + numbers * 4 + head.neighbourBytes == end
        else { throw damaged("its parts are not as long as its head says") }
        let templates = (0..<numbers).map { Float(bitPattern: bytes[...].littleEndian(at: start + $0 * 4)) }
        let isGood = head.photos.allSatisfy { photo in
            photo.digest.utf8.count == 64 && photo.digest.allSatisfy(\.isHexDigit)
                && photo.faces.allSatisfy { (0..<head.rows).contains($0.row) && $0.box.count == 4 }
        }
        guard isGood else { throw damaged("a face has no template") }
        do throws(ClusteringError) {
            let graph = try FaceGraph(
                dimension: head.dimension, minSimilarity: head.minSimilarity, templates: templates,
                compared: head.comparedRows, neighbourBytes: bytes[(start + numbers * 4)..<end])
            return ClusterState(settings: head.settings, graph: graph, photos: head.photos)
        } catch { throw damaged("\(error)") }
    }
}
