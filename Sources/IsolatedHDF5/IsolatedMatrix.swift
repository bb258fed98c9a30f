internal import Glibc
public import VectorFiles

/// The rows of the data set `train` of an HDF5 file, read by a helper process.
///
/// A file that makes libhdf5 crash, or keeps it busy for ever, gives an error like any other damaged file. Memory: what
/// the caller gives. One thread at a time.
public final class IsolatedMatrix: MatrixRows {
    /// The file, as the caller named it.
    public let path: String
    /// Rows in all.
    public private(set) var rows = 0
    /// Numbers in a row.
    public private(set) var columns = 0
    /// Rows read so far.
    public private(set) var position = 0
    private let process: HelperProcess

    /// Starts the process and waits for the shape of the matrix.
    ///
    /// - Parameters:
    ///   - path: a regular file.
    ///   - helper: the program to start.
    ///   - patience: processor seconds after which a process gives up that has no next megabyte of rows.
    /// - Throws: `VectorFileError`: `.missing`, `.system`, or `.malformed` where `train` is no matrix of real numbers or
    ///   the process crashed or gave up. `HelperError` where no process can be started.
    public init(path: String, helper: HDF5Helper = .installed, patience: Double = 60) throws {
        self.path = path
        process = try HelperProcess(
            .readMatrix, file: openRegularFile(path), path: path, helper: helper, patience: patience)
        var shape = [UInt64](repeating: 0, count: 2)
        try unsafe shape.withUnsafeMutableBytes { shape in
            if let end = unsafe fill(shape) { throw try process.fault() ?? end }
        }
        (rows, columns) = (Int(clamping: shape[0]), Int(clamping: shape[1]))
    }

    /// What ends the reading from another thread.
    public var cancellation: HDF5Cancellation { HDF5Cancellation(process: process) }

    /// Puts the next rows, as many as there is room for, into `buffer`, row after row; returns how many, 0 at the end.
    ///
    /// - Throws: `.malformed` where the file is damaged, `.system` with `ECANCELED` after `cancel`.
    public func next(into buffer: UnsafeMutableBufferPointer<Float>) throws(VectorFileError) -> Int {
        let count = unsafe nextCount(in: buffer)
        guard count > 0 else { return 0 }
        let room = unsafe UnsafeMutableBufferPointer(rebasing: buffer[..<(count * columns)])
        if let end = unsafe fill(UnsafeMutableRawBufferPointer(room)) { throw process.faultAfterStart() ?? end }
        position += count
        return count
    }

    /// Fills all of the memory; if that fails, returns the error as this process sees it.
    private func fill(_ bytes: UnsafeMutableRawBufferPointer) -> VectorFileError? {
        var count = 0
        while count < bytes.count {
            let got = unsafe read(
                process.descriptor, bytes.baseAddress.map { unsafe $0 + count }, bytes.count - count)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { return .system(path: path, operation: "read", code: errno) }
            guard got > 0 else {
                return .malformed(path: path, reason: "ends after \(position) of \(rows) rows")
            }
            count += got
        }
        return nil
    }
}
