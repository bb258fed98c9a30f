import Foundation
import VectorFiles

/// The rows of an HDF5 file, read by a process of its own: a file that makes libhdf5 crash is an error like any other.
final class IsolatedMatrix: MatrixRows {
    let path: String
    private(set) var rows = 0
    private(set) var columns = 0
    private(set) var position = 0
    private let process = Process()
    private let output = Pipe()
    /// Bytes of the current packet that have not been read.
    private var left = 0

    /// Starts the process and waits for the shape of the matrix.
    ///
    /// - Parameter program: this program.
    /// - Throws: as `HDF5MatrixReader`; `.malformed` where the process crashed.
    init(path: String, program: String = "/proc/self/exe") throws {
        self.path = path
        guard unsafe access(path, F_OK) == 0 else { throw VectorFileError.missing(path: path) }
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [MatrixProcess.word, path]
        // Nobody sees what a crash of it would be told with, and that takes seconds.
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) {
            $1
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var shape = [UInt64](repeating: 0, count: 2)
        try unsafe shape.withUnsafeMutableBytes { try unsafe take($0) }
        (rows, columns) = (Int(clamping: shape[0]), Int(clamping: shape[1]))
    }

    deinit {
        // A signal that a thread of a pool cannot have blocked; the process only reads.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    func next(into buffer: UnsafeMutableBufferPointer<Float>) throws(VectorFileError) -> Int {
        let count = unsafe nextCount(in: buffer)
        guard count > 0 else { return 0 }
        try unsafe take(
            UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<(count * columns)])))
        position += count
        return count
    }

    /// Takes the next bytes of the packets, across their borders.
    private func take(_ bytes: UnsafeMutableRawBufferPointer) throws(VectorFileError) {
        var rest = unsafe bytes
        while unsafe !rest.isEmpty {
            if left == 0 { left = try nextLength() }
            let some = min(left, rest.count)
            try unsafe fill(UnsafeMutableRawBufferPointer(rebasing: rest[..<some]))
            left -= some
            unsafe rest = UnsafeMutableRawBufferPointer(rebasing: rest[some...])
        }
    }

    private func nextLength() throws(VectorFileError) -> Int {
        var length: Int64 = 0
        var failure: VectorFileError?
        unsafe withUnsafeMutableBytes(of: &length) { bytes in
            do throws(VectorFileError) { try unsafe fill(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
        if length > 0 { return Int(length) }
        guard length < 0, length > -(1 << 16) else {
            throw .malformed(path: path, reason: "ends behind \(position) of \(rows) rows")
        }
        var text = [UInt8](repeating: 0, count: Int(-length))
        unsafe text.withUnsafeMutableBytes { bytes in
            do throws(VectorFileError) { try unsafe fill(bytes) } catch { failure = error }
        }
        throw failure ?? .malformed(path: path, reason: String(decoding: text, as: UTF8.self))
    }

    private func fill(_ bytes: UnsafeMutableRawBufferPointer) throws(VectorFileError) {
        var count = 0
        while count < bytes.count {
            let got = unsafe read(
                output.fileHandleForReading.fileDescriptor, bytes.baseAddress.map { unsafe $0 + count },
                bytes.count - count)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .system(path: path, operation: "read", code: errno) }
            guard got > 0 else { throw fault() }
            count += got
        }
    }

    /// Why the process ended in the middle of a packet.
    private func fault() -> VectorFileError {
        process.waitUntilExit()
        let crashes = [SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP]
        if process.terminationReason == .uncaughtSignal, crashes.contains(process.terminationStatus) {
            return .malformed(path: path, reason: "is damaged: the HDF5 library crashed on it")
        }
        // Whoever ended it did not mean the file.
        return .system(path: path, operation: "read", code: EINTR)
    }
}
