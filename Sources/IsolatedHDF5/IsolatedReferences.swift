internal import Glibc
package import ReferenceFiles
package import VectorFiles

/// The references of an HDF5 file, read by a helper process, which hands them over as a `ReferenceStream`.
///
/// A seal shows that a file is what somebody exported, not that it was this program: libhdf5 may still crash on it.
package final class IsolatedReferences: ReferenceReader {
    private let path: String
    private let process: HelperProcess
    private let stream: ReferenceStreamReader
    /// Behind a failure there is nothing to be read.
    private var failure: VectorFileError?
    private var row = 0

    /// Checks the seal, starts the process and waits for the header.
    ///
    /// - Throws: `VectorFileError`: as a reader of the file itself, and `.malformed` where the process crashed or gave
    ///   up. `HelperError` where no process can be started.
    package init(path: String, helper: HDF5Helper = .installed, patience: Double = 60) throws {
        let file = try openRegularFile(path)
        do throws(VectorFileError) { try FileSeal.check(file, path: path) } catch {
            close(file)
            throw error
        }
        // The process reads the file whose seal was checked, whatever has its name by now.
        let process = try HelperProcess(
            .readReferences, file: file, path: path, helper: helper, patience: patience)
        do throws(VectorFileError) {
            stream = try ReferenceStreamReader(descriptor: process.descriptor, name: path)
        } catch { throw try process.fault() ?? error }
        (self.path, self.process) = (path, process)
    }

    /// What ends the reading from another thread.
    package var cancellation: HDF5Cancellation { HDF5Cancellation(process: process) }

    package var header: ReferenceFileHeader { stream.header }

    package func next() throws(VectorFileError) -> FileReference? {
        if let failure { throw failure }
        do throws(VectorFileError) {
            guard let reference = try stream.next() else { return nil }
            if let fault = reference.fault(header) {
                throw .malformed(path: path, reason: "row \(row): \(fault)")
            }
            row += 1
            return reference
        } catch {
            let fault = process.faultAfterStart() ?? error
            failure = fault
            throw fault
        }
    }
}
