/// Reads names, one a line, in order.
///
/// UTF-8; lines end with LF or CRLF, the last may lack it. Memory: one block of the file.
package final class NamesReader {
    private static let blockSize = 1 << 20
    private let file: OpenFile
    private var offset = 0
    private var pending: [UInt8] = []
    private var start = 0
    private var hasEnded = false
    /// Lines read so far.
    package private(set) var line = 0

    package init(path: String) throws(VectorFileError) {
        file = try OpenFile.reading(path)
    }

    /// The next name, or `nil` at the end.
    ///
    /// - Throws: `.malformed` with the line's number for an empty line or one that is not UTF-8.
    package func next() throws(VectorFileError) -> String? {
        while true {
            if let end = pending[start...].firstIndex(of: 0x0A) {
                defer { start = end + 1 }
                return try name(pending[start..<end])
            }
            if hasEnded {
                guard start < pending.count else { return nil }
                defer { start = pending.count }
                return try name(pending[start...])
            }
            let block = try file.read(at: offset, count: Self.blockSize)
            offset += block.count
            hasEnded = block.count < Self.blockSize
            pending.removeFirst(start)
            start = 0
            pending += block
        }
    }

    private func name(_ bytes: ArraySlice<UInt8>) throws(VectorFileError) -> String {
        line += 1
        let bytes = bytes.last == 0x0D ? bytes.dropLast() : bytes
        guard !bytes.isEmpty else {
            throw .malformed(path: file.path, reason: "line \(line) is empty; a name a line is needed")
        }
        guard let name = String(validating: bytes, as: UTF8.self) else {
            throw .malformed(path: file.path, reason: "line \(line) is not UTF-8 text")
        }
        return name
    }
}

/// Writes names, one a line; the file appears under its name only when it is whole.
package final class NamesWriter {
    private let file: OpenFile
    private var pending: [UInt8] = []
    private var offset = 0
    private var isPublished = false

    package init(path: String) throws(VectorFileError) {
        file = try OpenFile.writing(aside: path)
    }

    deinit {
        if !isPublished { file.discard() }
    }

    /// Adds one name.
    ///
    /// - Throws: `.malformed` for a name that holds a line break.
    package func append(_ name: String) throws(VectorFileError) {
        guard !name.isEmpty, !name.utf8.contains(0x0A) else {
            throw .malformed(
                path: file.path, reason: "a name that is empty or holds a line break cannot be a line")
        }
        pending += Array(name.utf8) + [0x0A]
        if pending.count >= 1 << 20 { try flush() }
    }

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
