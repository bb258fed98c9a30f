internal import Glibc
internal import VectorFiles

/// Reads lines of a file or of standard input, one block at a time.
final class LineReader {
    private static let blockSize = 1 << 20
    private let path: String
    private let descriptor: Int32
    private let longest: Int
    private var pending: [UInt8] = []
    private var start = 0
    private var hasEnded = false
    /// Lines read so far.
    private(set) var line = 0

    /// Opens a file, or standard input where `path` is `-`.
    ///
    /// - Parameter longest: bytes that a line may have.
    init(path: String, longest: Int) throws(VectorFileError) {
        self.path = path == "-" ? "standard input" : path
        self.longest = longest
        descriptor = unsafe path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT
                ? .missing(path: path) : .system(path: self.path, operation: "read", code: errno)
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            throw .malformed(path: self.path, reason: "is a directory")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The next line without its end, or nil behind the last.
    ///
    /// - Throws: `.malformed` for a line that is too long or not ended.
    func next() throws(VectorFileError) -> ArraySlice<UInt8>? {
        var searched = start
        while true {
            if let end = pending[searched...].firstIndex(of: 0x0A) {
                defer { start = end + 1 }
                line += 1
                return pending[start..<end]
            }
            if hasEnded {
                if start == pending.count { return nil }
                throw .malformed(path: path, reason: "line \(line + 1) is cut off; the file is not whole")
            }
            guard pending.count - start <= longest else {
                throw .malformed(path: path, reason: "line \(line + 1) is longer than \(longest) bytes")
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
            if got < 0 { throw .system(path: path, operation: "read", code: errno) }
            hasEnded = got == 0
            return
        }
    }
}
