import CConfinement
import Glibc
import HDF5Files
import VectorFiles

/// What a `ReaderProcess` does: it reads the file that is its standard input, and writes what is in it to standard output.
///
/// It is confined before it looks at the first byte: it can open no file, and start no program, whatever the file
/// brings it to. Crashes, loops and memory are bounded too.
enum ConfinedReading {
    /// Address space, so that a file's claims cannot fill the machine.
    private static let memory = rlim_t(8) << 30

    /// The first words of its command lines; no verbs, since nobody is to type them.
    private static let works: [String: @Sendable (ConfinedOutput) throws -> Void] = [
        IsolatedMatrix.word: { try IsolatedMatrix.write(HDF5File.standardInput(), to: $0) },
        IsolatedReferences.word: { try IsolatedReferences.write(HDF5File.standardInput(), to: $0) },
        ConfinementTrial.word: ConfinementTrial.write,
    ]

    /// The exit code of such a process, `WORD PATIENCE`; nil for any other command line.
    static func run(_ arguments: [String], _ console: Console) -> ExitCode? {
        guard arguments.count == 3, let work = works[arguments[1]], let patience = Double(arguments[2]) else {
            return nil
        }
        let output = ConfinedOutput(console)
        watch(patience: patience)
        confine()
        do {
            try work(output)
            return .done
        } catch {
            writeToStandardError((error as? VectorFileError)?.reason ?? "\(error)")
            return .badData
        }
    }

    private static func confine() {
        func limit(_ resource: __rlimit_resource, to value: rlim_t) {
            var limit = rlimit(rlim_cur: value, rlim_max: value)
            unsafe setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
        }
        // What the program that started this one has open is none of its business.
        confinement_close_inherited()
        limit(RLIMIT_AS, to: memory)
        limit(RLIMIT_CORE, to: 0)
        // A kernel without filters of system calls still lets it open no further file.
        limit(RLIMIT_NOFILE, to: rlim_t(STDERR_FILENO) + 1)
        _ = confinement_enter()
    }

    /// Ends this process when nobody reads it any more, and when libhdf5 is lost in a file: some damaged ones make it
    /// go round for ever.
    private static func watch(patience: Double) {
        let message: StaticString = "is damaged: the HDF5 library does not come to an end with it"
        // A static string ends with a zero, and lives as long as the process.
        _ = unsafe confinement_watch(
            patience, UnsafeRawPointer(message.utf8Start).assumingMemoryBound(to: CChar.self),
            ExitCode.badData.rawValue, ExitCode.inputOutput.rawValue)
    }
}

extension HDF5File {
    /// The file that is standard input.
    fileprivate static func standardInput() throws(VectorFileError) -> HDF5File {
        try HDF5File(descriptor: STDIN_FILENO, path: "standard input")
    }
}

/// Where a `ReaderProcess` writes what it has read; from any thread.
final class ConfinedOutput: Sendable {
    private let console: Console

    init(_ console: Console) { self.console = console }

    func write(_ bytes: UnsafeRawBufferPointer) throws(CommandFailure) {
        try unsafe console.write(bytes)
        confinement_has_written()
    }
}
