/// A file that is written front to back, or by another library, and appears under its name only when it is whole.
///
/// Only its owner may read it. Not for use from two threads at once.
package final class WholeFile {
    private static let blockSize = 1 << 20
    private let file: OpenFile
    private var pending: [UInt8] = []
    private var offset = 0
    private var isPublished = false

    /// Begins a file, under a name that no other process uses.
    ///
    /// - Throws: `.malformed` where something else than a file is at `path`, `.system`.
    package init(path: String) throws(VectorFileError) { file = try OpenFile.writing(aside: path) }

    deinit {
        if !isPublished { file.discard() }
    }

    /// Where the bytes are until the file is published.
    package var pathAside: String { file.aside }

    /// Adds bytes.
    package func append(_ bytes: [UInt8]) throws(VectorFileError) {
        pending += bytes
        if pending.count >= Self.blockSize { try flush() }
    }

    /// Goes on behind what another library has written to `pathAside`.
    package func continueBehind() throws(VectorFileError) { offset = try file.size }

    /// Completes the file, makes it durable and gives it its name.
    package func finish() throws(VectorFileError) {
        try flush()
        try file.publish()
        isPublished = true
    }

    private func flush() throws(VectorFileError) {
        try file.write(pending, at: offset)
        offset += pending.count
        pending.removeAll(keepingCapacity: true)
    }
}
