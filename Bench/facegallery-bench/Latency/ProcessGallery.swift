import ArgumentParsing
import Foundation
import Glibc
import VectorFiles

/// A gallery of given templates, made and asked by the program facegallery.
struct ProcessGallery {
    let program: String
    let path: String
    private let folder: String
    /// What enrolling all references took.
    let enrolled: EndedProgram

    /// The option that names the program.
    static let programOption = OptionSpecification(
        "--cli", value: "PROGRAM", help: "The program facegallery (default: beside this program).")

    /// The program that is named, or the one that stands beside this one.
    static func program(_ arguments: ParsedArguments) -> String {
        if let named = arguments.value("--cli") { return named }
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("facegallery").path
    }

    /// Makes a gallery of a world's references, one a subject, or takes the one that an earlier run left.
    init(program: String, world: PreparedWorld, folder: String) throws {
        (self.program, self.folder, path) = (program, folder, "\(folder)/gallery")
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw BenchFault(
                "\(program) is not a program; build it: swift build -c release --product facegallery")
        }
        let mark = "\(path)/.complete"
        if let data = FileManager.default.contents(atPath: mark),
            let ended = try? JSONDecoder().decode(EndedProgram.self, from: data)
        {
            enrolled = ended
            return
        }
        try? FileManager.default.removeItem(atPath: path)
        try Self.writeNames(of: 0..<world.base.rows, to: "\(folder)/names.txt")
        try Self.create(with: program, path, dimension: world.base.columns)
        enrolled = try Self.enroll(
            "\(folder)/base.npy", names: "\(folder)/names.txt", with: program, path)
        try JSONEncoder().encode(enrolled).write(to: URL(fileURLWithPath: mark))
    }

    /// Runs the job again; everything is there.
    func enrollAgain() throws -> EndedProgram {
        try Self.enroll("\(folder)/base.npy", names: "\(folder)/names.txt", with: program, path)
    }

    /// Writes the names of some rows, one a row.
    static func writeNames(of rows: Range<Int>, to path: String) throws {
        let names = try NamesWriter(path: path)
        for row in rows { try names.append("subject \(row)") }
        try names.finish()
    }

    /// Makes an empty gallery for given templates.
    static func create(with program: String, _ path: String, dimension: Int) throws {
        _ = try spawn(program, ["create", "-g", path, "--dimension", "\(dimension)"])
    }

    /// Enrols the rows of a matrix under the names of a list.
    static func enroll(
        _ matrix: String, names: String, with program: String, _ path: String
    ) throws -> EndedProgram {
        try spawn(program, ["enroll", "-g", path, "--embeddings", matrix, "--subjects", names])
    }

    /// Checks every byte of the gallery.
    func check() throws -> EndedProgram { try spawn(program, ["check", "-g", path]) }

    /// Seconds that writing the same bytes to one file, and syncing it, takes.
    func copySeconds() throws -> Double {
        let target = "\(folder)/copy"
        defer { try? FileManager.default.removeItem(atPath: target) }
        try Data().write(to: URL(fileURLWithPath: target))
        let out = try FileHandle(forWritingTo: URL(fileURLWithPath: target))
        let start = ContinuousClock.now
        for file in files() where !file.hasSuffix("lock.mdb") {
            var facts = stat()
            guard unsafe stat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG,
                let input = FileHandle(forReadingAtPath: file)
            else { continue }
            while let block = try input.read(upToCount: 8 << 20), !block.isEmpty {
                try out.write(contentsOf: block)
            }
        }
        try out.synchronize()
        return seconds(since: start)
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
            let time = try spawn(program, words).seconds
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
