internal import Files
internal import Glibc

/// A program that runs to its end, with what it says on standard error.
enum ChildProgram {
    /// How it ended.
    struct Outcome {
        /// Its exit code, or 128 and the number of the signal that ended it.
        let code: Int32
        /// The end of what it wrote to standard error.
        let errors: String
    }

    private static let longestErrors = 1 << 16

    /// Runs a program, found in `PATH` where its name has no slash, and waits for it; nil where there is none.
    ///
    /// - Parameters:
    ///   - output: the descriptor of its standard output; `/dev/null` without it.
    ///   - settings: variables of the environment, in addition to this process's own.
    static func run(
        _ words: [String], output: Int32? = nil, settings: [String] = [], in scratch: ScratchFolder
    ) throws(SetupError) -> Outcome? {
        let errors = try files { () throws(FileError) in
            try ScratchFile(replacing: "errors", in: scratch.folder).appear()
        }
        defer { close(errors) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        if let output {
            unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        } else {
            unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        }
        unsafe posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
        let set = Set(settings.map(name))
        let variables = environment.filter { !set.contains(name($0)) } + settings
        var (arguments, values) = unsafe (pointers(words), pointers(variables))
        defer { unsafe (arguments + values).forEach { unsafe free($0) } }
        var child: pid_t = 0
        let status = unsafe posix_spawnp(&child, words[0], &actions, nil, &arguments, &values)
        if status == ENOENT { return nil }
        guard status == 0 else { throw .program(name: words[0], reason: FileError.text(of: status)) }
        var end: Int32 = 0
        while unsafe waitpid(child, &end, 0) < 0, errno == EINTR {}
        let code = end & 0x7f == 0 ? end >> 8 & 0xff : 128 + end & 0x7f
        return Outcome(code: code, errors: text(of: errors))
    }

    private static func name(_ variable: String) -> Substring { variable.prefix { $0 != "=" } }

    private static func text(of errors: Int32) -> String {
        let size = (try? FileStatus.of(descriptor: errors, path: "errors").size) ?? 0
        let start = max(0, size - longestErrors)
        let bytes = (try? PlacedBytes.read(errors, at: start, count: size - start, path: "errors")) ?? []
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func pointers(_ words: [String]) -> [UnsafeMutablePointer<CChar>?] {
        unsafe words.map { unsafe strdup($0) } + [nil]
    }

    private static var environment: [String] {
        var variables: [String] = []
        var next = unsafe environ
        while let variable = unsafe next.pointee {
            unsafe variables.append(String(cString: variable))
            unsafe next += 1
        }
        return variables
    }
}
