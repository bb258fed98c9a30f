import Foundation
import Synchronization
import VectorFiles

/// What a `ReaderProcess` does: it reads the file that is its standard input, and writes what is in it to standard output.
///
/// That bounds crashes, loops and memory. It is no sandbox: the process may do what its user may.
enum ConfinedReading {
    /// Address space, so that a file's claims cannot fill the machine.
    private static let memory = rlim_t(8) << 30

    /// The first words of its command lines; no verbs, since nobody is to type them.
    private static let works: [String: @Sendable (_ path: String, ConfinedOutput) throws -> Void] = [
        IsolatedMatrix.word: IsolatedMatrix.write, IsolatedReferences.word: IsolatedReferences.write,
    ]

    /// The exit code of such a process, `WORD PATIENCE`; nil for any other command line.
    static func run(_ arguments: [String], _ console: Console) -> ExitCode? {
        guard arguments.count == 3, let work = works[arguments[1]], let patience = Double(arguments[2]) else {
            return nil
        }
        limitResources()
        let output = ConfinedOutput(console)
        watch(output, patience: patience)
        do {
            try work("/dev/stdin", output)
            return .done
        } catch {
            writeToStandardError((error as? VectorFileError)?.reason ?? "\(error)")
            return .badData
        }
    }

    private static func limitResources() {
        var limit = rlimit(rlim_cur: memory, rlim_max: memory)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        limit = rlimit(rlim_cur: 0, rlim_max: 0)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    }

    /// Ends this process when nobody reads it any more, and when libhdf5 is lost in a file: some damaged ones make it
    /// go round for ever.
    private static func watch(_ output: ConfinedOutput, patience: Double) {
        Thread.detachNewThread {
            var pipe = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
            while unsafe poll(&pipe, 1, 200) <= 0 {
                guard output.processorSecondsSinceWriting > patience else { continue }
                writeToStandardError("is damaged: the HDF5 library does not come to an end with it")
                _exit(ExitCode.badData.rawValue)
            }
            _exit(ExitCode.inputOutput.rawValue)
        }
    }
}

/// Where a `ReaderProcess` writes what it has read; from any thread.
final class ConfinedOutput: Sendable {
    private let console: Console
    /// The processor time, in nanoseconds, at which something was written last.
    private let lastWrite = Atomic(ConfinedOutput.processorTime)

    init(_ console: Console) { self.console = console }

    func write(_ bytes: UnsafeRawBufferPointer) throws(CommandFailure) {
        try unsafe console.write(bytes)
        lastWrite.store(Self.processorTime, ordering: .relaxed)
    }

    /// A reader that takes its time does not count.
    var processorSecondsSinceWriting: Double {
        Double(Self.processorTime - lastWrite.load(ordering: .relaxed)) / 1e9
    }

    private static var processorTime: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
