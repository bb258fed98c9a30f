import ArgumentParsing
import Enrollment
import FaceImage
import Files
import PhotoClusters
import Wire

/// The photos of one group that `cluster --out` made, with the face that is meant in each.
struct ClusterMembers {
    /// Bytes of a list that is still read.
    private static let limit = 1 << 34

    /// The path of the list.
    let list: String
    let items: [PhotoItem]

    /// The group that the user names; nil where none is named.
    ///
    /// - Throws: `UsageError`, `FileError`, `PhotoClusterError`.
    init?(_ arguments: ParsedArguments) throws {
        guard let folder = arguments.value("--from-cluster") else { return nil }
        guard arguments.positionals.isEmpty, arguments.value("--manifest") == nil else {
            throw UsageError("use --from-cluster without photos and --manifest", command: "enroll")
        }
        guard try arguments.patterns().isEmpty, !arguments.flag("--largest-face") else {
            throw UsageError(
                "--exclude and --largest-face are not for --from-cluster: leave them out", command: "enroll")
        }
        _ = try arguments.required("--subject")
        guard let number = try arguments.integer("--cluster", in: 1...Int.max) else {
            throw UsageError("--from-cluster needs --cluster N", command: "enroll")
        }
        list = "\(folder)/\(ClusterFolder.listName)"
        let path = list
        let bytes = try InputFile(path).readAll(limit: Self.limit)
        var (items, clusters) = ([PhotoItem](), 0)
        for (place, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
            func damaged() -> PhotoClusterError {
                .damaged(path: path, reason: "line \(place + 1) is no face with its place")
            }
            guard let record = try? WireFormat.decode(ClusteredFaceRecord.self, from: line) else {
                throw damaged()
            }
            clusters = max(clusters, record.cluster ?? 0)
            guard record.cluster == number else { continue }
            guard let photo = record.photo, let box = record.face?.box, box.count == 4,
                let digest = record.digest.flatMap(Self.bytes)
            else { throw damaged() }
            var item = PhotoItem(path: photo, subject: nil, isNamed: false)
            item.face = ChosenPlace(
                box: FaceBox(x: box[0], y: box[1], width: box[2], height: box[3]), digest: digest)
            items.append(item)
        }
        guard !items.isEmpty else { throw PhotoClusterError.noCluster(number, path: path, count: clusters) }
        self.items = items
    }

    private static func bytes(_ digest: String) -> [UInt8]? {
        let digits = Array(digest.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: 64, by: 2) {
            guard let byte = UInt8(String(decoding: digits[start..<start + 2], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }
}
