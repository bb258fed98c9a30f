internal import Glibc

/// A file or folder that a process was making when it was killed.
package struct Leftover: Sendable, Equatable {
    /// Its name in its folder.
    package let name: String
    /// Bytes of it and all in it.
    package let bytes: Int

    package init(name: String, bytes: Int) { (self.name, self.bytes) = (name, bytes) }
}

/// What killed processes left of files and folders that they were making.
///
/// Something is a leftover if its name is one that `ScratchFile` or `ScratchFolder` makes, it belongs to this user, its
/// lock is free, and, for a folder, the mark in it is of its own name. Nothing else is ever touched.
package enum Leftovers {
    /// Whether a name is one that something in the making has; whose it is, `list` sees.
    package static func isName(_ name: String) -> Bool { ScratchName.target(of: name) != nil }

    /// Those in a folder.
    ///
    /// - Parameter target: only those that were to have this name; nil for all.
    package static func list(in folder: OpenFolder, of target: String? = nil) -> [Leftover] {
        names(in: folder, target).compactMap { name in
            examine(name, in: folder) { bytes in Leftover(name: name, bytes: bytes) }
        }
    }

    /// Removes those in a folder that can be removed.
    package static func clear(in folder: OpenFolder, of target: String? = nil) {
        for name in names(in: folder, target) {
            _ = examine(name, in: folder, thenRemove: true) { _ in true }
        }
    }

    private static func names(in folder: OpenFolder, _ target: String?) -> [String] {
        ((try? folder.names()) ?? []).filter { name in
            target.map { ScratchName.isName(name, for: $0) } ?? isName(name)
        }
    }

    /// Runs `body` with the bytes of a leftover while its lock is held; nil for what is none.
    private static func examine<Result>(
        _ name: String, in parent: OpenFolder, thenRemove: Bool = false, _ body: (Int) -> Result
    ) -> Result? {
        guard let status = try? parent.status(of: name), status.owner == Owners.current else { return nil }
        switch status.kind {
        case .regularFile:
            let opened = unsafe openat(
                parent.descriptor, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
            guard opened >= 0 else { return nil }
            defer { close(opened) }
            guard let own = try? FileStatus.of(descriptor: opened, path: name), own.identity == status.identity,
                FileLock.take(opened) == .taken, (try? parent.status(of: name))?.identity == own.identity
            else { return nil }
            let result = body(own.bytesOnDisk)
            if thenRemove { _ = try? parent.remove(name) }
            return result
        case .folder:
            guard let folder = try? OpenFolder(name, in: parent),
                (try? folder.status())?.owner == Owners.current,
                (try? folder.tryLock(.exclusive)) == true, ScratchMark.isOn(folder, name)
            else { return nil }
            let result = body(bytes(in: folder, depth: 0))
            if thenRemove { ScratchMark.removeTree(name, folder, in: parent) }
            return result
        default: return nil
        }
    }

    /// Bytes on the disk of all files in a folder of ours and in its folders.
    package static func bytes(in folder: OpenFolder, depth: Int = 0) -> Int {
        ((try? folder.names()) ?? []).lazy.map { name in
            guard let status = try? folder.status(of: name) else { return 0 }
            if status.kind == .folder, depth < 4, let inner = try? OpenFolder(name, in: folder) {
                return bytes(in: inner, depth: depth + 1)
            }
            return status.bytesOnDisk
        }.saturatingSum
    }
}
