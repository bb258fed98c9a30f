import Glibc

/// The list of refused photos or templates: a line of JSON each, in a file that only its owner may read.
///
/// It is made anew by each run: what was refused is tried again, so the last run's list is whole.
final class RejectsFile {
    private let path: String
    private let descriptor: Int32

    /// Makes the file, or empties it.
    ///
    /// - Parameter inputs: files that the job reads, and that must not be emptied; `-` is standard input.
    init(_ path: String, inputs: [String]) throws(CommandFailure) {
        var (target, input) = (stat(), stat())
        if unsafe stat(path, &target) == 0 {
            for file in inputs {
                let status =
                    unsafe file == "-" ? fstat(STDIN_FILENO, &input) : stat(file, &input)
                guard status == 0 else { continue }
                guard input.st_dev != target.st_dev || input.st_ino != target.st_ino else {
                    throw CommandFailure(
                        "\(path): the rejects would overwrite what is read; name another", .usage)
                }
            }
        }
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure(
                "\(path): cannot be written: \(unsafe String(cString: strerror(errno)))", .cannotWrite)
        }
        (self.path, self.descriptor) = (path, descriptor)
        var status = stat()
        if unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
            fchmod(descriptor, 0o600)
        }
    }

    deinit { close(descriptor) }

    /// Adds a line, at once.
    func append(_ line: some Encodable) throws(CommandFailure) {
        guard let line = jsonLine(line) else {
            throw CommandFailure("a refusal holds a number that JSON cannot", .failed)
        }
        let failure = unsafe line.withUnsafeBytes { unsafe writeWhole($0, to: descriptor) }
        guard failure == 0 else {
            throw CommandFailure(
                "\(path): cannot be written: \(unsafe String(cString: strerror(failure))); free space and "
                    + "run the same command again", .cannotWrite)
        }
    }
}
