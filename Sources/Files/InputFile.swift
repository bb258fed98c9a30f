internal import Glibc

/// A file that is open for reading, and closed with this object.
///
/// Opening never waits, follows no link below a folder, and refuses what is no regular file: a pipe without a writer
/// or a device without an end would hang or fill the memory of its reader.
package final class InputFile: Sendable {
    /// What a path may lead to.
    package enum Admitted: Sendable {
        /// Regular files alone.
        case files
        /// Also pipes, sockets, terminals and the null device; reading them waits for `poll`, not for `read`.
        case filesAndStreams
    }

    /// The path as the user gave it, for messages.
    package let path: String
    /// Open for reading; closed with this object.
    package let descriptor: Int32

    /// Opens what a path of the user's leads to, links included.
    ///
    /// - Throws: `.missing`, `.wrongKind`, `.system`.
    package convenience init(_ path: String, admitting: Admitted = .files) throws(FileError) {
        guard !path.utf8.contains(0) else { throw .missing(path: path) }
        let opened = unsafe open(path, Self.flags)
        try self.init(opened, errno, path, admitting)
    }

    /// Opens a file of a folder; a symbolic link there is refused.
    ///
    /// - Parameter name: one name, without `/`.
    /// - Throws: `.missing`, `.wrongKind`, `.system`.
    package convenience init(_ name: String, in folder: OpenFolder) throws(FileError) {
        let path = try folder.path(of: name)
        let opened = unsafe openat(folder.descriptor, name, Self.flags | O_NOFOLLOW)
        let failure = errno
        if opened < 0, failure == ELOOP {
            throw .wrongKind(path: path, found: .symbolicLink, wanted: .regularFile)
        }
        try self.init(opened, failure, path, .files)
    }

    private static var flags: Int32 { O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY }

    private init(_ opened: Int32, _ failure: Int32, _ path: String, _ admitted: Admitted) throws(FileError) {
        (self.path, descriptor) = (path, opened)
        guard opened >= 0 else {
            switch failure {
            case ENOENT, ENOTDIR: throw .missing(path: path)
            // What opening a socket by its path gives.
            case ENXIO: throw .wrongKind(path: path, found: .socket, wanted: .regularFile)
            default: throw .system(path: path, doing: .reading, code: failure)
            }
        }
        let status = try FileStatus.of(descriptor: opened, path: path)
        switch (status.kind, admitted) {
        case (.regularFile, _): break
        case (.namedPipe, .filesAndStreams), (.socket, .filesAndStreams): break
        case (.characterDevice, .filesAndStreams) where Self.ends(opened): break
        default: throw .wrongKind(path: path, found: status.kind, wanted: .regularFile)
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Whether reading a character device comes to an end: a terminal's does, and the null device's.
    private static func ends(_ descriptor: Int32) -> Bool {
        var status = stat()
        let nullDevice: UInt = 0x103
        return isatty(descriptor) == 1
            || (unsafe fstat(descriptor, &status) == 0 && status.st_rdev == nullDevice)
    }

    /// What the system says of the file now.
    package func status() throws(FileError) -> FileStatus {
        try FileStatus.of(descriptor: descriptor, path: path)
    }

    /// Makes what another library has written durable, after the file was given its permissions.
    package func synchronise(mode: UInt32) throws(FileError) {
        guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else {
            throw .system(path: path, doing: .syncing, code: errno)
        }
    }

    /// A descriptor of the same open file that the caller closes.
    package func takeDescriptor() throws(FileError) -> Int32 {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw .system(path: path, doing: .reading, code: errno) }
        return copy
    }

    /// Fills memory from an offset on; returns how many bytes there were, fewer only at the end of the file.
    package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        try unsafe PlacedBytes.read(descriptor, at: offset, into: buffer, path: path)
    }

    /// All bytes of a regular file.
    ///
    /// - Parameter limit: bytes that a file of this purpose can have.
    /// - Throws: `.tooLarge` before anything is read, also where the file grows meanwhile; `.system`.
    package func readAll(limit: Int) throws(FileError) -> [UInt8] {
        let size = try status().size
        guard size <= limit else { throw .tooLarge(path: path, size: size, limit: limit) }
        return try PlacedBytes.read(descriptor, at: 0, count: size, path: path)
    }
}
