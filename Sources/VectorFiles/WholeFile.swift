import Files

/// A file that is written front to back, at places, or by another library, and appears under its name only when it is
/// whole.
///
/// Only its owner may read it. Not for use from two threads at once.
package final class WholeFile {
    private static let blockSize = 1 << 20
    private let file: ScratchFile
    private var pending: [UInt8] = []
    private var offset = 0

    /// Begins a file, under a fresh name beside its place; it is removed with this object unless it was finished.
    ///
    /// - Throws: `.malformed` where something else than a file is at `path`, `.system`.
    package init(path: String) throws(VectorFileError) {
        file = try writing { () throws(FileError) in try ScratchFile(replacing: path) }
    }

    /// A further descriptor of the file, for a process that writes its bytes; the caller closes it.
    package func copyOfDescriptor() throws(VectorFileError) -> Int32 {
        try writing { () throws(FileError) in try file.copyOfDescriptor() }
    }

    /// By what path another library reads or writes the bytes until the file is finished.
    package var pathAside: String { file.pathAside }

    /// Adds bytes.
    package func append(_ bytes: [UInt8]) throws(VectorFileError) {
        pending += bytes
        if pending.count >= Self.blockSize { try flush() }
    }

    /// Writes bytes of lent memory at an offset; not beside `append`.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(VectorFileError) {
        do throws(FileError) { try unsafe file.write(bytes, at: offset) } catch {
            throw VectorFileError(writing: error)
        }
    }

    /// Goes on after what another library or process has written.
    package func continueBehind() throws(VectorFileError) {
        offset = try writing { () throws(FileError) in try file.status().size }
    }

    /// Completes the file, makes it durable and gives it its name.
    package func finish() throws(VectorFileError) {
        try flush()
        try writing { () throws(FileError) in try file.publish() }
    }

    private func flush() throws(VectorFileError) {
        try writing { () throws(FileError) in try file.write(pending, at: offset) }
        offset += pending.count
        pending.removeAll(keepingCapacity: true)
    }
}
