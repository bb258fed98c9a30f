internal import CSearchKernels
internal import Glibc

/// A file mapped for reading; the one owner of the map.
@safe final class MappedFile: @unchecked Sendable {
    // Unchecked and safe: nobody writes a saved file again, and the map lasts as long as this object.

    /// Bytes in the file.
    let count: Int

    /// The first byte; an empty file has a place but no bytes.
    let start: UnsafeRawPointer

    /// Maps the file at `path`.
    init(_ path: String) throws(IndexError) {
        guard let file = try openRegularFile(path) else {
            throw .cannotRead(file: path, problem: "there is no such file")
        }
        defer { _ = close(file) }
        var facts = stat()
        guard unsafe fstat(file, &facts) == 0 else { throw .cannotRead(file: path, problem: lastProblem()) }
        let size = Int(facts.st_size)
        // A map of nothing is refused by the system: one page of zeros stands in.
        let flags = size == 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED
        guard csk_memory_is_refused() == 0 else { throw .noMemory(bytes: size) }
        guard let place = unsafe mmap(nil, max(size, 1), PROT_READ, flags, size == 0 ? -1 : file, 0),
            unsafe place != MAP_FAILED
        else {
            if errno == ENOMEM { throw .noMemory(bytes: size) }
            throw .cannotRead(file: path, problem: lastProblem())
        }
        count = size
        unsafe start = UnsafeRawPointer(place)
    }

    deinit { _ = unsafe munmap(UnsafeMutableRawPointer(mutating: start), max(count, 1)) }

    /// All bytes, valid while this object is kept.
    var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: start, count: count) }
}

/// What the last failed call of the system says, as text.
func lastProblem() -> String { unsafe String(cString: strerror(errno)) }

/// Opens a file of a saved index for reading; nil if there is none.
///
/// Only regular files are opened, and no links: a pipe or a device would keep the reader waiting, a link would lead to
/// somebody else's file. Throws `damaged` for those.
func openRegularFile(_ path: String) throws(IndexError) -> Int32? {
    let file = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else {
        switch errno {
        case ENOENT, ENOTDIR: return nil
        case ELOOP: throw .damaged(file: path, problem: "it is a symbolic link")
        default: throw .cannotRead(file: path, problem: lastProblem())
        }
    }
    var facts = stat()
    guard unsafe fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
        _ = close(file)
        throw .damaged(file: path, problem: "it is no regular file")
    }
    return file
}
