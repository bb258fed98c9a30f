import Foundation
import HDF5Files
import VectorFiles

/// The rows of an HDF5 file, read by a process of its own: a file that makes libhdf5 crash is an error like any other.
///
/// The pipe has the numbers of rows and columns, 64 bits each, and then the rows as float32, in the machine's order.
final class IsolatedMatrix: MatrixRows {
    static let word = "--read-matrix"
    private static let bytesAtOnce = 1 << 20

    let path: String
    private(set) var rows = 0
    private(set) var columns = 0
    private(set) var position = 0
    private let process: ReaderProcess

    /// Starts the process and waits for the shape of the matrix.
    ///
    /// - Throws: as `HDF5MatrixReader`; `.malformed` where the process crashed or gave up.
    init(
        path: String, program: String = ReaderProcess.program, patience: Double = ReaderProcess.patience
    ) throws {
        self.path = path
        process = try ReaderProcess(
            Self.word, file: openRegularFile(path), path: path, program: program, patience: patience)
        var shape = [UInt64](repeating: 0, count: 2)
        try unsafe shape.withUnsafeMutableBytes { try unsafe fill($0) }
        (rows, columns) = (Int(clamping: shape[0]), Int(clamping: shape[1]))
    }

    func next(into buffer: UnsafeMutableBufferPointer<Float>) throws(VectorFileError) -> Int {
        let count = unsafe nextCount(in: buffer)
        guard count > 0 else { return 0 }
        try unsafe fill(
            UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<(count * columns)])))
        position += count
        return count
    }

    private func fill(_ bytes: UnsafeMutableRawBufferPointer) throws(VectorFileError) {
        var count = 0
        while count < bytes.count {
            let got = unsafe read(
                process.descriptor, bytes.baseAddress.map { unsafe $0 + count }, bytes.count - count)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .system(path: path, operation: "read", code: errno) }
            guard got > 0 else {
                throw process.fault()
                    ?? .malformed(path: path, reason: "ends behind \(position) of \(rows) rows")
            }
            count += got
        }
    }

    /// The work of the process.
    static func write(_ file: HDF5File, to output: ConfinedOutput) throws {
        let matrix = try HDF5MatrixReader(file)
        try unsafe [UInt64(matrix.rows), UInt64(matrix.columns)].withUnsafeBytes {
            try unsafe output.write($0)
        }
        let rowsAtOnce = max(1, bytesAtOnce / (4 * max(matrix.columns, 1)))
        var block = [Float](repeating: 0, count: rowsAtOnce * matrix.columns)
        while true {
            let count = try unsafe block.withUnsafeMutableBufferPointer { block in
                let count = try unsafe matrix.next(into: block)
                try unsafe output.write(
                    UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: block[..<(count * matrix.columns)])))
                return count
            }
            if count == 0 { return }
        }
    }
}
