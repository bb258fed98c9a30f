package import FaceImage
internal import Files
internal import Glibc

/// The folder that `cluster --out` makes: the state, the list of faces, a picture of each face, and a folder per group
/// with links to the pictures.
///
/// Only its user may enter it: templates and pictures are people. Not for use from two threads at once.
package final class ClusterFolder {
    package static let listName = "clusters.jsonl"
    private static let facesName = "faces"
    private static let groupsName = "clusters"

    private let folder: OpenFolder
    private let faces: OpenFolder
    /// The path, as the user gave it.
    package let path: String

    /// Makes the folder, or opens one that was made before, and locks it.
    ///
    /// - Throws: `foreignFolder`; `file`, also where another process is at work in it.
    package init(_ path: String) throws(PhotoClusterError) {
        self.path = path
        let others: [String]
        do throws(FileError) {
            let (parent, name) = try OpenFolder.holding(path)
            let isNew = try parent.makeFolder(name, mode: 0o700)
            folder = try OpenFolder(path)
            try folder.lock(.exclusive)
            // A run that was killed before its first state leaves pictures alone.
            var isOurs = isNew
            if !isOurs { isOurs = try folder.status(of: ClusterStateFile.name) != nil }
            others = isOurs ? [] : try folder.names().filter { $0 != Self.facesName && !$0.hasPrefix(".") }
            if others.isEmpty { try folder.makeFolder(Self.facesName, mode: 0o700) }
            faces = others.isEmpty ? try OpenFolder(Self.facesName, in: folder) : folder
        } catch { throw .file(error) }
        guard others.isEmpty else { throw .foreignFolder(path) }
    }

    /// What an earlier run knew; nil for a new folder.
    ///
    /// - Throws: `damaged`, `otherSettings`, `file`.
    package func state(made settings: ClusterState.Settings) throws(PhotoClusterError) -> ClusterState? {
        guard let state = try ClusterStateFile.read(in: folder) else { return nil }
        guard state.settings == settings else {
            throw .otherSettings(path: path, there: state.settings.words, now: settings.words)
        }
        return state
    }

    /// Replaces the state, whole and durable.
    package func write(_ state: ClusterState) throws(PhotoClusterError) {
        let bytes = try ClusterStateFile.bytes(of: state)
        try file { () throws(FileError) in
            try ScratchFile.replace(ClusterStateFile.name, in: folder, with: bytes, mode: 0o600)
        }
    }

    /// Keeps the picture of a face.
    ///
    /// Not synced: it can be made again, and counts only with the state.
    package func write(_ chip: FaceChip, digest: String, number: Int) throws(PhotoClusterError) {
        guard let bytes = chip.png() else { return }
        try file { () throws(FileError) in
            let name = ClusteredFace.pictureName(digest, number)
            try faces.remove(name)
            try AppendedFile.append(bytes, to: faces.path(of: name))
        }
    }

    /// Replaces the list of faces and the folders of groups.
    ///
    /// - Parameter lines: the list, as it is written.
    package func write(_ clustered: [ClusteredFace], lines: [UInt8]) throws(PhotoClusterError) {
        try file { () throws(FileError) in
            try ScratchFile.replace(Self.listName, in: folder, with: lines, mode: 0o600)
            try folder.makeFolder(Self.groupsName, mode: 0o700)
            let groups = try OpenFolder(Self.groupsName, in: folder)
            try Self.empty(groups)
            let digits = max(4, "\(clustered.compactMap(\.cluster).max() ?? 0)".count)
            var current: (number: Int, folder: OpenFolder)?
            for face in clustered {
                guard let number = face.cluster else { continue }
                if current?.number != number {
                    let text = "\(number)"
                    let name = String(repeating: "0", count: digits - text.count) + text
                    try groups.makeFolder(name, mode: 0o700)
                    current = (number, try OpenFolder(name, in: groups))
                }
                guard let target = current?.folder else { continue }
                try faces.link(face.pictureName, into: target)
            }
        }
    }

    /// Removes what an earlier run has made; whatever else is there stays.
    private static func empty(_ groups: OpenFolder) throws(FileError) {
        for name in try groups.names() where name.allSatisfy({ $0.isASCII && $0.isNumber }) {
            guard let group = try? OpenFolder(name, in: groups) else { continue }
            for picture in try group.names() where picture.hasSuffix(".png") { try group.remove(picture) }
            // One that still holds something of the user's stays.
            _ = try? groups.removeFolder(name)
        }
    }

    private func file(_ body: () throws(FileError) -> Void) throws(PhotoClusterError) {
        do throws(FileError) { try body() } catch { throw .file(error) }
    }
}
