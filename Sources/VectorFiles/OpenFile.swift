import Glibc

/// A descriptor of a file, for reading; the caller closes it.
///
/// - Throws: `.missing`, `.system`.
package func openToRead(_ path: String) throws(VectorFileError) -> Int32 {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
        throw errno == ENOENT ? .missing(path: path) : .system(path: path, operation: "read", code: errno)
    }
    return descriptor
}

/// A descriptor of a regular file, for reading; the caller closes it.
///
/// Waits for nobody who would write into a pipe of this name.
/// - Throws: `.missing`, `.system`, `.malformed` for anything else than a regular file.
package func openRegularFile(_ path: String) throws(VectorFileError) -> Int32 {
    let descriptor =
        path.utf8.contains(0) ? -1 : unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else {
        throw path.utf8.contains(0) || errno == ENOENT
            ? .missing(path: path) : .system(path: path, operation: "read", code: errno)
    }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        close(descriptor)
        throw .malformed(path: path, reason: "is not a regular file")
    }
    return descriptor
}

/// A file descriptor that is closed exactly once, with positioned reads and whole writes.
final class OpenFile {
    /// The name that errors speak of: what the user typed.
    let path: String
    /// Where the bytes are until the file is published.
    let aside: String
    private let descriptor: Int32

    private init(path: String, aside: String, descriptor: Int32) {
        self.path = path
        self.aside = aside
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Opens a regular file for reading.
    static func reading(_ path: String) throws(VectorFileError) -> OpenFile {
        let file = OpenFile(path: path, aside: path, descriptor: try openRegularFile(path))
        return file
    }

    /// Makes a file that only its owner may read, under a name that no other process uses.
    static func writing(aside path: String) throws(VectorFileError) -> OpenFile {
        // What is written takes the place of what was there: that must never be a device or another's link.
        var status = stat()
        guard unsafe lstat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
            throw .malformed(path: path, reason: "exists and is not a regular file; name another")
        }
        let aside = "\(path).part-\(getpid())"
        let descriptor = unsafe open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(path: path, operation: "write", code: errno) }
        return OpenFile(path: path, aside: aside, descriptor: descriptor)
    }

    /// Bytes in the file.
    var size: Int {
        get throws(VectorFileError) {
            var status = stat()
            guard unsafe fstat(descriptor, &status) == 0 else {
                throw .system(path: path, operation: "read", code: errno)
            }
            return Int(status.st_size)
        }
    }

    /// Reads up to `count` bytes at an offset; fewer only at the end of the file.
    func read(at offset: Int, count: Int) throws(VectorFileError) -> [UInt8] {
        var failure: VectorFileError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(VectorFileError) {
                filled = try unsafe read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
            } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Fills memory from an offset on; returns how many bytes there were, fewer only at the end of the file.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(VectorFileError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let got = unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(offset + filled))
            if got == 0 { break }
            guard got > 0 else {
                if errno == EINTR { continue }
                throw .system(path: path, operation: "read", code: errno)
            }
            filled += got
        }
        return filled
    }

    /// Writes all bytes at an offset.
    func write(_ bytes: [UInt8], at offset: Int) throws(VectorFileError) {
        try unsafe bytes.withUnsafeBufferPointer { buffer throws(VectorFileError) in
            try unsafe write(UnsafeRawBufferPointer(buffer), at: offset)
        }
    }

    /// Writes all bytes of lent memory at an offset.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(VectorFileError) {
        var written = 0
        while written < bytes.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[written...])
            let count = unsafe pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + written))
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw .system(path: path, operation: "write", code: errno)
            }
            written += count
        }
    }

    /// Maps the whole file for reading; an empty one maps to nothing.
    ///
    /// The caller gives it back with `munmap`.
    func map() throws(VectorFileError) -> UnsafeRawBufferPointer {
        let count = try size
        guard count > 0 else { return unsafe UnsafeRawBufferPointer(start: nil, count: 0) }
        let start = unsafe mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0)
        guard let start = unsafe start, unsafe start != MAP_FAILED else {
            throw .system(path: path, operation: "read", code: errno)
        }
        return unsafe UnsafeRawBufferPointer(start: start, count: count)
    }

    /// Makes the bytes durable and gives the file its final name.
    func publish() throws(VectorFileError) {
        guard fsync(descriptor) == 0, unsafe rename(aside, path) == 0 else {
            throw .system(path: path, operation: "write", code: errno)
        }
    }

    func discard() { unsafe _ = unlink(aside) }
}
