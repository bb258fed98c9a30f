internal import CSearchKernels
internal import Files
internal import Glibc

/// A file mapped for reading; the one owner of the map.
@safe final class MappedFile: @unchecked Sendable {
    // Unchecked and safe: nobody writes a saved file again, and the map lasts as long as this object.

    /// Bytes in the file.
    let count: Int

    /// The first byte; an empty file has a place but no bytes.
    let start: UnsafeRawPointer

    /// Maps a regular file of a folder.
    ///
    /// - Throws: `damaged` if it is missing or something else than a regular file, `cannotRead`, `noMemory`.
    init(_ name: String, in folder: OpenFolder) throws(IndexError) {
        let file: InputFile
        let size: Int
        do throws(FileError) {
            file = try InputFile(name, in: folder)
            size = try file.status().size
        } catch {
            if case .missing(let path) = error { throw .damaged(file: path, problem: "it is missing") }
            throw IndexError(reading: error)
        }
        // A map of nothing is refused by the system: one page of zeros stands in.
        let flags = size == 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED
        guard csk_memory_is_refused() == 0 else { throw .noMemory(bytes: size) }
        guard let place = unsafe mmap(nil, max(size, 1), PROT_READ, flags, size == 0 ? -1 : file.descriptor, 0),
            unsafe place != MAP_FAILED
        else {
            if errno == ENOMEM { throw .noMemory(bytes: size) }
            throw .cannotRead(file: file.path, problem: FileError.text(of: errno))
        }
        count = size
        unsafe start = UnsafeRawPointer(place)
    }

    deinit { _ = unsafe munmap(UnsafeMutableRawPointer(mutating: start), max(count, 1)) }

    /// All bytes, valid while this object is kept.
    var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: start, count: count) }
}

extension FileError {
    /// What is wrong, in the words of this module's errors.
    var problem: String {
        if case .system(_, _, let code) = self { FileError.text(of: code) } else { reason }
    }
}

extension IndexError {
    /// The error of opening or reading a file of a saved index.
    ///
    /// What is no regular file, or larger than any of its kind, counts as damage: the index is made again.
    init(reading error: FileError) {
        switch error {
        case .wrongKind, .tooLarge, .badOutput: self = .damaged(file: error.path, problem: "it \(error.reason)")
        default: self = .cannotRead(file: error.path, problem: error.problem)
        }
    }
}

/// Runs a call that reads, with its error as an index's.
func reading<Result>(_ call: () throws(FileError) -> Result) throws(IndexError) -> Result {
    do throws(FileError) { return try call() } catch { throw IndexError(reading: error) }
}

/// Runs a call that writes, with its error as an index's.
func writing<Result>(_ call: () throws(FileError) -> Result) throws(IndexError) -> Result {
    do throws(FileError) { return try call() } catch {
        throw .cannotWrite(file: error.path, problem: error.problem)
    }
}
