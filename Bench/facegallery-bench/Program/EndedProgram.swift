import Foundation
import Glibc

/// What a program took from its start to its end.
struct EndedProgram: Codable {
    var seconds: Double
    /// The most memory that it had at once, pages of files included.
    var peakBytes: Int
}

/// Runs a program with its output thrown away.
///
/// - Throws: `BenchFault` where it cannot be started or does not end well.
func spawn(_ program: String, _ words: [String]) throws -> EndedProgram {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    var arguments = unsafe ([program] + words).map { unsafe strdup($0) } + [nil]
    defer { for index in 0..<(words.count + 1) { unsafe free(arguments[index]) } }
    var process = pid_t()
    let start = ContinuousClock.now
    guard unsafe posix_spawn(&process, program, &actions, nil, &arguments, environ) == 0 else {
        throw BenchFault("\(program) cannot be started")
    }
    var status: Int32 = 0
    var usage = rusage()
    while unsafe wait4(process, &status, 0, &usage) < 0 {
        guard errno == EINTR else { throw BenchFault("\(program) was lost") }
    }
    let time = seconds(since: start)
    guard status == 0 else {
        let code = status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
        throw BenchFault("\(program) \(words.first ?? "") ended with \(code)")
    }
    return EndedProgram(seconds: time, peakBytes: usage.ru_maxrss * 1_024)
}
