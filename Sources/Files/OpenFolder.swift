internal import Glibc

/// An open folder: what is done below it stays below it, whatever is renamed or linked meanwhile.
///
/// Names are single ones, without `/`; no symbolic link of that name is followed.
package final class OpenFolder: Sendable {
    /// The path as the user gave it, for messages.
    package let path: String
    package let descriptor: Int32

    /// Opens the folder that a path of the user's leads to.
    ///
    /// - Parameter followingLinks: whether a symbolic link at the end of the path is followed.
    /// - Throws: `.missing`, `.wrongKind`, `.system`.
    package convenience init(_ path: String, followingLinks: Bool = true) throws(FileError) {
        let path = path.isEmpty ? "." : path
        guard !path.utf8.contains(0) else { throw .missing(path: path) }
        let links = followingLinks ? 0 : O_NOFOLLOW
        var opened = unsafe open(path, Self.flags | links)
        // A folder that may be passed and not listed: names in it can be opened still.
        if opened < 0, errno == EACCES {
            opened = unsafe open(path, Self.onlyPath | O_DIRECTORY | O_CLOEXEC | links)
        }
        try self.init(opened, errno, path) { () throws(FileError) in
            try FileStatus.of(path, followingLinks: followingLinks)
        }
    }

    /// Opens a folder in a folder; a symbolic link there is refused.
    package convenience init(_ name: String, in folder: OpenFolder) throws(FileError) {
        let path = try folder.path(of: name)
        let opened = unsafe openat(folder.descriptor, name, Self.flags | O_NOFOLLOW)
        try self.init(opened, errno, path) { () throws(FileError) in try folder.status(of: name) }
    }

    /// The folder that a path's last name stands in, with that name.
    ///
    /// - Throws: `.missing` with the path of the folder; `.badOutput` for a path that ends with no name.
    package static func holding(_ path: String) throws(FileError) -> (folder: OpenFolder, name: String) {
        var trimmed = path[...]
        while trimmed.count > 1, trimmed.utf8.last == UInt8(ascii: "/") { trimmed = trimmed.dropLast() }
        let slash = trimmed.utf8.lastIndex(of: UInt8(ascii: "/"))
        let name = slash.map { trimmed[trimmed.utf8.index(after: $0)...] } ?? trimmed
        guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(0) else {
            throw .badOutput(path: path, reason: "does not end with a usable file name")
        }
        let parent = slash.map { $0 == trimmed.startIndex ? "/" : String(trimmed[..<$0]) } ?? "."
        return (try OpenFolder(parent), String(name))
    }

    private static let onlyPath: Int32 = 0x20_0000  // O_PATH

    private static var flags: Int32 { O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK }

    private init(
        _ opened: Int32, _ failure: Int32, _ path: String, found: () throws(FileError) -> FileStatus?
    ) throws(FileError) {
        (self.path, descriptor) = (path, opened)
        guard opened < 0 else { return }
        switch failure {
        case ENOENT: throw .missing(path: path)
        case ENOTDIR, ELOOP:
            guard let kind = try found()?.kind else { throw .missing(path: path) }
            throw .wrongKind(path: path, found: kind, wanted: .folder)
        default: throw .system(path: path, doing: .examining, code: failure)
        }
    }

    /// Takes over an open folder, which is closed with this object.
    init(adopting descriptor: Int32, path: String) { (self.descriptor, self.path) = (descriptor, path) }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// A path by which C libraries reach just this folder, whatever its name leads to by now.
    ///
    /// Valid as long as this object is; where `/proc` is not mounted, the path itself.
    package var stablePath: String {
        let pinned = "/proc/self/fd/\(descriptor)"
        return unsafe access(pinned, F_OK) == 0 ? pinned : path
    }

    /// The path of a name in this folder, for messages.
    ///
    /// - Throws: `.badOutput` for what is no single name.
    package func path(of name: String) throws(FileError) -> String {
        let whole = path.utf8.last == UInt8(ascii: "/") ? path + name : "\(path)/\(name)"
        guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(UInt8(ascii: "/")),
            !name.utf8.contains(0)
        else { throw .badOutput(path: whole, reason: "is not a single file name") }
        return whole
    }

    /// What the system says of the folder.
    package func status() throws(FileError) -> FileStatus {
        try FileStatus.of(descriptor: descriptor, path: path)
    }

    /// What the system says of a name, itself and not what it may link to; nil if there is none.
    package func status(of name: String) throws(FileError) -> FileStatus? {
        var status = stat()
        if unsafe fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { return FileStatus(status) }
        if errno == ENOENT || errno == ENOTDIR { return nil }
        throw .system(path: try path(of: name), doing: .examining, code: errno)
    }

    /// Names in the folder, without `.` and `..`, in no order.
    ///
    /// Names that are not UTF-8 are left out: none of ours is such a one. O(names).
    package func names() throws(FileError) -> [String] {
        // A stream of its own: the place in a folder belongs to the open file, which `dup` would share.
        let copy = unsafe openat(descriptor, ".", Self.flags)
        guard copy >= 0, let stream = unsafe fdopendir(copy) else {
            let failure = errno
            if copy >= 0 { close(copy) }
            throw .system(path: path, doing: .listing, code: failure)
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(validatingCString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if let name, name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Makes a folder; false where something has that name.
    @discardableResult
    package func makeFolder(_ name: String, mode: UInt32 = 0o700) throws(FileError) -> Bool {
        let path = try path(of: name)
        if unsafe mkdirat(descriptor, name, mode) == 0 { return true }
        guard errno == EEXIST else { throw .system(path: path, doing: .creating, code: errno) }
        return false
    }

    /// Removes a file, or a link itself; true where it was there.
    @discardableResult
    package func remove(_ name: String) throws(FileError) -> Bool {
        try remove(name, flags: 0)
    }

    /// Removes an empty folder; true where it was there.
    @discardableResult
    package func removeFolder(_ name: String) throws(FileError) -> Bool {
        try remove(name, flags: AT_REMOVEDIR)
    }

    private func remove(_ name: String, flags: Int32) throws(FileError) -> Bool {
        let path = try path(of: name)
        if unsafe unlinkat(descriptor, name, flags) == 0 { return true }
        guard errno == ENOENT else { throw .system(path: path, doing: .removing, code: errno) }
        return false
    }

    /// Gives a file or folder of this folder a name in another, whose own file of that name it replaces.
    ///
    /// - Throws: `.occupied` where a folder that is not empty has that name, or something of another kind.
    package func rename(_ name: String, to newName: String, in other: OpenFolder) throws(FileError) {
        let path = try other.path(of: newName)
        guard unsafe renameat(descriptor, name, other.descriptor, newName) != 0 else { return }
        switch errno {
        case ENOTEMPTY, EEXIST, ENOTDIR, EISDIR: throw .occupied(path: path)
        default: throw .system(path: path, doing: .writing, code: errno)
        }
    }

    /// Makes the names in the folder durable.
    package func synchronise() throws(FileError) {
        // Some file systems cannot sync a folder, and say so: nothing more can be done there.
        if fsync(descriptor) != 0, errno != EINVAL {
            throw .system(path: path, doing: .syncing, code: errno)
        }
    }

    /// Bytes that users without privileges can still write to the file system.
    package func availableBytes() throws(FileError) -> Int {
        var system = statvfs()
        guard unsafe fstatvfs(descriptor, &system) == 0 else {
            throw .system(path: path, doing: .examining, code: errno)
        }
        let (bytes, overflow) = UInt64(system.f_bavail).multipliedReportingOverflow(by: UInt64(system.f_frsize))
        return overflow ? .max : Int(clamping: bytes)
    }

    /// Refuses a folder whose owner is neither this user nor named as trusted.
    ///
    /// - Throws: `.foreignOwner`.
    package func requireTrustedOwner() throws(FileError) {
        let owner = try status().owner
        guard Owners.isTrusted(owner) else { throw .foreignOwner(path: path, owner: owner) }
    }
}
