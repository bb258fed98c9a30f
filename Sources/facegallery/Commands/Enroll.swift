import ArgumentParsing
import Enrollment
import FaceImage
import Gallery
import GalleryModel

let enroll = Verb(
    specification: CommandSpecification(
        "enroll", abstract: "Add references of subjects, from photos or from given templates.",
        discussion: """
            A photo shows the person after whom the innermost folder around it is named (Ada/1.jpg), or, without such
            a folder, its file (Ada.jpg, Ada_0001.jpg). Names of cameras, dates and programs (IMG_2034.jpg, 2023/)
            name nobody: give --subject, make one folder per person, or use a manifest. A manifest has the columns
            path and subject; further columns are stored with the reference as metadata. A first run shows the people
            it understood, and asks on a terminal. A photo is enrolled if it shows exactly one face that is within
            the limits. What is printed as enrolled is safe on disk. After Ctrl-C (exit code 75) or any other
            interruption, run the same command again: it skips photos that are enrolled, and templates that their
            subject already has, and continues. A line of JSON Lines is
            {"subject": "Ada", "embedding": [0.1, …]}.
            With --from-cluster, the faces of a group that cluster made become references of --subject: of each photo
            the face in the group, whoever else the photo shows.
            Exit code: if a photo that you named was refused, the code of the first one; 65 if no photo was enrolled or
            a template was refused.
            """,
        positionals: [PositionalSpecification("photo", .zeroOrMore, help: "Photos, folders of photos, or - .")],
        options: [
            Shared.gallery,
            OptionSpecification(
                "--manifest", value: "X.csv", help: "A list of photos and subjects: .csv, .jsonl, or - ."),
            OptionSpecification("--subject", value: "NAME", help: "The person on all these photos."),
            OptionSpecification(
                "--from-cluster", value: "DIR", completion: .folders,
                help: "A folder that cluster --out made: enrol the faces of one of its clusters."),
            OptionSpecification("--cluster", value: "N", help: "The number of that cluster."),
            OptionSpecification(
                "--embeddings", value: "FILE",
                help:
                    "Templates to enrol: X.npy, X.fvecs, X.bvecs, X.hdf5 (its data set train), or - for JSON Lines."
            ),
            OptionSpecification(
                "--subjects", value: "NAMES.txt", help: "The subject of each row of --embeddings, one per line."
            ),
            OptionSpecification(
                "--commit-every", value: "N",
                help: "Templates per transaction (default: 131072)."),
        ] + QualityGate.options + EnrollmentSettings.options + [
            FirstRun.option, Shared.detector, Shared.anyRotation, Shared.exclude, Shared.maxBytes,
            Shared.maxPixels,
            Shared.maxSeconds, Shared.jobs, Shared.cache, Shared.json,
        ],
        example: """
            facegallery enroll -g faces people/
            facegallery enroll -g faces --manifest people.csv --rejects rejects.jsonl
            facegallery enroll -g faces people/ --dry-run --min-sharpness 10 --max-yaw 45
            facegallery enroll -g faces --from-cluster strangers --cluster 3 --subject "Ada Lovelace"
            facegallery enroll -g faces --embeddings templates.npy --subjects names.txt
            facegallery enroll -g faces --embeddings - < templates.jsonl
            """),
    run: { arguments, console in
        let path = try arguments.galleryPath()
        if let embeddings = arguments.value("--embeddings") {
            return try enrollTemplates(of: embeddings, arguments, into: path, console)
        }
        guard arguments.value("--subjects") == nil else {
            throw UsageError("--subjects needs --embeddings", command: "enroll")
        }
        if arguments.value("--from-cluster") == nil, arguments.value("--cluster") != nil {
            throw UsageError("--cluster needs --from-cluster", command: "enroll")
        }
        return try enrollPhotos(arguments, into: path, console)
    })

private func enrollTemplates(
    of embeddings: String, _ arguments: ParsedArguments, into path: String, _ console: Console
) throws -> ExitCode {
    guard arguments.positionals.isEmpty, arguments.value("--subject") == nil,
        arguments.value("--manifest") == nil, arguments.value("--from-cluster") == nil
    else { throw UsageError("use --embeddings without photos, --manifest and --subject", command: "enroll") }
    try EnrollmentSettings.requireNoneForPhotos(arguments)
    if embeddings == "-", arguments.value("--subjects") != nil {
        throw UsageError("JSON Lines contain the subjects: leave out --subjects", command: "enroll")
    }
    let names = embeddings == "-" ? nil : try arguments.required("--subjects")
    let isDryRun = arguments.flag("--dry-run")
    let commitEvery =
        try arguments.integer("--commit-every", in: 1...1_000_000) ?? TemplateEnrollment.rowsInTransaction
    let gallery = try FaceGallery(at: path, readOnly: isDryRun)
    let dimension = gallery.settings.dimension
    try MatrixNetwork.require(of: embeddings, gallery, console)
    let rejects = try arguments.value("--rejects").map {
        try RejectsFile($0, inputs: [path, embeddings] + (names.map { [$0] } ?? []))
    }
    let account = TemplateAccount(console, rejects: rejects)
    var job = TemplateEnrollment(
        into: gallery, isDryRun: isDryRun, commitEvery: commitEvery, stop: UserStop(), tell: account.take)
    let input: any TemplateInput =
        if let names {
            try MatrixInput(matrixRows(of: embeddings), names: names, dimension: dimension)
        } else {
            try JSONLinesInput(dimension: dimension)
        }
    StopRequest.watch(outlivesReaders: false)
    let summary = try job.run(input)
    if summary.interrupted { return .tryAgain }
    return summary.refused > 0 ? .badData : .done
}

private func enrollPhotos(
    _ arguments: ParsedArguments, into path: String, _ console: Console
) throws -> ExitCode {
    let (paths, manifest) = (arguments.positionals, arguments.value("--manifest"))
    let (limits, settings) = (try arguments.limits(), try EnrollmentSettings(arguments))
    let members = try ClusterMembers(arguments)
    guard !paths.isEmpty || manifest != nil || members != nil else {
        throw UsageError("missing argument '<photo> ...'", command: "enroll")
    }
    guard manifest == nil || (paths.isEmpty && settings.subject == nil) else {
        throw UsageError("use --manifest without photos and --subject", command: "enroll")
    }
    let patterns = try arguments.patterns()
    guard manifest == nil || patterns.isEmpty else {
        throw UsageError("--exclude is only for folders: leave it out with --manifest", command: "enroll")
    }
    guard settings.subject != nil || !paths.contains("-") else {
        throw UsageError("a photo from standard input needs --subject", command: "enroll")
    }
    let gallery = try FaceGallery(at: path, readOnly: settings.isDryRun)
    guard try FirstRun.isConfirmed(arguments, settings, gallery, console) else { return .failed }
    let photos =
        members.map { PhotoOrigin.items($0.items) } ?? manifest.map { .manifest($0) }
        ?? .paths(paths, excluding: patterns)
    // What comes through a pipe is lost if it is not worked on.
    let (comesOnce, delay) = (photos.comesOnce, StopDelay(UserStop()))
    let encoder = try PhotoEncoder(
        of: gallery, limits: limits, finding: arguments.finding(),
        shouldStop: { comesOnce ? delay.isOver(.seconds(2)) : StopRequest.isAsked })
    let gate = try QualityGate(arguments, detectsFaces: encoder.detectsFaces)
    let rejects = try arguments.value("--rejects").map {
        try RejectsFile(
            $0, inputs: [path] + paths + (manifest.map { [$0] } ?? []) + (members.map { [$0.list] } ?? []))
    }
    let job = PhotoEnrollment(
        into: gallery, encoder: encoder, settings: settings, gate: gate, stop: UserStop())
    let account = EnrollmentAccount(console, rejects: rejects)
    StopRequest.watch(outlivesReaders: false)
    do {
        return account.exitCode(try job.run(photos, tell: account.take))
    } catch EnrollmentError.noThreshold(let network) {
        throw CommandFailure("no threshold is known for \(network); use --min-similarity", .usage)
    }
}
