import Files
import Glibc

/// The list of refused photos or templates: a line of JSON each, in a file that only its owner may read.
///
/// It is made again by each run: what was refused is tried again, so the last run's list is whole. A file of that name is
/// replaced and not emptied, so that a link to another file, or another name of one, harms nothing.
final class RejectsFile {
    private let path: String
    private let descriptor: Int32

    /// Makes the file; a pipe or a terminal is written to as it is.
    ///
    /// - Parameter inputs: all that the job reads, and that must not be overwritten; `-` is standard input.
    init(_ path: String, inputs: [String]) throws(CommandFailure) {
        try Outputs.check("--rejects", path, .fileOrStream, inputs: inputs)
        self.path = path
        do throws(FileError) {
            if let kind = try FileStatus.of(path)?.kind, kind != .regularFile {
                descriptor = try StreamOutput.open(path)
            } else {
                let file = try ScratchFile(replacing: path)
                descriptor = try file.appear()
            }
        } catch {
            throw CommandFailure("\(path): cannot be written: \(error.reason)", .cannotWrite)
        }
    }

    deinit { close(descriptor) }

    /// Adds a line, at once.
    func append(_ line: some Encodable) throws(CommandFailure) {
        let line = try jsonLine(line)
        let failure = unsafe line.withUnsafeBytes { unsafe writeWhole($0, to: descriptor) }
        guard failure == 0 else {
            throw CommandFailure(
                "\(path): cannot be written: \(unsafe String(cString: strerror(failure))); free space and "
                    + "run the same command again", .cannotWrite)
        }
    }
}
