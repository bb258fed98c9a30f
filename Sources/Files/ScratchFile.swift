internal import Glibc

/// A file that is written under a fresh name beside its place, and takes that place, whole and durable, at the end.
///
/// Unless it is published it is removed with this object; what a killed process leaves is found by `Leftovers`. Not for
/// use from two threads at once.
package final class ScratchFile {
    /// The path that the file will have, as the user gave it.
    package let path: String
    /// Open for reading and writing; closed with this object.
    package let descriptor: Int32
    private let folder: OpenFolder
    private let target: String
    private let name: String
    private var isPublished = false

    /// Begins the file that will be at a path of the user's.
    ///
    /// What earlier processes left that were killed while they wrote a file of this name is removed.
    ///
    /// - Parameter mode: its permissions, whatever the umask and whatever a file there has now.
    /// - Throws: `.missing` where its folder is not there; `.wrongKind` where something else than a regular file is at
    ///   the path, also a symbolic link; `.system`.
    package convenience init(replacing path: String, mode: UInt32 = 0o600) throws(FileError) {
        let (folder, target) = try OpenFolder.holding(path)
        try self.init(replacing: target, in: folder, path: path, mode: mode)
    }

    /// Begins the file that will have a name in a folder.
    package convenience init(
        replacing target: String, in folder: OpenFolder, mode: UInt32 = 0o600
    ) throws(FileError) {
        try self.init(replacing: target, in: folder, path: folder.path(of: target), mode: mode)
    }

    private init(
        replacing target: String, in folder: OpenFolder, path: String, mode: UInt32
    ) throws(FileError) {
        if let status = try folder.status(of: target), status.kind != .regularFile {
            throw .wrongKind(path: path, found: status.kind, wanted: .regularFile)
        }
        Leftovers.clear(in: folder, of: target)
        (self.path, self.folder, self.target) = (path, folder, target)
        (name, descriptor) = try Self.open(target, folder, path, mode)
    }

    private static func open(
        _ target: String, _ folder: OpenFolder, _ path: String, _ mode: UInt32
    ) throws(FileError) -> (String, Int32) {
        // Who clears leftovers may take a file in the moment before it is locked: then another is made.
        for _ in 1...100 {
            let name = ScratchName(for: target).text
            let opened = unsafe openat(
                folder.descriptor, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0o600)
            guard opened >= 0 else {
                if errno == EEXIST { continue }
                throw .system(path: path, doing: .creating, code: errno)
            }
            // Somebody who looks for leftovers holds the lock just now, and may remove the file.
            if FileLock.take(opened) == .held {
                unsafe unlinkat(folder.descriptor, name, 0)
                close(opened)
                continue
            }
            guard fchmod(opened, mode) == 0 else {
                let failure = errno
                unsafe unlinkat(folder.descriptor, name, 0)
                close(opened)
                throw .system(path: path, doing: .creating, code: failure)
            }
            let own = try FileStatus.of(descriptor: opened, path: path).identity
            if try folder.status(of: name)?.identity == own { return (name, opened) }
            close(opened)
        }
        throw .system(path: path, doing: .creating, code: EEXIST)
    }

    deinit {
        if !isPublished { unsafe _ = unlinkat(folder.descriptor, name, 0) }
        close(descriptor)
    }

    /// A path by which a C library opens this file while it is in the making.
    ///
    /// It leads to this very file, whatever has its name by now; where `/proc` is not mounted, by the name.
    package var pathAside: String {
        let pinned = "/proc/self/fd/\(descriptor)"
        return unsafe access(pinned, F_OK) == 0 ? pinned : "\(folder.path)/\(name)"
    }

    /// What the system says of the file now.
    package func status() throws(FileError) -> FileStatus {
        try FileStatus.of(descriptor: descriptor, path: path)
    }

    /// Writes all bytes of lent memory at an offset.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
        try unsafe PlacedBytes.write(bytes, to: descriptor, at: offset, path: path)
    }

    /// Writes all bytes at an offset.
    package func write(_ bytes: [UInt8], at offset: Int) throws(FileError) {
        try PlacedBytes.write(bytes, to: descriptor, at: offset, path: path)
    }

    /// Makes the bytes durable and gives the file its name, in the place of what has it now.
    ///
    /// - Parameter isSynced: whether the name is durable when this returns; where not, the caller syncs the folder.
    /// - Throws: `.system`; what was there before is untouched then.
    package func publish(isSynced: Bool = true) throws(FileError) {
        guard fsync(descriptor) == 0 else { throw .system(path: path, doing: .syncing, code: errno) }
        try takePlace()
        if isSynced { try folder.synchronise() }
    }

    /// Makes the bytes durable and gives the file its name, unless something has that name by now.
    ///
    /// - Returns: whether the name was free.
    /// - Throws: `.system`.
    package func publishWhereFree() throws(FileError) -> Bool {
        guard fsync(descriptor) == 0 else { throw .system(path: path, doing: .syncing, code: errno) }
        // A second name, which no file loses its own for; the first one goes with this object.
        if unsafe linkat(folder.descriptor, name, folder.descriptor, target, 0) == 0 {
            try folder.synchronise()
            return true
        }
        switch errno {
        case EEXIST: return false
        // File systems without links have no other way than to look first.
        case EPERM, EOPNOTSUPP, EMLINK: break
        default: throw .system(path: path, doing: .writing, code: errno)
        }
        if try folder.status(of: target) != nil { return false }
        try takePlace()
        try folder.synchronise()
        return true
    }

    /// Gives the file its name at once, while it is still to be written.
    ///
    /// - Returns: a descriptor of it, which the caller closes.
    package func appear() throws(FileError) -> Int32 {
        let copy = try copyOfDescriptor()
        do throws(FileError) { try takePlace() } catch {
            close(copy)
            throw error
        }
        return copy
    }

    /// A further descriptor of the file, which the caller closes.
    package func copyOfDescriptor() throws(FileError) -> Int32 {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw .system(path: path, doing: .creating, code: errno) }
        return copy
    }

    private func takePlace() throws(FileError) {
        guard unsafe renameat(folder.descriptor, name, folder.descriptor, target) == 0 else {
            throw .system(path: path, doing: .writing, code: errno)
        }
        isPublished = true
    }

    /// Puts bytes in the place of a file, whole and durable.
    package static func replace(
        _ path: String, with bytes: [UInt8], mode: UInt32 = 0o600
    ) throws(FileError) {
        let file = try ScratchFile(replacing: path, mode: mode)
        try file.write(bytes, at: 0)
        try file.publish()
    }

    /// The same for a name in a folder.
    package static func replace(
        _ name: String, in folder: OpenFolder, with bytes: [UInt8], mode: UInt32 = 0o600
    ) throws(FileError) {
        let file = try ScratchFile(replacing: name, in: folder, mode: mode)
        try file.write(bytes, at: 0)
        try file.publish()
    }
}

/// A lock on an open file, which goes with the last descriptor of that opening.
///
/// An "open file description lock": unlike `fcntl`'s older lock it is not lost when this process closes another descriptor of the file.
enum FileLock {
    private static let setLock: Int32 = 37  // F_OFD_SETLK

    /// What came of taking a lock.
    enum Outcome {
        /// It is this opening's.
        case taken
        /// Another opening of the file has it.
        case held
        /// The file system has no locks.
        case unsupported
    }

    /// Takes it where it is free.
    static func take(_ descriptor: Int32) -> Outcome {
        var lock = flock(l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 0, l_pid: 0)
        while unsafe fcntl(descriptor, setLock, &lock) != 0 {
            if errno == EINTR { continue }
            return errno == EAGAIN || errno == EACCES ? .held : .unsupported
        }
        return .taken
    }
}
