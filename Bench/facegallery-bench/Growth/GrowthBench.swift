import ArgumentParsing
import Foundation
import Gallery
import GalleryModel
import VectorFiles
import VectorIndex

let growthBench = Bench(
    specification: CommandSpecification(
        "growth", abstract: "A gallery that many jobs have filled, beside one that one job has filled.",
        discussion: """
            Each job is a process, facegallery enroll --embeddings, with the same share of the references. The last two
            lines compare: time of all jobs, and what a search misses of exact answers.
            """,
        options: WorldOptions.options + [
            Workspace.option,
            ProcessGallery.programOption,
            OptionSpecification("--steps", value: "N", help: "Jobs (default: 100)."),
            OptionSpecification(
                "--max-search-loss", value: "P", help: "Best answers that may be missed (default: 0.001)."),
            Shared.json,
        ],
        example: "facegallery-bench growth -n 100000 --steps 10 --json"),
    run: runGrowthBench)

private struct GrowthPoint: Encodable {
    var jobs: Int
    var seconds: Double
    /// The longest and the last of the jobs.
    var longestJobS, lastJobS: Double
    var lists, trainedOn: Int
    var maxSearchLoss: Double
    var matedLoss, nonMatedLoss: Double
    var matedProbes, nonMatedProbes: Int
    /// Microseconds of one search in an open engine.
    var p50Us: Double
}

private func runGrowthBench(_ arguments: ParsedArguments) throws {
    let options = try WorldOptions(arguments)
    let workspace = try Workspace(arguments)
    let steps = try arguments.integer("--steps", in: 1...100_000) ?? 100
    let loss = try arguments.real("--max-search-loss", in: 0...1) ?? 0.001
    let program = ProcessGallery.program(arguments)
    let world = try PreparedWorld(options, folder: workspace.path)
    let engine = try Engine(over: world.base, rows: min(1_000, world.base.rows), threads: 1)
    for jobs in [steps, 1] {
        let grown = try GrownGallery(world: world, program: program, folder: workspace.path, jobs: jobs)
        try printLine(
            Conditions("growth", engine.index, n: options.rows, k: 1, threads: 1, card: world.card),
            grown.measured(world: world, loss: loss))
    }
}

/// A gallery that some jobs have filled.
private struct GrownGallery {
    private let path: String
    private let times: [Double]

    init(world: PreparedWorld, program: String, folder: String, jobs: Int) throws {
        path = "\(folder)/grown-\(jobs)"
        let rows = world.base.rows
        try? FileManager.default.removeItem(atPath: path)
        try ProcessGallery.create(with: program, path, dimension: world.base.columns)
        var times: [Double] = []
        let (part, names) = ("\(folder)/part.npy", "\(folder)/part.txt")
        for job in 0..<jobs {
            let range = rows * job / jobs..<rows * (job + 1) / jobs
            let matrix = try NpyMatrixWriter(path: part, columns: world.base.columns)
            for first in stride(from: range.lowerBound, to: range.upperBound, by: 8_192) {
                try matrix.append(world.base.floats(first..<min(range.upperBound, first + 8_192)))
            }
            try matrix.finish()
            try ProcessGallery.writeNames(of: range, to: names)
            times.append(try ProcessGallery.enroll(part, names: names, with: program, path).seconds)
        }
        self.times = times
    }

    func measured(world: PreparedWorld, loss: Double) throws -> GrowthPoint {
        let gallery = try FaceGallery(at: path, readOnly: true)
        var search = FaceGallery.Search()
        search.count = 1
        search.mode = loss > 0 ? .maxSearchLoss(loss) : .exact
        let dimension = world.base.columns
        var latencies: [Double] = []
        func missed(_ probes: PreparedWorld.Probes) throws -> Double {
            let count = probes.truth.rows
            var missed = 0
            for probe in 0..<count {
                let template = Array(probes.rows[probe * dimension..<(probe + 1) * dimension])
                let (answer, seconds) = try timed { try gallery.identify(template, search) }
                latencies.append(seconds)
                let best = Int(probes.truth[probe].first ?? -1)
                let exact = zip(world.base.floats(best..<best + 1), template).reduce(Float(0)) {
                    $0 + $1.0 * $1.1
                }
                // Ties count as found.
                if (answer.candidates.first?.similarity ?? -2) < exact - 1e-5 { missed += 1 }
            }
            return Double(missed) / Double(max(1, count))
        }
        let (mated, nonMated) = (try missed(world.mated), try missed(world.nonMated))
        let index = try gallery.statistics().index
        return GrowthPoint(
            jobs: times.count, seconds: times.reduce(0, +), longestJobS: times.max() ?? 0,
            lastJobS: times.last ?? 0, lists: index?.lists ?? 0, trainedOn: index?.trainedCount ?? 0,
            maxSearchLoss: loss,
            matedLoss: mated, nonMatedLoss: nonMated, matedProbes: world.mated.truth.rows,
            nonMatedProbes: world.nonMated.truth.rows, p50Us: Times(latencies).microseconds(0.5))
    }
}
