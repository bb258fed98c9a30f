import Foundation
import VectorFiles

/// The rows of an HDF5 file, read by a process of its own: a file that makes libhdf5 crash is an error like any other.
final class IsolatedMatrix: MatrixRows {
    let path: String
    let rows: Int
    let columns: Int
    private(set) var position = 0
    private let process = Process()
    private let output = Pipe()
    private let errors = Pipe()

    /// Starts the process and waits for the shape of the matrix.
    ///
    /// - Parameter program: this program.
    /// - Throws: as `HDF5MatrixReader`; `.malformed` where the process crashed.
    init(path: String, program: String = "/proc/self/exe") throws {
        self.path = path
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [MatrixProcess.word, path]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        var shape = [UInt64](repeating: 0, count: 2)
        let got = try unsafe shape.withUnsafeMutableBytes { [output] in
            try unsafe Self.fill($0, from: output, name: path)
        }
        (rows, columns) = (Int(clamping: shape[0]), Int(clamping: shape[1]))
        if got < 16 { throw fault() }
    }

    deinit {
        // Whoever stops early leaves a writer behind that would wait for a reader.
        process.terminate()
        process.waitUntilExit()
    }

    func next(into buffer: UnsafeMutableBufferPointer<Float>) throws(VectorFileError) -> Int {
        guard columns > 0 else { return 0 }
        let count = min(buffer.count / columns, rows - position)
        guard count > 0 else { return 0 }
        let wanted = unsafe UnsafeMutableRawBufferPointer(
            UnsafeMutableBufferPointer(rebasing: buffer[..<(count * columns)]))
        guard try unsafe Self.fill(wanted, from: output, name: path) == wanted.count else { throw fault() }
        position += count
        return count
    }

    /// Reads until `bytes` is full or the process has ended; returns how many there were.
    private static func fill(
        _ bytes: UnsafeMutableRawBufferPointer, from pipe: Pipe, name: String
    ) throws(VectorFileError) -> Int {
        var count = 0
        while count < bytes.count {
            let got = unsafe read(
                pipe.fileHandleForReading.fileDescriptor, bytes.baseAddress.map { unsafe $0 + count },
                bytes.count - count)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .system(path: name, operation: "read", code: errno) }
            if got == 0 { break }
            count += got
        }
        return count
    }

    /// Why the process ended before all rows were there.
    private func fault() -> VectorFileError {
        let said = (try? errors.fileHandleForReading.readToEnd()) ?? Data()
        process.waitUntilExit()
        guard process.terminationReason == .exit else {
            return .malformed(path: path, reason: "is damaged: the HDF5 library crashed on it")
        }
        if process.terminationStatus == ExitCode.noInput.rawValue { return .missing(path: path) }
        let reason = String(decoding: said, as: UTF8.self).split(separator: "\n").last.map(String.init)
        return .malformed(path: path, reason: reason ?? "could not be read")
    }
}
