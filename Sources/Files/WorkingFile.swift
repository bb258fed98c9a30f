internal import Glibc

/// A file of ours that is read and written in place; closed with this object.
///
/// Any number of threads may read and write, each its own bytes.
package final class WorkingFile: Sendable {
    /// Its path, for messages.
    package let path: String
    private let descriptor: Int32

    /// Opens a regular file of a folder; a symbolic link there is refused.
    ///
    /// - Parameter creating: whether the file is made, for its owner alone; nothing may have its name then.
    /// - Throws: `.missing`, `.wrongKind`, `.system`.
    package init(_ name: String, in folder: OpenFolder, creating: Bool = false) throws(FileError) {
        path = try folder.path(of: name)
        let flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
        descriptor = unsafe openat(folder.descriptor, name, creating ? flags | O_CREAT | O_EXCL : flags, 0o600)
        guard descriptor >= 0 else {
            let failure = errno
            if failure == ENOENT { throw .missing(path: path) }
            if failure == ELOOP { throw .wrongKind(path: path, found: .symbolicLink, wanted: .regularFile) }
            throw .system(path: path, doing: creating ? .creating : .reading, code: failure)
        }
        let kind = try status().kind
        guard kind == .regularFile else { throw .wrongKind(path: path, found: kind, wanted: .regularFile) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// What the system says of the file now.
    package func status() throws(FileError) -> FileStatus {
        try FileStatus.of(descriptor: descriptor, path: path)
    }

    /// Reads up to `count` bytes at an offset; fewer at the end of the file.
    package func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
        try PlacedBytes.read(descriptor, at: offset, count: count, path: path)
    }

    /// Writes all bytes at an offset.
    package func write(_ bytes: [UInt8], at offset: Int) throws(FileError) {
        try PlacedBytes.write(bytes, to: descriptor, at: offset, path: path)
    }

    /// Cuts the file off.
    package func truncate(to size: Int) throws(FileError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else {
            throw .system(path: path, doing: .writing, code: errno)
        }
    }

    /// Makes what was written durable.
    package func synchronise() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw .system(path: path, doing: .syncing, code: errno) }
    }
}
