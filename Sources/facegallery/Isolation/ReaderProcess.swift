import Foundation
import VectorFiles

/// A process of this program that reads a file with libhdf5, which may crash on a damaged one, and writes what is in it
/// to a pipe.
///
/// The file is its standard input, which we open. It ends with its reader. One thread at a time.
final class ReaderProcess {
    /// Processor seconds for what is written at once: files of odd layouts take some, and damaged ones all there are.
    static let patience = 60.0
    /// This program.
    static let program = "/proc/self/exe"

    private let path: String
    private let process = Process()
    private let output = Pipe()
    private let reason = Pipe()

    /// Starts the process.
    ///
    /// - Parameters:
    ///   - word: what the process is to do, as `ConfinedReading` knows it.
    ///   - file: a descriptor of the file; taken over, and closed also where this throws.
    ///   - path: what errors call the file.
    ///   - patience: processor seconds after which a process that has written nothing gives up.
    /// - Throws: what Foundation throws where no process can be started.
    init(_ word: String, file: Int32, path: String, program: String, patience: Double) throws {
        self.path = path
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [word, String(patience)]
        // Nobody sees what a crash of it would be told with, and that takes seconds. Nothing in the environment is to
        // steer libhdf5 or the loader.
        process.environment = ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("HDF5_") }
            .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        process.standardInput = FileHandle(fileDescriptor: file, closeOnDealloc: true)
        process.standardOutput = output
        process.standardError = reason
        try process.run()
    }

    deinit {
        // A signal that a thread of a pool cannot have blocked; the process only reads.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// What the process writes.
    var descriptor: Int32 { output.fileHandleForReading.fileDescriptor }

    /// Ends the process, and says why it did not write all; nil where it did not say.
    ///
    /// Nothing can be read from it afterwards.
    func fault() -> VectorFileError? {
        // One that is still at work sees that nobody reads it.
        try? output.fileHandleForReading.close()
        let text = (try? reason.fileHandleForReading.read(upToCount: 1 << 16)) ?? nil
        process.waitUntilExit()
        let crashes = [SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP]
        switch (process.terminationReason, process.terminationStatus) {
        case (.exit, ExitCode.badData.rawValue):
            return .malformed(path: path, reason: String(decoding: text ?? Data(), as: UTF8.self))
        // It was still writing: what is wrong was found here.
        case (.uncaughtSignal, SIGPIPE): return nil
        case (.uncaughtSignal, let signal) where crashes.contains(signal):
            return .malformed(path: path, reason: "is damaged: the HDF5 library crashed on it")
        case (.uncaughtSignal, _):
            // Another process ended it, so the file is not to blame.
            return .system(path: path, operation: "read", code: EINTR)
        default: return nil
        }
    }
}
