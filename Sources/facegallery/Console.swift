import GalleryModel
import Glibc
import Wire

/// Standard output for answers, standard error for everything else.
///
/// All lines that the program tells people go through here, and nothing in them steers a terminal: what others have
/// written (names, paths, metadata, what a library says of a file) may hold anything. A field of theirs within a line
/// goes through `printable` first, so that it cannot end the line either.
struct Console: Sendable {
    /// Whether answers are JSON Lines.
    let json: Bool

    /// Writes one line to standard output, whole and at once, so that who reads it may act on it.
    ///
    /// - Throws: `CommandFailure` where standard output takes no more.
    func print(_ line: String) throws(CommandFailure) {
        try write(Array((line.printableLines + "\n").utf8))
    }

    /// Writes bytes to standard output.
    func write(_ bytes: [UInt8]) throws(CommandFailure) {
        var failure: CommandFailure?
        unsafe bytes.withUnsafeBytes { bytes in
            do throws(CommandFailure) { try unsafe write(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Writes bytes to standard output.
    func write(_ bytes: UnsafeRawBufferPointer) throws(CommandFailure) {
        let failure = unsafe writeWhole(bytes, to: STDOUT_FILENO)
        guard failure == 0 else {
            throw CommandFailure(
                "cannot write to standard output: \(unsafe String(cString: strerror(failure)))", .inputOutput)
        }
    }

    /// Writes a value as one line of JSON.
    func print(json value: some Encodable) throws(CommandFailure) {
        try write(jsonLine(value))
    }

    /// Tells the user something on standard error.
    func note(_ line: String) { writeToStandardError(line.printableLines + "\n") }
}

/// A text of others, as it may stand within a line: `\u{1B}` and `\n` are spelt out.
func printable(_ text: String) -> String { text.printable }

/// Writes bytes as they are, those that steer a terminal too; whether people can read them changes nothing.
func writeToStandardError(_ text: String) {
    let bytes = Array(text.utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// Writes all bytes, however many a call takes; returns the system's error, 0 where there was none.
func writeWhole(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
    var rest = unsafe bytes
    while unsafe !rest.isEmpty {
        let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return errno }
        unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
    return 0
}

/// A value as one line of JSON.
func jsonLine(_ value: some Encodable) throws(CommandFailure) -> [UInt8] {
    do throws(WireError) { return try WireFormat.line(value) } catch {
        throw CommandFailure("\(error)", .failed)
    }
}

/// The program's exit codes, after BSD's sysexits.
enum ExitCode: Int32 {
    case done = 0
    case failed = 1
    case usage = 64
    case badData = 65
    case noInput = 66
    case cannotWrite = 73
    case inputOutput = 74
    case tryAgain = 75
}

/// A failure of a command itself, with the exit code it ends with.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String
    let exitCode: ExitCode

    init(_ description: String, _ exitCode: ExitCode) {
        self.description = description
        self.exitCode = exitCode
    }
}
