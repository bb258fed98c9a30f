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
    private let isOwned: Bool
    private let longest: Int
    private var pending: [UInt8] = []
    private var start = 0
    private var hasEnded = false
    /// Within a line that was told to be too long.
    private var isSkipping = false
    /// Lines begun so far.
    package private(set) var line = 0

    /// Opens a file, or standard input where `path` is `-`.
    ///
    /// - Parameter longest: bytes that a line may have, about: one in memory may have a block more.
    /// - Throws: `.missing`, `.system`, `.malformed` for a directory.
    package convenience init(path: String, longest: Int) throws(VectorFileError) {
        if path == "-" {
            try self.init(descriptor: STDIN_FILENO, longest: longest)
            return
        }
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT
                ? .missing(path: path) : .system(path: path, operation: "read", code: errno)
        }
        try self.init(descriptor, name: path, isOwned: true, longest: longest)
    }

    /// Reads what a descriptor of the caller's gives, called standard input in errors.
    package convenience init(descriptor: Int32, longest: Int) throws(VectorFileError) {
        try self.init(descriptor, name: "standard input", isOwned: false, longest: longest)
    }

    private init(
        _ descriptor: Int32, name: String, isOwned: Bool, longest: Int
    ) throws(VectorFileError) {
        (self.descriptor, self.name, self.isOwned, self.longest) = (descriptor, name, isOwned, longest)
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            throw .malformed(path: name, reason: "is a directory")
        }
    }

    deinit { if isOwned { close(descriptor) } }

    /// Whether the next line can be had without waiting for whoever writes it.
    package var hasMoreAtOnce: Bool {
        if hasEnded || pending[start...].contains(0x0A) { return true }
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&wanted, 1, 0) > 0
    }

    /// The next line, or nil behind the last.
    package func next() throws(VectorFileError) -> Line? {
        var searched = start
        while true {
            if let end = pending[searched...].firstIndex(of: 0x0A) {
                let found = pending[start..<end]
                start = end + 1
                if isSkipping {
                    isSkipping = false
                    searched = start
                    continue
                }
                line += 1
                return .whole(found)
            }
            if hasEnded {
                guard start < pending.count, !isSkipping else { return nil }
                defer { start = pending.count }
                line += 1
                return .unended(pending[start...])
            }
            if pending.count - start > longest || isSkipping {
                pending.removeAll(keepingCapacity: true)
                start = 0
                if !isSkipping {
                    isSkipping = true
                    line += 1
                    return .tooLong
                }
            }
            searched = pending.count - start
            pending.removeFirst(start)
            start = 0
            try fill()
        }
    }

    private func fill() throws(VectorFileError) {
        let old = pending.count
        pending += [UInt8](repeating: 0, count: Self.blockSize)
        while true {
            let got = unsafe pending.withUnsafeMutableBytes { buffer in
                unsafe read(descriptor, buffer.baseAddress.map { unsafe $0 + old }, Self.blockSize)
            }
            if got < 0, errno == EINTR { continue }
            pending.removeLast(Self.blockSize - max(got, 0))
            if got < 0 { throw .system(path: name, operation: "read", code: errno) }
            hasEnded = got == 0
            return
        }
    }
}
