import Glibc

/// Reads names, one a line, in order.
///
/// UTF-8, with the mark that some programs begin such files with or without; lines end with LF or CRLF, the last may
/// lack it. Memory: one block of the file.
package final class NamesReader {
    private static let blockSize = 1 << 20
    private static let longestLine = 1 << 20
    private let file: OpenFile
    private var offset = 0
    private var pending: [UInt8] = []
    private var start = 0
    private var hasEnded = false
    /// Lines read so far.
    package private(set) var line = 0

    package init(path: String) throws(VectorFileError) {
        file = try OpenFile(path)
    }

    /// The next name, or `nil` at the end.
    ///
    /// - Throws: `.malformed` with the line's number for an empty line or one that is not UTF-8.
    package func next() throws(VectorFileError) -> String? {
        guard let range = try nextLine() else { return nil }
        return try text(pending[range])
    }

    /// Appends the next names to a block, at most `limit`; returns how many, 0 at the end.
    ///
    /// For files of millions: no string is made of a name in ASCII.
    /// - Throws: as `next`.
    package func next(_ limit: Int, into block: inout NameBlock) throws(VectorFileError) -> Int {
        var count = 0
        while count < limit, let range = try nextLine() {
            var bits: UInt8 = 0
            for byte in pending[range] { bits |= byte }
            if bits >= 0x80 { _ = try text(pending[range]) }
            block.append(pending[range])
            count += 1
        }
        return count
    }

    /// The names of a file, counted; all are looked at.
    ///
    /// - Throws: `.missing`, and as `next`.
    package static func count(path: String) throws(VectorFileError) -> Int {
        let reader = try NamesReader(path: path)
        var block = NameBlock()
        while try reader.next(1 << 16, into: &block) > 0 { block.removeAll() }
        return reader.line
    }

    /// Where the next line stands in `pending`, without its end.
    private func nextLine() throws(VectorFileError) -> Range<Int>? {
        while true {
            if let end = pending.indexOfLineFeed(in: start..<pending.count) {
                defer { start = end + 1 }
                return try trimmed(start..<end)
            }
            if hasEnded {
                guard start < pending.count else { return nil }
                defer { start = pending.count }
                return try trimmed(start..<pending.count)
            }
            let block = try file.read(at: offset, count: Self.blockSize)
            if offset == 0, block.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
            offset += block.count
            hasEnded = block.count < Self.blockSize
            pending += block
            pending.removeFirst(start)
            start = 0
            guard pending.count < Self.longestLine + Self.blockSize else {
                throw .malformed(path: file.path, reason: "line \(line + 1) is longer than a name can be")
            }
        }
    }

    private func trimmed(_ range: Range<Int>) throws(VectorFileError) -> Range<Int> {
        line += 1
        let isCarriage = !range.isEmpty && pending[range.upperBound - 1] == 0x0D
        let range = isCarriage ? range.lowerBound..<range.upperBound - 1 : range
        guard !range.isEmpty else {
            throw .malformed(path: file.path, reason: "line \(line) is empty; every line needs a name")
        }
        return range
    }

    private func text(_ bytes: ArraySlice<UInt8>) throws(VectorFileError) -> String {
        guard let name = String(validating: bytes, as: UTF8.self) else {
            throw .malformed(path: file.path, reason: "line \(line) is not UTF-8 text")
        }
        return name
    }
}

/// Names end to end, without a string for each.
package struct NameBlock {
    package private(set) var bytes: [UInt8] = []
    private var ends: [Int] = []

    package init() {}

    package var count: Int { ends.count }

    /// Where a name stands in `bytes`.
    package func range(_ name: Int) -> Range<Int> { (name == 0 ? 0 : ends[name - 1])..<ends[name] }

    mutating func append(_ name: ArraySlice<UInt8>) {
        bytes += name
        ends.append(bytes.count)
    }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }
}

/// Writes names, one a line; the file appears under its name only when it is whole.
package final class NamesWriter {
    private let file: WholeFile
    private let path: String

    package init(path: String) throws(VectorFileError) {
        file = try WholeFile(path: path)
        self.path = path
    }

    /// Adds one name.
    ///
    /// - Throws: `.malformed` for a name that holds a line break.
    package func append(_ name: String) throws(VectorFileError) {
        guard !name.isEmpty, !name.utf8.contains(0x0A) else {
            throw .malformed(
                path: path, reason: "a name that is empty or contains a line break cannot be written as a line")
        }
        try file.append(Array(name.utf8) + [0x0A])
    }

    /// Completes the file, makes it durable and gives it its name.
    package func finish() throws(VectorFileError) { try file.finish() }
}
