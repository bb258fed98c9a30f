import Foundation
import Glibc
import Synchronization

/// What a program took from its start to its end.
struct EndedProgram: Codable {
    var seconds: Double
    /// The most memory that it had at once, pages of files included; read every 20 ms.
    var peakBytes: Int
}

/// Runs a program with its output thrown away.
///
/// - Parameter input: the file that is its standard input.
/// - Throws: `BenchFault` where it cannot be started or does not end well.
func spawn(_ program: String, _ words: [String], input: String = "/dev/null") throws -> EndedProgram {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    var arguments = unsafe ([program] + words).map { unsafe strdup($0) } + [nil]
    defer { for index in 0..<(words.count + 1) { unsafe free(arguments[index]) } }
    var process = pid_t()
    let start = ContinuousClock.now
    guard unsafe posix_spawn(&process, program, &actions, nil, &arguments, environ) == 0 else {
        throw BenchFault("\(program) cannot be started")
    }
    let memory = PeakMemory(of: process)
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0 {
        guard errno == EINTR else { throw BenchFault("\(program) was lost") }
    }
    let time = seconds(since: start)
    guard status == 0 else {
        let code = status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
        throw BenchFault("\(program) \(words.first ?? "") ended with \(code)")
    }
    return EndedProgram(seconds: time, peakBytes: memory.bytes)
}

/// The most memory a process has had, read while it runs.
///
/// What the kernel tells of a process that has ended (`ru_maxrss`) counts what its parent had when it began.
private final class PeakMemory: Sendable {
    private let peak = Atomic(0)

    init(of process: pid_t) {
        Thread.detachNewThread { [self] in
            while let bytes = Self.bytes(of: process) {
                peak.store(bytes, ordering: .relaxed)
                usleep(20_000)
            }
        }
    }

    var bytes: Int { peak.load(ordering: .relaxed) }

    /// Nil once the process has ended.
    private static func bytes(of process: pid_t) -> Int? {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
        else { return nil }
        return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1_024 }
    }
}
