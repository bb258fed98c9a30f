import ArgumentParsing
import Foundation
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
        OptionSpecification("--index", value: "DIR", help: "Keep the index here, and take it from here."),
        OptionSpecification("--build-threads", value: "N", help: "Threads that build (default: all cores)."),
    ]

    init(_ arguments: ParsedArguments) throws {
        let path = try arguments.required("--base")
        let base = try NpyMatrixMap(path: path)
        let probes = try NpyMatrixMap(path: arguments.required("--probes"))
        guard base.rows > 0, probes.rows > 0, base.columns == probes.columns else {
            throw BenchFault(
                "references are \(base.rows) × \(base.columns), probes \(probes.rows) × \(probes.columns): "
                    + "rows of one length are needed")
        }
        self.probes = probes.floats(0..<probes.rows)
        recall = try Recall(
            probes: self.probes, truth: NpyIntegers(path: arguments.required("--truth")), base: base)
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
        card = DataCard.beside(path)
    }

    /// The probes one by one.
    var singleProbes: [[Float]] {
        stride(from: 0, to: probes.count, by: base.columns).map { Array(probes[$0..<$0 + base.columns]) }
    }
}
