import ArgumentParsing
import Foundation
import VectorFiles

let dataBench = Bench(
    specification: CommandSpecification(
        "data", abstract: "Write references and probes of any number, the same for the same seed.",
        discussion: """
            Kinds: dlib-resnet and margin-softmax are face-like (128 dimensions; Bench/Data has their statistics),
            people are subjects even over the sphere in any dimension; uniform, clusters, duplicates and equal are
            not like faces. Photo 0 of every subject is a reference.

            --probes are further photos of subjects that are enrolled, --non-mated photos of others. With --photos
            DIR, holding lfw-dev.npy and lfw-dev.txt, real people stand among the references, and all probes are
            their photos. Beside each file of probes its exact neighbours are written, as NAME-truth.npy, and
            beside the references what they are, as BASE.json.
            """,
        options: WorldOptions.options + [
            OptionSpecification("--out", value: "BASE.npy", help: "The references, a row each."),
            OptionSpecification("--probes", value: "MATE.npy", help: "Probes whose subjects are enrolled."),
            OptionSpecification("--non-mated", value: "X.npy", help: "Probes whose subjects are not."),
            OptionSpecification("-k", value: "K", help: "Exact neighbours of a probe (default: 100)."),
        ],
        example: "facegallery-bench data --kind dlib-resnet -n 200000 --out base.npy --probes mate.npy"),
    run: runDataBench)

private func runDataBench(_ arguments: ParsedArguments) throws {
    let options = try WorldOptions(arguments)
    let out = try arguments.required("--out")
    let k = try arguments.integer("-k", in: 1...10_000) ?? 100
    let world = try options.world()
    let start = ContinuousClock.now
    try world.writeReferences(to: out)
    try DataCard(world, options: options).write(beside: out)
    note("\(world.rows) references of \(world.dimension) written to \(out) in \(elapsed(since: start)) s")

    let base = try NpyMatrixMap(path: out)
    for (option, probes) in [
        ("--probes", world.matedProbes(options.probes)), ("--non-mated", world.nonMatedProbes(options.probes)),
    ] {
        guard let path = arguments.value(option) else { continue }
        let begin = ContinuousClock.now
        let writer = try NpyMatrixWriter(path: path, columns: world.dimension)
        try writer.append(probes)
        try writer.finish()
        let truth = ExactNeighbours.search(probes: probes, in: base, k: k, threads: options.threads)
        try truth.write(to: truthPath(of: path))
        note("\(truth.rows) probes and their neighbours beside \(path) in \(elapsed(since: begin)) s")
    }
}

private func elapsed(since start: ContinuousClock.Instant) -> String {
    String(format: "%.1f", seconds(since: start))
}
