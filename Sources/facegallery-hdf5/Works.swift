import CConfinement
import Glibc
import HDF5Files
import IsolatedHDF5
import ReferenceFiles
import VectorFiles

/// Does the work of this process; returns how that ended, with the reason on standard error.
func perform(_ work: HDF5Work) -> HelperExit {
    do {
        switch work {
        case .readMatrix: try readMatrix()
        case .readReferences: try readReferences()
        case .writeReferences: try writeReferences()
        case .tryConfinement, .tryLandlock: try tryConfinement()
        }
        return .done
    } catch is HelperOutput.Unread {
        return .inputOutput
    } catch {
        HelperOutput.explain((error as? VectorFileError)?.reason ?? "\(error)")
        return .badData
    }
}

private let standardInput = "standard input"

private func readMatrix() throws {
    let matrix = try HDF5MatrixReader(HDF5File(descriptor: STDIN_FILENO, path: standardInput))
    try unsafe [UInt64(matrix.rows), UInt64(matrix.columns)].withUnsafeBytes {
        try unsafe HelperOutput.write($0)
    }
    let rowsAtOnce = max(1, (1 << 20) / (4 * max(matrix.columns, 1)))
    var block = [Float](repeating: 0, count: rowsAtOnce * matrix.columns)
    while true {
        let count = try unsafe block.withUnsafeMutableBufferPointer { block in
            let count = try unsafe matrix.next(into: block)
            try unsafe HelperOutput.write(
                UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: block[..<(count * matrix.columns)])))
            return count
        }
        if count == 0 { return }
    }
}

private func readReferences() throws {
    let reader = try HDF5ReferenceReader(sealed: HDF5File(descriptor: STDIN_FILENO, path: standardInput))
    // Nothing that is good waits here for what may be the end of the process.
    try HelperOutput.write(ReferenceStream.begin(reader.header))
    var bytes: [UInt8] = []
    func flush() throws {
        try HelperOutput.write(bytes)
        bytes.removeAll(keepingCapacity: true)
    }
    do {
        while let reference = try reader.next() {
            try ReferenceStream.append(reference, to: &bytes, path: standardInput)
            if bytes.count >= 1 << 16 || !reader.hasMoreAtOnce { try flush() }
        }
    } catch {
        try flush()
        throw error
    }
}

private func writeReferences() throws {
    let reader = try ReferenceStreamReader(descriptor: STDIN_FILENO, name: standardInput)
    let writer = try HDF5ReferenceWriter(
        descriptor: STDOUT_FILENO, path: "standard output", header: reader.header)
    while let reference = try reader.next() {
        try writer.append(reference)
        confinement_has_written()
    }
    try writer.finish()
}
