package import Files
import Glibc

extension VectorFileError {
    /// The error of opening or reading a file.
    package init(reading error: FileError) {
        switch error {
        case .missing(let path): self = .missing(path: path)
        case .system(let path, _, let code): self = .system(path: path, operation: "read", code: code)
        default: self = .malformed(path: error.path, reason: error.reason)
        }
    }

    /// The error of making or writing a file.
    package init(writing error: FileError) {
        switch error {
        case .missing(let path): self = .system(path: path, operation: "write", code: ENOENT)
        case .system(let path, _, let code): self = .system(path: path, operation: "write", code: code)
        case .wrongKind(let path, let found, _):
            self = .malformed(
                path: path, reason: "exists and is \(found.words), not a regular file; use another path")
        default: self = .malformed(path: error.path, reason: error.reason)
        }
    }
}

/// Runs a call that reads, with its error as one of vectors' files.
package func reading<Result>(_ call: () throws(FileError) -> Result) throws(VectorFileError) -> Result {
    do throws(FileError) { return try call() } catch { throw VectorFileError(reading: error) }
}

/// Runs a call that writes, with its error as one of vectors' files.
package func writing<Result>(_ call: () throws(FileError) -> Result) throws(VectorFileError) -> Result {
    do throws(FileError) { return try call() } catch { throw VectorFileError(writing: error) }
}

/// A descriptor of a regular file, for reading; the caller closes it.
///
/// - Throws: `.missing`, `.system`, `.malformed` for anything else than a regular file.
package func openRegularFile(_ path: String) throws(VectorFileError) -> Int32 {
    try reading { () throws(FileError) in try InputFile(path).takeDescriptor() }
}

/// A regular file that is open for reading, with positioned reads.
final class OpenFile {
    private let file: InputFile

    /// Opens a regular file.
    ///
    /// - Throws: `.missing`, `.malformed` for anything else, `.system`.
    init(_ path: String) throws(VectorFileError) {
        file = try reading { () throws(FileError) in try InputFile(path) }
    }

    /// The name that errors speak of: what the user typed.
    var path: String { file.path }

    /// Bytes in the file.
    var size: Int {
        get throws(VectorFileError) { try reading { () throws(FileError) in try file.status().size } }
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
        do throws(FileError) { return try unsafe file.read(at: offset, into: buffer) } catch {
            throw VectorFileError(reading: error)
        }
    }

    /// Maps the whole file for reading; an empty one maps to nothing.
    ///
    /// The caller gives it back with `munmap`.
    func map() throws(VectorFileError) -> UnsafeRawBufferPointer {
        let count = try size
        guard count > 0 else { return unsafe UnsafeRawBufferPointer(start: nil, count: 0) }
        let start = unsafe mmap(nil, count, PROT_READ, MAP_SHARED, file.descriptor, 0)
        guard let start = unsafe start, unsafe start != MAP_FAILED else {
            throw .system(path: path, operation: "read", code: errno)
        }
        return unsafe UnsafeRawBufferPointer(start: start, count: count)
    }
}
