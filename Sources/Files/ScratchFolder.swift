internal import Glibc

/// A folder with a fresh name in which something is made before it is moved to its place.
///
/// It is locked while this object lives, and then removed with what is still in it. A file inside says by the folder's
/// own name that it was made here: nobody who may rename folders beside it can have a foreign one taken for it.
package final class ScratchFolder {
    /// What everything is made in; names are free but for `.scratch`.
    package let folder: OpenFolder
    private let parent: OpenFolder
    private let name: String

    /// Makes it in a folder, for what will have a name there.
    ///
    /// What earlier processes left that were killed while they made something of this name is removed.
    package init(for target: String, in parent: OpenFolder) throws(FileError) {
        Leftovers.clear(in: parent, of: target)
        self.parent = parent
        (folder, name) = try Self.make(target, parent)
    }

    private static func make(
        _ target: String, _ parent: OpenFolder
    ) throws(FileError) -> (OpenFolder, String) {
        // Who clears leftovers may take the folder in the moment before it is locked: then another is made.
        for _ in 1...100 {
            let name = ScratchName(for: target).text
            guard try parent.makeFolder(name, mode: 0o700) else { continue }
            let folder: OpenFolder
            do throws(FileError) { folder = try OpenFolder(name, in: parent) } catch .missing { continue }
            let status = try folder.status()
            guard status.owner == Owners.current else { continue }
            // Somebody who looks for leftovers holds the lock just now, and may remove the folder. A file system without
            // locks keeps nobody out, and nothing is cleared there.
            if (try? folder.tryLock(.exclusive)) == false {
                _ = try? parent.removeFolder(name)
                continue
            }
            guard try parent.status(of: name)?.identity == status.identity else { continue }
            do throws(FileError) { try ScratchMark.write(name, in: folder) } catch {
                _ = try? parent.removeFolder(name)
                throw error
            }
            return (folder, name)
        }
        throw .system(path: parent.path, doing: .creating, code: EEXIST)
    }

    deinit { ScratchMark.removeTree(name, folder, in: parent) }

    /// The path of the folder, for messages.
    package var path: String { folder.path }

    /// Moves something made here to its place beside this folder, and makes its name durable.
    ///
    /// A file takes the place of a file, a folder that of an empty folder.
    /// - Throws: `.occupied`, `.system`.
    package func publish(_ child: String, as target: String) throws(FileError) {
        try folder.rename(child, to: target, in: parent)
        try parent.synchronise()
    }
}

/// The file in a scratch folder that shows whose it is.
enum ScratchMark {
    static let fileName = ".scratch"
    /// Folders in folders that are removed; nothing that is made here is deeper.
    private static let deepest = 4

    static func write(_ name: String, in folder: OpenFolder) throws(FileError) {
        let opened = unsafe openat(
            folder.descriptor, fileName, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw .system(path: folder.path, doing: .creating, code: errno) }
        defer { close(opened) }
        let bytes = Array(name.utf8)
        let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(opened, $0.baseAddress, $0.count) }
        guard count == bytes.count else {
            let failure = count < 0 ? errno : ENOSPC
            unsafe unlinkat(folder.descriptor, fileName, 0)
            throw .system(path: folder.path, doing: .writing, code: failure)
        }
    }

    /// Whether a folder says that it was made under this name, or holds nothing yet.
    static func isOn(_ folder: OpenFolder, _ name: String) -> Bool {
        guard let mark = try? InputFile(fileName, in: folder) else {
            return (try? folder.names())?.isEmpty ?? false
        }
        guard let bytes = try? mark.readAll(limit: 256) else { return false }
        if bytes.elementsEqual(name.utf8) { return true }
        // Its maker was killed while it wrote the mark, which comes before all else.
        return name.utf8.starts(with: bytes) && (try? folder.names()) == [fileName]
    }

    /// Removes a scratch folder and all in it; links are removed and not followed, the mark goes last.
    static func removeTree(_ name: String, _ folder: OpenFolder, in parent: OpenFolder) {
        // A user who may rename folders beside this one may have put another folder in its place.
        guard let found = try? parent.status(of: name), let own = try? folder.status(),
            found.identity == own.identity
        else { return }
        empty(folder, depth: 0)
        _ = try? folder.remove(fileName)
        _ = try? parent.removeFolder(name)
    }

    private static func empty(_ folder: OpenFolder, depth: Int) {
        for name in (try? folder.names()) ?? [] where depth > 0 || name != fileName {
            if (try? folder.status(of: name))?.kind == .folder, depth < deepest {
                if let inner = try? OpenFolder(name, in: folder) { empty(inner, depth: depth + 1) }
                _ = try? folder.removeFolder(name)
            } else {
                _ = try? folder.remove(name)
            }
        }
    }
}
