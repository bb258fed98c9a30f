import ArgumentParsing
import Foundation
import Gallery
import GalleryModel
import VectorFiles

let enrollBench = Bench(
    specification: CommandSpecification(
        "enroll", abstract: "Templates enrolled a second, durable and searchable; and one by one.",
        discussion: """
            In bulk: facegallery enroll --embeddings as a process, from its start to its end, the training of the
            index included; the same job again, when everything is there; beside it, what writing and syncing the
            same bytes to one file takes; check; a first query. One by one: each is on disk before the next begins.
            """,
        options: WorldOptions.options + [
            Workspace.option,
            ProcessGallery.programOption,
            OptionSpecification(
                "--singles", value: "N", help: "References enrolled one by one (default: 200)."),
            Shared.json,
        ],
        example: "facegallery-bench enroll -n 200000 --json"),
    run: runEnrollBench)

private struct EnrollPoint: Encodable {
    var seconds, templatesPerSecond: Double
    /// The most memory of the job, pages of files included.
    var peakBytes: Int
    /// Writing as many bytes to one file and syncing it.
    var copySeconds: Double
    /// The same job again, which finds everything there.
    var againSeconds: Double
    var checkSeconds: Double
    /// A process that identifies one template, from start to exit: the page cache warm, and dropped.
    var queryMs, coldQueryMs: Double
    /// Of all files on disk, for a reference.
    var bytesPerReference: Double
    /// One by one, each durable.
    var singleP50Us, singleP99Us: Double
    var singles: Int
}

private func runEnrollBench(_ arguments: ParsedArguments) throws {
    let options = try WorldOptions(arguments)
    let workspace = try Workspace(arguments)
    let singles = try arguments.integer("--singles", in: 1...1_000_000) ?? 200
    let world = try PreparedWorld(options, folder: workspace.path)
    let made = try ProcessGallery(
        program: ProcessGallery.program(arguments), world: world, folder: workspace.path)
    let bytes = made.bytes
    let copySeconds = try made.copySeconds()
    let again = try made.enrollAgain()
    let check = try made.check()
    let query = try made.identify(world.mated, runs: 5, isCold: false)
    let cold = try made.identify(world.mated, runs: 3, isCold: true)
    let gallery = try FaceGallery(at: made.path)
    let dimension = world.base.columns
    let strangers = try options.world().nonMatedProbes(singles)
    var times: [Double] = []
    for number in 0..<strangers.count / dimension {
        let template = Array(strangers[number * dimension..<(number + 1) * dimension])
        let reference = NewReference(subject: "single \(UUID())", source: "bench", template: template)
        times.append(try timed { _ = try gallery.enroll([reference]) }.seconds)
    }
    let engine = try Engine(over: world.base, rows: min(1_000, world.base.rows), threads: 1)
    try printLine(
        Conditions("enroll", engine.index, n: options.rows, threads: options.threads, card: world.card),
        EnrollPoint(
            seconds: made.enrolled.seconds,
            templatesPerSecond: Double(options.rows) / made.enrolled.seconds,
            peakBytes: made.enrolled.peakBytes,
            copySeconds: copySeconds, againSeconds: again.seconds, checkSeconds: check.seconds,
            queryMs: query.times.microseconds(0.5) / 1_000, coldQueryMs: cold.times.microseconds(0.5) / 1_000,
            bytesPerReference: Double(bytes) / Double(options.rows),
            singleP50Us: Times(times).microseconds(0.5), singleP99Us: Times(times).microseconds(0.99),
            singles: times.count))
}
