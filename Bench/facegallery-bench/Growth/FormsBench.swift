import ArgumentParsing
import Foundation
import Gallery
import Glibc
import VectorFiles

let formsBench = Bench(
    specification: CommandSpecification(
        "forms", abstract: "The same templates enrolled from each form of input, exported and imported.",
        discussion: """
            Each line is a process from its start to its end, the training of the index included where there is one:
            facegallery enroll --embeddings with .npy, .fvecs, HDF5 and JSON Lines on standard input, export --jsonl and
            --hdf5, and import of both into new galleries.
            """,
        options: WorldOptions.options + [
            Workspace.option,
            ProcessGallery.programOption,
            Shared.json,
        ],
        example: "facegallery-bench forms -n 200000 --json"),
    run: runFormsBench)

private struct FormPoint: Encodable {
    /// enroll, export or import.
    var job: String
    var form: String
    var seconds, templatesPerSecond: Double
    /// The most memory of the job, pages of files included; of the process that reads HDF5 for it, nothing.
    var peakBytes: Int
    /// Of the file that is read or written.
    var fileBytes: Int
}

private func runFormsBench(_ arguments: ParsedArguments) throws {
    let options = try WorldOptions(arguments)
    let workspace = try Workspace(arguments)
    let world = try PreparedWorld(options, folder: workspace.path)
    let engine = try Engine(over: world.base, rows: min(1_000, world.base.rows), threads: 1)
    let forms = FormFiles(
        world: world, folder: workspace.path, program: ProcessGallery.program(arguments))
    try forms.measure { job, form, ended, file in
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        try printLine(
            Conditions("forms", engine.index, n: options.rows, threads: options.threads, card: world.card),
            FormPoint(
                job: job, form: form, seconds: ended.seconds,
                templatesPerSecond: Double(options.rows) / ended.seconds, peakBytes: ended.peakBytes,
                fileBytes: (attributes[.size] as? Int) ?? 0))
    }
}

/// The references of a world in files of each form.
private struct FormFiles {
    let world: PreparedWorld
    let folder: String
    let program: String

    private var gallery: String { file("gallery") }
    private var names: String { file("names.txt") }

    private func file(_ name: String) -> String { "\(folder)/forms-\(name)" }

    /// Runs every job once; `report` gets what it is, what it took, and the file that it reads or writes.
    func measure(_ report: (String, String, EndedProgram, String) throws -> Void) throws {
        let (matrix, lines, table) = ("\(folder)/base.npy", file("export.jsonl"), file("export.h5"))
        defer {
            for path in [gallery, lines, table, names] { try? FileManager.default.removeItem(atPath: path) }
        }
        try ProcessGallery.writeNames(of: 0..<world.base.rows, to: names)
        try report("enroll", ".npy", try enroll(["--embeddings", matrix, "--subjects", names]), matrix)
        try report(
            "export", "JSON Lines", try run(["export", "-g", gallery, "--jsonl", lines]), lines)
        try report("export", "HDF5", try run(["export", "-g", gallery, "--hdf5", table]), table)

        let vectors = file("vectors.fvecs")
        defer { try? FileManager.default.removeItem(atPath: vectors) }
        try writeVectors(vectors)
        try report("enroll", ".fvecs", try enroll(["--embeddings", vectors, "--subjects", names]), vectors)
        try report("enroll", "HDF5", try enroll(["--embeddings", table, "--subjects", names]), table)
        let bare = file("bare.jsonl")
        defer { try? FileManager.default.removeItem(atPath: bare) }
        try writeLines(bare)
        try report("enroll", "JSON Lines", try enroll(["--embeddings", "-"], input: bare), bare)

        for (form, path) in [("JSON Lines", lines), ("HDF5", table)] {
            try? FileManager.default.removeItem(atPath: gallery)
            try report("import", form, try whole(try run(["import", "-g", gallery, path])), path)
        }
    }

    /// Runs the program once what came before it is on the disk.
    private func run(_ words: [String], input: String = "/dev/null") throws -> EndedProgram {
        sync()
        return try spawn(program, words, input: input)
    }

    /// What was measured, where it has brought all references.
    private func whole(_ ended: EndedProgram) throws -> EndedProgram {
        let count = try FaceGallery(at: gallery).statistics().references
        guard count == world.base.rows else {
            throw BenchFault("\(count) of \(world.base.rows) references came")
        }
        return ended
    }

    /// Enrols into a new gallery.
    private func enroll(_ words: [String], input: String = "/dev/null") throws -> EndedProgram {
        try? FileManager.default.removeItem(atPath: gallery)
        try ProcessGallery.create(with: program, gallery, dimension: world.base.columns)
        return try whole(try run(["enroll", "-g", gallery] + words, input: input))
    }

    private func writeVectors(_ path: String) throws {
        let columns = world.base.columns
        try write(path) { floats in
            stride(from: 0, to: floats.count, by: columns).reduce(into: Data()) { bytes, first in
                unsafe withUnsafeBytes(of: Int32(columns)) { unsafe bytes.append(contentsOf: $0) }
                unsafe floats[first..<first + columns].withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
            }
        }
    }

    private func writeLines(_ path: String) throws {
        let columns = world.base.columns
        var row = 0
        try write(path) { floats in
            stride(from: 0, to: floats.count, by: columns).reduce(into: Data()) { bytes, first in
                let numbers = floats[first..<first + columns].map(\.description).joined(separator: ",")
                bytes += "{\"subject\":\"subject \(row)\",\"embedding\":[\(numbers)]}\n".utf8
                row += 1
            }
        }
    }

    /// Writes what `bytes` makes of some rows at a time.
    private func write(_ path: String, _ bytes: ([Float]) -> Data) throws {
        try Data().write(to: URL(fileURLWithPath: path))
        let out = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        defer { try? out.close() }
        for first in stride(from: 0, to: world.base.rows, by: 8_192) {
            try out.write(contentsOf: bytes(world.base.floats(first..<min(world.base.rows, first + 8_192))))
        }
    }
}
