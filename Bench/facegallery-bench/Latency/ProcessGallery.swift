import Foundation
import Glibc
import VectorFiles

/// A gallery of given templates, made and asked by the program facegallery.
struct ProcessGallery {
    let program: String
    let path: String
    private let folder: String
    /// What enrolling all references took.
    let enrollSeconds: Double

    /// Makes a gallery of a world's references, one a subject, or takes the one that an earlier run left.
    init(program: String, world: PreparedWorld, folder: String) throws {
        (self.program, self.folder, path) = (program, folder, "\(folder)/gallery")
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw BenchFault(
                "\(program) is not a program; build it: swift build -c release --product facegallery")
        }
        let mark = "\(path)/.complete"
        if let data = FileManager.default.contents(atPath: mark),
            let seconds = Double(String(decoding: data, as: UTF8.self))
        {
            enrollSeconds = seconds
            return
        }
        try? FileManager.default.removeItem(atPath: path)
        let names = try NamesWriter(path: "\(folder)/names.txt")
        for row in 0..<world.base.rows { try names.append("subject \(row)") }
        try names.finish()
        _ = try spawn(program, ["create", "-g", path, "--dimension", "\(world.base.columns)"])
        enrollSeconds = try spawn(
            program,
            ["enroll", "-g", path, "--embeddings", "\(folder)/base.npy", "--subjects", "\(folder)/names.txt"])
        try Data("\(enrollSeconds)".utf8).write(to: URL(fileURLWithPath: mark))
    }

    /// Searches probes in processes of their own, one after the other; times are from start to exit.
    ///
    /// - Parameter isCold: whether the gallery's files are dropped from the page cache before each.
    func identify(_ probes: PreparedWorld.Probes, runs: Int, isCold: Bool) throws -> SearchLoops.Outcome {
        let dimension = probes.rows.count / probes.truth.rows
        let probe = "\(folder)/one.npy"
        var times: [Double] = []
        // One more than counts: the first finds the program itself on the disk.
        for run in 0...runs {
            let row = run % probes.truth.rows
            let writer = try NpyMatrixWriter(path: probe, columns: dimension)
            try writer.append(Array(probes.rows[row * dimension..<(row + 1) * dimension]))
            try writer.finish()
            if isCold { try dropFromCache(path) }
            let words = ["identify", "-g", path, "--json", "--min-similarity", "0.3", "--embeddings", probe]
            let time = try spawn(program, words)
            if run > 0 { times.append(time) }
        }
        return SearchLoops.Outcome(times: Times(times), perSecond: Double(runs) / times.reduce(0, +))
    }

    /// Bytes of the gallery's files.
    var bytes: Int {
        files().reduce(0) { sum, file in
            var facts = stat()
            return unsafe stat(file, &facts) == 0 ? sum + Int(facts.st_blocks) * 512 : sum
        }
    }

    private func files() -> [String] {
        (FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []).map {
            "\(path)/\($0)"
        }
    }

    private func dropFromCache(_ path: String) throws {
        for file in files() {
            let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            fsync(descriptor)
            posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
        }
    }
}

/// Runs a program with its output thrown away; returns the seconds from its start to its end.
///
/// - Throws: `BenchFault` where it cannot be started or does not end well.
func spawn(_ program: String, _ words: [String]) throws -> Double {
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
    while unsafe waitpid(process, &status, 0) < 0 {
        guard errno == EINTR else { throw BenchFault("\(program) was lost") }
    }
    let time = seconds(since: start)
    guard status == 0 else {
        let code = status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
        throw BenchFault("\(program) \(words.first ?? "") ended with \(code)")
    }
    return time
}
