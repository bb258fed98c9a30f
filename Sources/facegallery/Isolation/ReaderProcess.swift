import Glibc
import VectorFiles

/// A process of this program that reads a file with libhdf5, which may crash on a damaged one, and writes what is in it
/// to a pipe.
///
/// The file is its standard input, which we open. It ends with its reader. One thread at a time. Started
/// without Foundation, which makes a thread for it, and waits for ever where none can be made.
final class ReaderProcess {
    /// Processor seconds for what is written at once: files of odd layouts take some, and damaged ones all there are.
    static let patience = 60.0
    /// This program.
    static let program = "/proc/self/exe"

    private let path: String
    private let process: pid_t
    /// What the process writes.
    let descriptor: Int32
    private let reason: Int32
    private var isOver = false

    /// Starts the process.
    ///
    /// - Parameters:
    ///   - word: what the process is to do, as `ConfinedReading` knows it.
    ///   - file: a descriptor of the file; taken over, and closed also where this throws.
    ///   - path: what errors call the file.
    ///   - patience: processor seconds after which a process that has written nothing gives up.
    /// - Throws: `CommandFailure` where no process can be started.
    init(_ word: String, file: Int32, path: String, program: String, patience: Double) throws(CommandFailure) {
        defer { close(file) }
        let output = try Self.pipe(path)
        let reason: (reading: Int32, writing: Int32)
        do throws(CommandFailure) { reason = try Self.pipe(path) } catch {
            close(output.reading)
            close(output.writing)
            throw error
        }
        let streams = [file, output.writing, reason.writing]
        let (status, child) = Self.spawn(program, [word, String(patience)], streams)
        close(output.writing)
        close(reason.writing)
        guard status == 0 else {
            close(output.reading)
            close(reason.reading)
            throw Self.failure(status, path)
        }
        (self.path, process, descriptor, self.reason) = (path, child, output.reading, reason.reading)
    }

    deinit {
        // The process only reads. It is waited for, so that it does not stay in the system's table.
        if !isOver {
            kill(process, SIGKILL)
            _ = end()
        }
        close(descriptor)
        close(reason)
    }

    /// Ends the process, and says why it did not write all; nil where it did not say.
    ///
    /// Nothing can be read from it afterwards.
    func fault() -> VectorFileError? {
        guard !isOver else { return nil }
        // One that is still at work sees that nobody reads it.
        let nothing = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        dup2(nothing, descriptor)
        close(nothing)
        let text = readReason()
        let status = end()
        let (code, signal) = (status >> 8 & 0xff, status & 0x7f)
        let crashes = [SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP]
        switch signal {
        case 0 where code == ExitCode.badData.rawValue: return .malformed(path: path, reason: text)
        // It was still writing: what is wrong was found here.
        case 0, SIGPIPE: return nil
        case _ where crashes.contains(signal):
            return .malformed(path: path, reason: "is damaged: the HDF5 library crashed on it")
        // Another process ended it, so the file is not to blame.
        default: return .system(path: path, operation: "read", code: EINTR)
        }
    }

    /// What the process said of its file, cut where that is long.
    private func readReason() -> String {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        var count = 0
        while count < bytes.count {
            let got = unsafe bytes.withUnsafeMutableBytes {
                unsafe read(reason, $0.baseAddress.map { unsafe $0 + count }, $0.count - count)
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { break }
            count += got
        }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Waits for the end of the process; returns its status.
    private func end() -> Int32 {
        isOver = true
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status
    }

    private static func pipe(_ path: String) throws(CommandFailure) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard unsafe Glibc.pipe(&ends) == 0 else { throw failure(errno, path) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func failure(_ code: Int32, _ path: String) -> CommandFailure {
        let text = "\(path): cannot start the process that reads it: \(unsafe String(cString: strerror(code)))"
        guard code == EAGAIN || code == ENOMEM else { return CommandFailure(text, .inputOutput) }
        return CommandFailure(
            text
                + "; end other programs, or raise the limit on processes (ulimit -u, or the container's pids limit), "
                + "and try again", .tryAgain)
    }

    /// Starts `program` with its standard streams; returns the system's error, 0 where there was none.
    private static func spawn(
        _ program: String, _ arguments: [String], _ streams: [Int32]
    ) -> (status: Int32, child: pid_t) {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (number, stream) in streams.enumerated() {
            unsafe posix_spawn_file_actions_adddup2(&actions, stream, Int32(number))
        }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        // Signals end it, whatever this process does with them.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        for number in [SIGPIPE, SIGINT, SIGTERM] { unsafe sigaddset(&signals, number) }
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
        // Nobody sees what a crash of it would be told with, and that takes seconds. Nothing in the environment is to
        // steer libhdf5.
        var (words, variables) = unsafe (Words([program] + arguments), Words(environment))
        defer {
            unsafe words.free()
            unsafe variables.free()
        }
        var child: pid_t = 0
        let status = unsafe posix_spawn(
            &child, program, &actions, &attributes, &words.pointers, &variables.pointers)
        return (status, child)
    }

    private static var environment: [String] {
        var kept: [String] = []
        var next = unsafe environ
        while let variable = unsafe next.pointee {
            let text = unsafe String(cString: variable)
            if !text.hasPrefix("HDF5_"), !text.hasPrefix("SWIFT_BACKTRACE=") { kept.append(text) }
            unsafe next += 1
        }
        return kept + ["SWIFT_BACKTRACE=enable=no"]
    }
}

/// Strings as a new program is given them.
@unsafe
private struct Words {
    var pointers: [UnsafeMutablePointer<CChar>?]

    init(_ words: [String]) { unsafe pointers = words.map { unsafe strdup($0) } + [nil] }

    func free() { unsafe pointers.forEach { unsafe Glibc.free($0) } }
}
