internal import Glibc
package import ReferenceFiles
package import VectorFiles

/// Writes references as an HDF5 file through a helper process.
///
/// The process gets the open file under its fresh name. This one seals it, makes it durable and gives it its name.
/// Memory: a few blocks of rows. One thread at a time.
package final class IsolatedReferenceWriter: ReferenceWriter {
    private static let bytesAtOnce = 1 << 18

    private let path: String
    private let header: ReferenceFileHeader
    private let file: WholeFile
    private let process: HelperProcess
    private var pending: [UInt8]

    /// Begins a file for as many references as the header says, that only its owner may read.
    ///
    /// - Throws: `VectorFileError` where the file cannot be made, `HelperError` where no process can be started.
    package init(
        path: String, header: ReferenceFileHeader, helper: HDF5Helper = .installed, patience: Double = 60
    ) throws {
        (self.path, self.header) = (path, header)
        file = try WholeFile(path: path)
        process = try HelperProcess(
            .writeReferences, file: file.copyOfDescriptor(), path: path, helper: helper, patience: patience)
        pending = try ReferenceStream.begin(header)
    }

    package func append(_ reference: FileReference) throws(VectorFileError) {
        try reference.requireNumbers(header, path: path)
        try ReferenceStream.append(reference, to: &pending, path: path)
        if pending.count >= Self.bytesAtOnce { try flush() }
    }

    package func finish() throws(VectorFileError) {
        try flush()
        shutdown(process.descriptor, Int32(SHUT_WR))
        if let fault = process.faultAfterStart() { throw fault }
        try file.continueBehind()
        try file.append(FileSeal.of(file.pathAside))
        try file.finish()
    }

    private func flush() throws(VectorFileError) {
        let failure = unsafe pending.withUnsafeBytes { bytes -> Int32 in
            var rest = unsafe bytes
            while unsafe !rest.isEmpty {
                // A process that is gone is an error, and no signal to this one.
                let count = unsafe send(
                    process.descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return errno }
                unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return 0
        }
        pending.removeAll(keepingCapacity: true)
        guard failure != 0 else { return }
        throw process.faultAfterStart() ?? .system(path: path, operation: "write", code: failure)
    }
}

extension HelperProcess {
    /// Why the process did not do its work, also where it was of another version.
    func faultAfterStart() -> VectorFileError? {
        do throws(HelperError) { return try fault() } catch {
            return .malformed(path: error.path, reason: "is not read or written: \(error.reason)")
        }
    }
}
