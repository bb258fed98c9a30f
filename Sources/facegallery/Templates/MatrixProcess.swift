import Glibc
import HDF5Files
import VectorFiles

/// The process that reads an HDF5 file for another one, since libhdf5 may crash on a damaged file.
///
/// Standard output gets the numbers of rows and columns, 64 bits each, then the rows as float32, in the machine's
/// byte order. What is wrong with the file goes to standard error, and decides the exit code.
enum MatrixProcess {
    /// The first word of its command line; no verb, since nobody is to type it.
    static let word = "--read-matrix"
    /// Address space, so that a file's claims cannot fill the machine.
    private static let memory = rlim_t(8) << 30
    private static let bytesAtOnce = 1 << 20

    static func run(_ path: String, _ console: Console) -> ExitCode {
        // Ctrl-C reaches the whole group; whoever reads the rows decides what becomes of them.
        signal(SIGINT, SIG_IGN)
        var limit = rlimit(rlim_cur: memory, rlim_max: memory)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        limit = rlimit(rlim_cur: 0, rlim_max: 0)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        do {
            let matrix = try HDF5MatrixReader(path: path)
            try write(matrix, to: console)
            return .done
        } catch VectorFileError.missing {
            return .noInput
        } catch VectorFileError.malformed(_, let reason) {
            console.note(reason)
            return .badData
        } catch {
            console.note("\(error)")
            return .inputOutput
        }
    }

    private static func write(_ matrix: HDF5MatrixReader, to console: Console) throws {
        let header = [UInt64(matrix.rows), UInt64(matrix.columns)]
        try unsafe header.withUnsafeBytes { try unsafe console.write(UnsafeRawBufferPointer($0)) }
        let rowsAtOnce = max(1, bytesAtOnce / (4 * max(matrix.columns, 1)))
        var block = [Float](repeating: 0, count: rowsAtOnce * matrix.columns)
        while true {
            let count = try unsafe block.withUnsafeMutableBufferPointer { try unsafe matrix.next(into: $0) }
            guard count > 0 else { return }
            try unsafe block.withUnsafeBytes { bytes in
                try unsafe console.write(
                    UnsafeRawBufferPointer(rebasing: bytes[..<(count * matrix.columns * 4)]))
            }
        }
    }
}
