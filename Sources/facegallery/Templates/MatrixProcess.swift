import Foundation
import HDF5Files
import VectorFiles

/// The process that reads an HDF5 file for another one, since libhdf5 may crash on a damaged file.
///
/// Standard output gets packets: a 64-bit number of bytes in the machine's order, then those bytes. The first has the
/// numbers of rows and columns, 64 bits each, the others rows as float32, the last is empty. A negative number leads
/// a text that says what is wrong with the file, and nothing follows.
enum MatrixProcess {
    /// The first word of its command line; no verb, since nobody is to type it.
    static let word = "--read-matrix"
    /// Address space, so that a file's claims cannot fill the machine.
    private static let memory = rlim_t(8) << 30
    private static let bytesAtOnce = 1 << 20

    static func run(_ path: String, _ console: Console) -> ExitCode {
        limitResources()
        endWithReader()
        do {
            let matrix = try HDF5MatrixReader(path: path)
            try unsafe [UInt64(matrix.rows), UInt64(matrix.columns)].withUnsafeBytes {
                try unsafe send($0, length: $0.count, on: console)
            }
            let rowsAtOnce = max(1, bytesAtOnce / (4 * max(matrix.columns, 1)))
            var block = [Float](repeating: 0, count: rowsAtOnce * matrix.columns)
            while true {
                let count = try unsafe block.withUnsafeMutableBufferPointer { block in
                    let count = try unsafe matrix.next(into: block)
                    let bytes = unsafe UnsafeRawBufferPointer(
                        UnsafeBufferPointer(rebasing: block[..<(count * matrix.columns)]))
                    try unsafe send(bytes, length: bytes.count, on: console)
                    return count
                }
                if count == 0 { return .done }
            }
        } catch {
            var reason = "\(error)"
            if case VectorFileError.malformed(_, let text) = error { reason = text }
            let text = Array(reason.utf8)
            try? unsafe text.withUnsafeBytes { try unsafe send($0, length: -text.count, on: console) }
            return .badData
        }
    }

    private static func send(
        _ bytes: UnsafeRawBufferPointer, length: Int, on console: Console
    ) throws(CommandFailure) {
        try console.write(unsafe withUnsafeBytes(of: Int64(length)) { unsafe [UInt8]($0) })
        try unsafe console.write(bytes)
    }

    private static func limitResources() {
        var limit = rlimit(rlim_cur: memory, rlim_max: memory)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        limit = rlimit(rlim_cur: 0, rlim_max: 0)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    }

    /// Ends this process when nobody reads it any more, also while libhdf5 is lost in a file.
    private static func endWithReader() {
        Thread.detachNewThread {
            var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
            while unsafe poll(&output, 1, -1) <= 0 {}
            _exit(ExitCode.inputOutput.rawValue)
        }
    }
}
