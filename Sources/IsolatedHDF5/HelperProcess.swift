internal import Glibc
internal import Synchronization
internal import VectorFiles

/// A process of the helper program, with one open file and a connection to this process.
///
/// It ends with its owner. Started without Foundation, which makes a thread for it, and waits for ever where none can
/// be made. `cancel` may be called from any thread, all else from one at a time.
final class HelperProcess: Sendable {
    private struct State {
        var isOver = false
        var isCancelled = false
    }

    private let path: String
    private let program: String
    private let work: HDF5Work
    private let process: pid_t
    /// This end of the connection.
    let descriptor: Int32
    private let reason: Int32
    private let state = Mutex(State())

    /// Starts the process.
    ///
    /// - Parameters:
    ///   - file: a descriptor of the file; taken over, and closed also where this throws.
    ///   - path: what errors call the file.
    init(
        _ work: HDF5Work, file: Int32, path: String, helper: HDF5Helper, patience: Double
    ) throws(HelperError) {
        var child = ChildEnds()
        defer { child.close() }
        child.keep(file)
        let own = try Self.connection(path, &child)
        let reason: Int32
        do throws(HelperError) { reason = try Self.connection(path, &child) } catch {
            close(own)
            throw error
        }
        let ends = child.descriptors
        let streams = work.writesFile ? [ends[1], ends[0], ends[2]] : ends
        do throws(HelperError) {
            (process, program) = try Self.start(
                helper, [work.rawValue, HDF5Work.version, String(patience)], streams, path)
        } catch {
            close(own)
            close(reason)
            throw error
        }
        (self.path, self.work, descriptor, self.reason) = (path, work, own, reason)
    }

    deinit {
        // What it has made is not used. It is waited for, so that it does not stay in the system's table.
        if !state.withLock(\.isOver) {
            kill(process, SIGKILL)
            _ = end()
        }
        close(descriptor)
        close(reason)
    }

    /// Kills the process; a call that is waiting for it then fails.
    func cancel() {
        state.withLock { state in
            guard !state.isOver else { return }
            state.isCancelled = true
            kill(process, SIGKILL)
        }
    }

    /// Waits for the end of the process, and says why it did not do its work; nil if it did, or did not say.
    ///
    /// Nothing can be read from it or written to it afterwards.
    func fault() throws(HelperError) -> VectorFileError? {
        guard !state.withLock(\.isOver) else { return nil }
        // A process that is still at work finds its end of the connection closed.
        shutdown(descriptor, Int32(SHUT_RDWR))
        let text = readReason()
        let status = end()
        let operation = work.writesFile ? "write" : "read"
        if state.withLock(\.isCancelled) { return .system(path: path, operation: operation, code: ECANCELED) }
        let (code, signal) = (status >> 8 & 0xff, status & 0x7f)
        let crashes = [SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP]
        switch signal {
        case 0 where code == HelperExit.badData.rawValue: return .malformed(path: path, reason: text)
        case 0 where code == HelperExit.usage.rawValue:
            throw .otherVersion(path: path, program: program)
        // A reader that was still writing: what is wrong was found here.
        case 0, SIGPIPE: return nil
        case _ where crashes.contains(signal):
            return .malformed(
                path: path,
                reason: work.writesFile
                    ? "could not be written: the HDF5 library crashed"
                    : "is damaged: the HDF5 library crashed on it")
        // Another process ended it, so the file is not to blame.
        default: return .system(path: path, operation: operation, code: EINTR)
        }
    }

    /// What the process said about its file, at most 64 KiB of it.
    private func readReason() -> String {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        var count = 0
        while count < bytes.count {
            let got = unsafe bytes.withUnsafeMutableBytes { bytes in
                unsafe read(reason, bytes.baseAddress.map { unsafe $0 + count }, bytes.count - count)
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { break }
            count += got
        }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Waits for the end of the process; returns its status.
    private func end() -> Int32 {
        // Not under the lock, so that `cancel` does not wait; the number stays the process's until it is taken below.
        var info = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(process), &info, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        return state.withLock { state in
            state.isOver = true
            var status: Int32 = 0
            while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
            return status
        }
    }
}

/// The descriptors that the child gets, which this process closes when it has been started.
private struct ChildEnds {
    /// The file, its end of the connection, its end of the connection for the reason.
    private(set) var descriptors: [Int32] = []

    mutating func keep(_ descriptor: Int32) { descriptors.append(descriptor) }

    func close() { descriptors.forEach { _ = Glibc.close($0) } }
}

extension HelperProcess {
    /// A connection to the process; returns this process's end.
    ///
    /// Sockets: writing to a process that is gone is an error then, where a pipe sends this process a signal; and no
    /// program that another thread starts meanwhile inherits them.
    private static func connection(_ path: String, _ child: inout ChildEnds) throws(HelperError) -> Int32 {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw .notStarted(path: path, code: errno)
        }
        child.keep(ends[1])
        return ends[0]
    }

    /// Starts the first of the places that is a program.
    private static func start(
        _ helper: HDF5Helper, _ arguments: [String], _ streams: [Int32], _ path: String
    ) throws(HelperError) -> (pid_t, String) {
        for place in helper.places {
            let (status, child) = spawn(place, arguments, streams)
            switch status {
            case 0: return (child, place)
            case ENOENT, ENOTDIR, EACCES: continue
            default: throw .notStarted(path: path, code: status)
            }
        }
        throw .missing(path: path, places: helper.places)
    }

    /// Starts `program` with its standard streams; returns the system's error, 0 where there was none.
    private static func spawn(
        _ program: String, _ arguments: [String], _ streams: [Int32]
    ) -> (status: Int32, child: pid_t) {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        // A program may have closed its own standard streams, so that these have their numbers: copies that are none of
        // the three come first.
        let copies = streams.map { fcntl($0, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) }
        defer { copies.forEach { _ = close($0) } }
        guard !copies.contains(-1) else { return (errno, 0) }
        for (number, stream) in copies.enumerated() {
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

    /// This process's environment without what would steer libhdf5, and without Swift's report of crashes, which nobody
    /// sees and which takes seconds.
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
