import Foundation

extension TemporaryFolder {
    /// Writes a script that can be run at once.
    ///
    /// Another process writes it: a descriptor of this one, open for writing, is inherited by every process that
    /// another test starts at that moment, and as long as that one holds it the kernel refuses to run the file (ETXTBSY).
    public func writeScript(_ text: String, to name: String) throws -> String {
        try shell(#"printf '%s\n' "$1" > "$2" && chmod 700 "$2""#, "#!/bin/sh\n\(text)", file(name))
        return file(name)
    }

    /// Copies a program to a path, with its folders, where it can be run at once.
    public func copyProgram(_ program: String, to path: String) throws {
        try shell(#"mkdir -p "${2%/*}" && cp "$1" "$2" && chmod 755 "$2""#, program, path)
    }

    private func shell(_ script: String, _ arguments: String...) throws {
        let result = try TestedProgram(path: "/bin/sh").run(["-c", script, "sh"] + arguments, in: self)
        guard result.exitCode == 0 else { throw ProgramNotWritten(reason: result.err) }
    }
}

/// A program for a test that could not be written.
private struct ProgramNotWritten: Error {
    let reason: String
}
