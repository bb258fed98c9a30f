import Files
import Glibc

/// Reads lines of a file or of standard input, one block at a time.
///
/// Memory: one block and one line. Not for use from two threads at once.
package final class LineReader {
    /// What stands between two line feeds.
    package enum Line: Equatable {
        /// A line without its end.
        case whole(ArraySlice<UInt8>)
        /// What stands behind the last line feed.
        case unended(ArraySlice<UInt8>)
        /// A line that is longer than lines may be; told as soon as that is seen.
        case tooLong
    }

    private static let blockSize = 1 << 20
    /// What errors call it.
    package let name: String
    private let descriptor: Int32
    /// What the descriptor belongs to, where it is not the caller's.
    private let file: InputFile?
    private let longest: Int
    private var buffer: [UInt8] = []
    /// What of the buffer has been read and not given away.
    private var pending = 0..<0
    private var hasEnded = false
    /// Within a line that was told to be too long.
    private var isSkipping = false
    /// Lines begun so far.
    package private(set) var line = 0

    /// Opens a file, or standard input where `path` is `-`.
    ///
    /// - Parameter longest: bytes that a line may have, about: one in memory may have a block more.
    /// - Throws: `.missing`, `.system`, `.malformed` for what is no regular file.
    package convenience init(path: String, longest: Int) throws(VectorFileError) {
        if path == "-" {
            try self.init(descriptor: STDIN_FILENO, longest: longest)
            return
        }
        let file = try reading { () throws(FileError) in try InputFile(path) }
        try self.init(file.descriptor, name: path, file: file, longest: longest)
    }

    /// Reads what a descriptor of the caller's gives.
    package convenience init(
        descriptor: Int32, name: String = "standard input", longest: Int
    ) throws(VectorFileError) {
        try self.init(descriptor, name: name, file: nil, longest: longest)
    }

    private init(
        _ descriptor: Int32, name: String, file: InputFile?, longest: Int
    ) throws(VectorFileError) {
        (self.descriptor, self.name, self.file, self.longest) = (descriptor, name, file, longest)
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            throw .malformed(path: name, reason: "is a directory")
        }
    }

    /// Whether the next line can be read without waiting for its writer.
    package var hasMoreAtOnce: Bool { hasMore(within: 0) }

    /// Whether the next line, or a part of it, is there within so many seconds.
    package func hasMore(within seconds: Double) -> Bool {
        if hasEnded || buffer.indexOfLineFeed(in: pending) != nil { return true }
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&wanted, 1, Int32(seconds * 1_000)) > 0
    }

    /// The next line, or nil behind the last.
    package func next() throws(VectorFileError) -> Line? {
        var searched = 0
        while true {
            if let feed = buffer.indexOfLineFeed(in: pending.dropFirst(searched)) {
                let found = buffer[pending.lowerBound..<feed]
                pending = feed + 1..<pending.upperBound
                searched = 0
                if isSkipping {
                    isSkipping = false
                    continue
                }
                line += 1
                return .whole(found)
            }
            if hasEnded {
                guard !pending.isEmpty, !isSkipping else { return nil }
                defer { pending = pending.upperBound..<pending.upperBound }
                line += 1
                return .unended(buffer[pending])
            }
            if pending.count > longest || isSkipping {
                pending = 0..<0
                if !isSkipping {
                    isSkipping = true
                    line += 1
                    return .tooLong
                }
            }
            searched = pending.count
            try fill()
        }
    }

    /// Reads once, behind what is pending.
    private func fill() throws(VectorFileError) {
        if pending.lowerBound > 0 {
            unsafe buffer.withUnsafeMutableBytes { [pending] buffer in
                guard let base = buffer.baseAddress else { return }
                unsafe memmove(base, base + pending.lowerBound, pending.count)
            }
            pending = 0..<pending.count
        }
        // A pipe gives a few kilobytes at once: what is left of the block takes them, too.
        let (first, room) = (pending.upperBound, Self.blockSize / 2)
        if buffer.count - first < room { buffer += [UInt8](repeating: 0, count: Self.blockSize) }
        while true {
            let got = unsafe buffer.withUnsafeMutableBytes { buffer in
                unsafe read(
                    descriptor, buffer.baseAddress.map { unsafe $0 + first }, buffer.count - first)
            }
            if got < 0, errno == EINTR { continue }
            if got < 0 { throw .system(path: name, operation: "read", code: errno) }
            pending = pending.lowerBound..<first + got
            hasEnded = got == 0
            return
        }
    }
}

extension [UInt8] {
    /// The first line feed within a range.
    func indexOfLineFeed(in range: Range<Int>) -> Int? {
        unsafe withUnsafeBytes { all in
            guard !range.isEmpty, range.upperBound <= all.count, let base = all.baseAddress,
                let found = unsafe memchr(base + range.lowerBound, 0x0A, range.count)
            else { return nil }
            return unsafe UnsafeRawPointer(found) - base
        }
    }
}
