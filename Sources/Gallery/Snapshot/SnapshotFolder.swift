import Files
import GalleryModel
import Network

/// A snapshot or a restored gallery in the making: built in a scratch folder, and moved to its place when it is whole.
///
/// What it holds are files at most one folder deep, 0600, synced.
final class SnapshotFolder {
    static let store = "store/data.mdb"
    static let folders = ["store", "index", "network"]
    private static let content = "content"
    private static let blockSize = 1 << 20

    /// Where the directory will be.
    let target: String
    private let name: String
    private let parent: OpenFolder
    private let scratch: ScratchFolder
    /// What it is made in.
    let folder: OpenFolder

    /// Whether a name is one that a snapshot's file may have.
    static func isName(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, folders.contains(String(parts[0])) else { return false }
        return !parts[1].isEmpty && !parts[1].hasPrefix(".") && !parts[1].utf8.contains(0)
    }

    /// Begins a directory.
    ///
    /// What earlier processes left that were killed while they made it is removed.
    /// - Throws: `.store(.alreadyExists)` where the target is there and not an empty directory.
    init(target: String) throws(GalleryError) {
        self.target = target
        do throws(FileError) { (parent, name) = try OpenFolder.holding(target) } catch .missing {
            throw .store(.noParent(path: target))
        } catch .badOutput {
            throw .store(.alreadyExists(path: target))
        } catch { throw Self.failure(error, "creating") }
        do throws(FileError) {
            if let status = try parent.status(of: name) {
                guard status.kind == .folder, try OpenFolder(name, in: parent).names().isEmpty else {
                    throw FileError.occupied(path: target)
                }
            }
            scratch = try ScratchFolder(for: name, in: parent)
            try scratch.folder.makeFolder(Self.content)
            folder = try OpenFolder(Self.content, in: scratch.folder)
        } catch { throw Self.failure(error, "creating", target) }
    }

    /// Refuses to begin what the file system has no room for.
    func requireSpace(_ needed: Int) throws(GalleryError) {
        let available = try on("examining") { () throws(FileError) in try folder.availableBytes() }
        guard needed <= available else {
            throw .store(.notEnoughSpace(path: target, needed: needed, available: available))
        }
    }

    func makeFolder(_ name: String) throws(GalleryError) {
        try on("creating") { () throws(FileError) in try folder.makeFolder(name) }
    }

    /// The folder and the name in it that `folder/name` or a plain name stands for.
    private func place(_ name: String) throws(FileError) -> (OpenFolder, String) {
        guard let slash = name.firstIndex(of: "/") else { return (folder, name) }
        return (
            try OpenFolder(String(name[..<slash]), in: folder), String(name[name.index(after: slash)...])
        )
    }

    /// Copies a file; returns its size and SHA-256.
    ///
    /// - Parameters:
    ///   - name: as `isName` has it, or a plain name.
    ///   - limit: bytes after which it ends, for a file that grows.
    func copy(_ file: InputFile, to name: String, limit: Int = .max) throws(GalleryError) -> (Int, String) {
        let copy: ScratchFile
        do throws(FileError) {
            let (folder, name) = try place(name)
            copy = try ScratchFile(replacing: name, in: folder)
        } catch { throw Self.failure(error, "creating", target) }
        var written = 0
        let result = try Self.read(file, limit: limit) { block throws(GalleryError) in
            do throws(FileError) { try copy.write(block, at: written) } catch {
                throw Self.failure(error, "writing", target)
            }
            written += block.count
        }
        try on("syncing") { () throws(FileError) in try copy.publish(isSynced: false) }
        return result
    }

    /// Size and SHA-256 of a file that is there.
    func digest(of name: String) throws(GalleryError) -> (Int, String) {
        let file = try on("reading") { () throws(FileError) in
            let (folder, name) = try place(name)
            return try InputFile(name, in: folder)
        }
        return try Self.read(file, limit: .max) { _ in }
    }

    private static func read(
        _ file: InputFile, limit: Int, _ body: ([UInt8]) throws(GalleryError) -> Void
    ) throws(GalleryError) -> (Int, String) {
        var digest = SHA256Stream()
        var size = 0
        var block = [UInt8](repeating: 0, count: blockSize)
        while size < limit {
            var failure: FileError?
            let got = unsafe block.withUnsafeMutableBytes { buffer in
                do throws(FileError) { return try unsafe file.read(at: size, into: buffer) } catch {
                    failure = error
                    return 0
                }
            }
            if let failure { throw Self.failure(failure, "reading") }
            if got == 0 { break }
            let bytes = got == block.count ? block : Array(block[..<got])
            digest.add(bytes)
            try body(bytes)
            size += got
        }
        return (size, digest.hex())
    }

    /// Writes a small file.
    func write(_ bytes: [UInt8], to name: String) throws(GalleryError) {
        try on("writing") { () throws(FileError) in try ScratchFile.replace(name, in: folder, with: bytes) }
    }

    /// Removes a file that opening a store leaves.
    func remove(_ name: String) {
        guard let (folder, name) = try? place(name) else { return }
        _ = try? folder.remove(name)
    }

    /// Removes one of the folders with its files.
    func removeFolder(_ name: String) {
        guard let inner = try? OpenFolder(name, in: folder) else { return }
        for file in (try? inner.names()) ?? [] { _ = try? inner.remove(file) }
        _ = try? folder.removeFolder(name)
    }

    /// Makes all names durable and gives the directory its own.
    func publish() throws(GalleryError) {
        try on("creating") { () throws(FileError) in
            for name in Self.folders where try folder.status(of: name) != nil {
                try OpenFolder(name, in: folder).synchronise()
            }
            try folder.synchronise()
            // An empty directory makes place; anything else is left as it is.
            try scratch.publish(Self.content, as: name)
        }
    }

    @discardableResult
    private func on<Result>(
        _ doing: String, _ call: () throws(FileError) -> Result
    ) throws(GalleryError) -> Result {
        do throws(FileError) { return try call() } catch { throw Self.failure(error, doing, target) }
    }

    /// The engine's error of one of files; `target` in the place of a path that nobody knows.
    static func failure(_ error: FileError, _ doing: String, _ target: String? = nil) -> GalleryError {
        let path = target ?? error.path
        switch error {
        case .occupied: return .store(.alreadyExists(path: path))
        case .system(_, _, let code):
            switch FileError.Problem(code) {
            case .permission: return .store(.permission(path: path, doing: doing))
            case .noSpace: return .store(.noSpace(path: path))
            case .other: return .store(.io(path: path, doing: doing, reason: FileError.text(of: code)))
            }
        default: return .store(.io(path: error.path, doing: doing, reason: error.reason))
        }
    }
}
