import ArgumentParsing
import Enrollment
import FaceImage
import Gallery

let cluster = Verb(
    specification: CommandSpecification(
        "cluster", abstract: "Group the faces of people nobody enrolled: each group seems to be one person.",
        discussion: """
            Finds every face in the photos and puts together those that seem to be the same person. The most similar
            two groups are put together first, until no two reach --min-similarity; two single faces are put together
            from that cosine on. Groups are numbered from 1, the largest first. The order of the photos changes
            nothing. With --out, a folder keeps what is known: the next run with the same folder looks only at photos
            that are new, and groups all as if it had seen them at once. In the folder are a picture of each face, a
            folder per group, and clusters.jsonl, from which enroll --from-cluster takes a group. It contains
            templates of people: only its owner can open it. With -g, the gallery's network is used, and with
            --unknown only the faces that identify does not know are grouped. After Ctrl-C (exit code 75), run the
            same command again.
            """,
        positionals: [PositionalSpecification("photo", .zeroOrMore, help: "Photos and folders of photos.")],
        options: [
            OptionSpecification(
                "--out", value: "DIR", completion: .folders,
                help: "A new folder for the groups, or the one of an earlier run, which then grows."),
            OptionSpecification(
                "--embeddings", value: "FILE", help: "Templates to group: X.npy, X.fvecs, X.bvecs or X.hdf5."),
            OptionSpecification(
                "-g", "--gallery", value: "DIR", help: "The gallery whose network is used, and of --unknown."),
            OptionSpecification(
                "--unknown", help: "Leave out faces that identify finds in the gallery; needs -g."),
            OptionSpecification(
                "--min-similarity", value: "S",
                help: "Two faces are one person from this cosine on, 0 to 1 (default: the network's threshold)."
            ),
            Shared.network, Shared.detector, Shared.anyRotation, Shared.exclude, Shared.maxBytes,
            Shared.maxPixels, Shared.maxSeconds, Shared.jobs, Shared.cache, Shared.json,
        ],
        example: """
            facegallery cluster party/ --out strangers
            facegallery cluster archive/ -g faces --unknown --out strangers
            facegallery cluster --embeddings templates.npy --min-similarity 0.49 --json
            """),
    run: { arguments, console in
        func refuse(_ reason: String) -> UsageError { UsageError(reason, command: "cluster") }
        guard !arguments.flag("--unknown") || arguments.value("--gallery") != nil else {
            throw refuse("--unknown needs a gallery: use -g DIR")
        }
        guard arguments.value("--gallery") == nil || arguments.value("--network") == nil else {
            throw refuse("use -g or --network, not both: a gallery has its own network")
        }
        if let embeddings = arguments.value("--embeddings") {
            guard arguments.positionals.isEmpty else { throw refuse("use --embeddings or photos, not both") }
            guard arguments.value("--out") == nil else {
                throw refuse("--out is only for photos: use --json with --embeddings")
            }
            guard try arguments.finding() == .standard, try arguments.patterns().isEmpty else {
                throw refuse(
                    "--detector, --any-rotation and --exclude are only for photos: leave them out with --embeddings"
                )
            }
            return try TemplateClusters(arguments, console).run(embeddings)
        }
        guard !arguments.positionals.isEmpty else { throw refuse("missing argument '<photo> ...'") }
        guard !arguments.positionals.contains("-") else {
            throw refuse("cluster takes files and folders, not standard input")
        }
        return try PhotoClusterJob(arguments, console).run()
    })

extension ParsedArguments {
    /// The similarity from which faces are put together; nil for the network's.
    func leastClusterSimilarity() throws(UsageError) -> Double? { try real("--min-similarity", in: 0...1) }
}
