import ArgumentParsing
import Foundation
import HDF5Files
import VectorFiles

/// References with an index over them, probes and the truth about them.
struct SearchSet {
    let base: NpyMatrixMap
    let card: DataCard?
    let engine: Engine
    /// Row-major.
    let probes: [Float]
    let recall: Recall

    /// The options that name one.
    static let options = [
        OptionSpecification("--base", value: "BASE.npy", help: "References, a row each, of length 1."),
        OptionSpecification("--probes", value: "X.npy", help: "Probes, a row each, of length 1."),
        OptionSpecification("--truth", value: "GT.npy", help: "Rows of each probe's neighbours, best first."),
        OptionSpecification(
            "--hdf5", value: "FILE", help: "References, probes and truth in the layout of ann-benchmarks."),
        OptionSpecification("--index", value: "DIR", help: "Keep the index here, and take it from here."),
        OptionSpecification("--build-threads", value: "N", help: "Threads that build (default: all cores)."),
    ]

    init(_ arguments: ParsedArguments) throws {
        let files = try SearchFiles(arguments)
        defer { files.remove() }
        let base = try NpyMatrixMap(path: files.base)
        let probes = try NpyMatrixMap(path: files.probes)
        guard base.rows > 0, probes.rows > 0, base.columns == probes.columns else {
            throw BenchFault(
                "references are \(base.rows) × \(base.columns), probes \(probes.rows) × \(probes.columns): "
                    + "rows of one length are needed")
        }
        self.probes = probes.floats(0..<probes.rows)
        recall = try Recall(probes: self.probes, truth: NpyIntegers(path: files.truth), base: base)
        let threads =
            try arguments.integer("--build-threads", in: 1...1_024)
            ?? ProcessInfo.processInfo.activeProcessorCount
        engine =
            if let folder = arguments.value("--index") {
                try Engine(over: base, threads: threads, folder: folder)
            } else {
                try Engine(over: base, threads: threads)
            }
        self.base = base
        card = files.card
    }
}

/// The files of a set: those that were named, or those that an HDF5 file was unpacked to.
private struct SearchFiles {
    let base, probes, truth: String
    let card: DataCard?
    private let folder: String?

    init(_ arguments: ParsedArguments) throws {
        guard let set = arguments.value("--hdf5") else {
            base = try arguments.required("--base")
            probes = try arguments.required("--probes")
            truth = try arguments.required("--truth")
            (card, folder) = (DataCard.beside(base), nil)
            return
        }
        guard ["--base", "--probes", "--truth"].allSatisfy({ arguments.value($0) == nil }) else {
            throw UsageError("--hdf5 stands for --base, --probes and --truth", command: arguments.command.name)
        }
        let file = try AnnBenchmarksFile(path: set)
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("facegallery-bench-\(UUID().uuidString)").path
        (base, probes, truth) = ("\(folder)/base.npy", "\(folder)/probes.npy", "\(folder)/truth.npy")
        (card, self.folder) = (
            DataCard(
                kind: URL(fileURLWithPath: set).lastPathComponent, n: file.references,
                dimension: file.dimension,
                seed: 0, realPeople: 0), folder
        )
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        do {
            try file.write(references: base, probes: probes, truth: truth)
        } catch {
            remove()
            throw error
        }
    }

    /// Removes what was unpacked; what is mapped stays readable.
    func remove() {
        if let folder { try? FileManager.default.removeItem(atPath: folder) }
    }
}
