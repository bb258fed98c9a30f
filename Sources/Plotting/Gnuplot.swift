internal import Glibc

/// Runs gnuplot as a child process that reads its commands and data from standard input.
package enum Gnuplot {
    /// Carries out `script` in `folder`; returns why it could not, nil if it could.
    package static func run(_ script: String, in folder: String) -> String? {
        // Where `cd` fails, gnuplot goes on and draws where it stands.
        guard unsafe access(folder, X_OK | W_OK) == 0 else {
            return "no plots: \(folder) cannot be written to"
        }
        var ends: [Int32] = [-1, -1]
        // A pair of sockets rather than a pipe: writing to a child that is gone is an error then, not a signal.
        guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | closeOnExec, 0, &ends) == 0 else {
            return "no plots: \(reason(errno))"
        }
        let spawned = spawn(standardInput: ends[1])
        close(ends[1])
        defer { close(ends[0]) }
        switch spawned {
        case .failure(let number) where number.value == ENOENT:
            return "no plots: gnuplot is not installed (Debian's package gnuplot-nox)"
        case .failure(let number):
            return "no plots: cannot run gnuplot: \(reason(number.value))"
        case .success(let child):
            send(Array(("cd " + quoted(folder) + "\n" + script).utf8), to: ends[0])
            shutdown(ends[0], Int32(SHUT_WR))
            var status: Int32 = 0
            while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
            return status == 0 ? nil : "no plots: gnuplot failed with status \(status >> 8 & 0xff)"
        }
    }

    /// A string of gnuplot's in which no byte of a path means anything but itself.
    package static func quoted(_ path: String) -> String {
        let plain = Set("/._-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        let bytes = path.utf8.map { byte in
            let octal = String(byte, radix: 8)
            return plain.contains(byte)
                ? String(UnicodeScalar(byte)) : "\\" + String(repeating: "0", count: 3 - octal.count) + octal
        }
        return "\"\(bytes.joined())\""
    }

    private struct Number: Error { let value: Int32 }

    private static func spawn(standardInput: Int32) -> Result<pid_t, Number> {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, standardInput, STDIN_FILENO)
        unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        guard let name = unsafe strdup("gnuplot") else { return .failure(Number(value: ENOMEM)) }
        defer { unsafe free(name) }
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe [name, nil]
        var child: pid_t = 0
        let status = unsafe posix_spawnp(&child, "gnuplot", &actions, nil, &arguments, environ)
        return status == 0 ? .success(child) : .failure(Number(value: status))
    }

    private static func send(_ bytes: [UInt8], to socket: Int32) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { all in
                unsafe Glibc.send(
                    socket, all.baseAddress.map { unsafe $0 + done }, all.count - done, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            done += count
        }
    }

    private static var closeOnExec: Int32 { Int32(SOCK_CLOEXEC.rawValue) }

    private static func reason(_ number: Int32) -> String { unsafe String(cString: strerror(number)) }
}
