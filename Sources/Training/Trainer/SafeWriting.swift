internal import FaceImage
internal import Files
internal import Glibc
internal import Network

/// Writes files so that their old content or their new content is there, never a part.
enum SafeWriting {
    /// Puts `bytes` in the place of `path`, whole, synced, for the owner alone.
    ///
    /// - Throws: `cannotWrite` with the system's reason; what was at `path` before is untouched then.
    static func replace(_ path: String, with bytes: [UInt8]) throws(TrainingError) {
        do throws(NetworkError) {
            try replaceFile(path, with: bytes, mode: 0o600)
        } catch {
            throw TrainingError(error)
        }
    }

    /// Adds `bytes` to the end of a file.
    static func append(_ bytes: [UInt8], to path: String) throws(TrainingError) {
        do throws(FileError) { try AppendedFile.append(bytes, to: path) } catch {
            throw .cannotWrite(path: path, reason: error.reason)
        }
    }

    /// Makes a folder and those above it; one that is there already is left as it is.
    static func makeFolder(_ path: String) throws(TrainingError) {
        if PhotoFolders.isFolder(path) { return }
        if let slash = path.dropLast().lastIndex(of: "/"), slash > path.startIndex {
            try makeFolder(String(path[..<slash]))
        }
        if unsafe mkdir(path, 0o777) == 0 { return }
        let failure = reason()
        guard PhotoFolders.isFolder(path) else { throw .cannotWrite(path: path, reason: failure) }
    }

    /// Whether something is at a path, whatever it is.
    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    private static func reason() -> String { unsafe String(cString: strerror(errno)) }

    /// Whether a name is one that a file in the making has, or had in earlier versions: `<one of ours>.<process>.new`.
    ///
    /// Anybody else's `.new` is theirs.
    static func isLeftOver(_ name: String) -> Bool { Leftovers.isName(name) || wasLeftOver(name) }

    /// Whether an earlier version may have left a file of this name.
    static func wasLeftOver(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 2, parts.last == "new", let process = parts.dropLast().last, !process.isEmpty,
            process.allSatisfy({ $0.isASCII && $0.isNumber })
        else { return false }
        return ours.contains(parts.dropLast(2).joined(separator: "."))
    }

    private static let ours: Set = ["checkpoint.safetensors", "weights.safetensors", "card.json", "log.jsonl"]

    /// Names in a folder, without `.` and `..`; nil if it cannot be listed.
    static func names(in path: String) -> [String]? {
        try? OpenFolder(path).names()
    }
}

extension TrainingError {
    /// The error of a network; one of writing is training's own.
    init(_ error: NetworkError) {
        if case .cannotWrite(let path, let reason) = error {
            self = .cannotWrite(path: path, reason: reason)
        } else {
            self = .network(error)
        }
    }
}
