import Glibc
import HDF5Files
import ReferenceFiles
import VectorFiles

/// The references of an HDF5 file, read by a process of its own, which hands them over as JSON Lines.
///
/// A seal shows that a file is what somebody exported, not that it was this program: libhdf5 may still crash on it.
final class IsolatedReferences: ReferenceReader {
    static let word = "--read-references"
    private static let bytesAtOnce = 1 << 16

    private let process: ReaderProcess
    private let lines: JSONLinesReader
    /// Behind a failure there is nothing to be read.
    private var failure: VectorFileError?

    /// Checks the seal, starts the process and waits for the header.
    ///
    /// - Throws: as `HDF5ReferenceReader`; `.malformed` where the process crashed or gave up.
    init(
        path: String, program: String = ReaderProcess.program, patience: Double = ReaderProcess.patience
    ) throws {
        let file = try openRegularFile(path)
        do throws(VectorFileError) { try HDF5ReferenceReader.checkSeal(of: file, path: path) } catch {
            close(file)
            throw error
        }
        // The process reads the file whose seal was checked, whatever has its name by now.
        let process = try ReaderProcess(Self.word, file: file, path: path, program: program, patience: patience)
        do throws(VectorFileError) {
            lines = try JSONLinesReader(descriptor: process.descriptor, name: path)
        } catch { throw process.fault() ?? error }
        self.process = process
    }

    var header: ReferenceFileHeader { lines.header }

    func next() throws(VectorFileError) -> FileReference? {
        if let failure { throw failure }
        do throws(VectorFileError) { return try lines.next() } catch {
            let fault = process.fault() ?? error
            failure = fault
            throw fault
        }
    }

    /// The work of the process.
    static func write(_ file: HDF5File, to output: ConfinedOutput) throws {
        let reader = try HDF5ReferenceReader(sealed: file)
        var bytes: [UInt8] = []
        func flush() throws {
            try unsafe bytes.withUnsafeBytes { try unsafe output.write($0) }
            bytes.removeAll(keepingCapacity: true)
        }
        let writer = try JSONLinesWriter(header: reader.header, put: { bytes += $0 }, end: {})
        // Nothing that is good waits here for what may be the end of the process.
        try flush()
        do {
            while let reference = try reader.next() {
                try writer.append(reference)
                if bytes.count >= bytesAtOnce || !reader.hasMoreAtOnce { try flush() }
            }
        } catch {
            try flush()
            throw error
        }
    }
}
