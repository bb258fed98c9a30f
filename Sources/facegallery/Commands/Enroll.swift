import ArgumentParsing
import FaceImage
import Gallery
import TemplateStore

let enroll = Verb(
    specification: CommandSpecification(
        "enroll", abstract: "Add references of subjects, from photos or from given templates.",
        discussion: """
            In a folder, Ada/… are photos of Ada, and Ada.jpg or Ada_0001.jpg is a photo of Ada. A manifest has the
            columns path and subject; any others are kept with the reference. A photo is taken if it shows exactly
            one face, good enough for the limits given. What is printed as enrolled is safe on disk. Ctrl-C ends
            with code 75; the same command goes on from there, and passes over what is enrolled. So it does over a
            template that its subject has, number for number. A line of JSON is
            {"subject": "Ada", "embedding": [0.1, …]}.
            Exit code: that of the first named file that was refused; 65 where no photo at all was enrolled, or a
            template was refused.
            """,
        positionals: [PositionalSpecification("photo", .zeroOrMore, help: "Photos, folders of photos, or - .")],
        options: [
            Shared.gallery,
            OptionSpecification(
                "--manifest", value: "X.csv", help: "A list of photos and subjects: .csv, .jsonl, or - ."),
            OptionSpecification("--subject", value: "NAME", help: "Who all these photos show."),
            OptionSpecification(
                "--embeddings", value: "FILE",
                help:
                    "Templates to enrol: X.npy, X.fvecs, X.bvecs, X.hdf5 (its data set train), or - for JSON Lines."
            ),
            OptionSpecification(
                "--subjects", value: "NAMES.txt", help: "The subject of each row of a file, one a line."),
            OptionSpecification(
                "--commit-every", value: "N",
                help: "Given templates that are made durable together (default: 131072)."),
        ] + QualityGate.options + EnrollmentSettings.options + [
            Shared.detector, Shared.anyRotation, Shared.exclude, Shared.maxBytes, Shared.maxPixels,
            Shared.maxSeconds, Shared.jobs, Shared.json,
        ],
        example: """
            facegallery enroll -g faces people/
            facegallery enroll -g faces --manifest people.csv --rejects rejects.jsonl
            facegallery enroll -g faces people/ --dry-run --min-sharpness 10 --max-yaw 45
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
        return try enrollPhotos(arguments, into: path, console)
    })

private func enrollTemplates(
    of embeddings: String, _ arguments: ParsedArguments, into path: String, _ console: Console
) throws -> ExitCode {
    guard arguments.positionals.isEmpty, arguments.value("--subject") == nil,
        arguments.value("--manifest") == nil
    else { throw UsageError("--embeddings excludes photos, --manifest and --subject", command: "enroll") }
    try EnrollmentSettings.requireNoneForPhotos(arguments)
    if embeddings == "-", arguments.value("--subjects") != nil {
        throw UsageError("JSON Lines name their subjects; --subjects is for files", command: "enroll")
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
    var job = TemplateEnrollment(
        gallery: gallery, console: console, rejects: rejects, isDryRun: isDryRun, commitEvery: commitEvery)
    let input: any TemplateInput =
        if let names {
            try MatrixInput(embeddings: embeddings, names: names, dimension: dimension)
        } else {
            try JSONLinesInput(dimension: dimension)
        }
    StopRequest.watch(outlivesReaders: false)
    return try job.run(input)
}

private func enrollPhotos(
    _ arguments: ParsedArguments, into path: String, _ console: Console
) throws -> ExitCode {
    let (paths, manifest) = (arguments.positionals, arguments.value("--manifest"))
    let (limits, settings) = (try arguments.limits(), try EnrollmentSettings(arguments))
    guard !paths.isEmpty || manifest != nil else {
        throw UsageError("missing argument '<photo> ...'", command: "enroll")
    }
    guard manifest == nil || (paths.isEmpty && settings.subject == nil) else {
        throw UsageError("--manifest excludes photos and --subject", command: "enroll")
    }
    let patterns = try arguments.patterns()
    guard manifest == nil || patterns.isEmpty else {
        throw UsageError("--exclude is for folders; leave it out with --manifest", command: "enroll")
    }
    guard settings.subject != nil || !paths.contains("-") else {
        throw UsageError("a photo from standard input needs --subject", command: "enroll")
    }
    let gallery = try FaceGallery(at: path, readOnly: settings.isDryRun)
    // What comes through a pipe cannot be counted first, and is lost if it is not worked on.
    let comesOnce = manifest.map { !PhotoSupply.isRegularFile($0) } ?? false
    let encoder = try PhotoEncoder(
        galleryNetwork: gallery, limits: limits, finding: arguments.finding(),
        shouldStop: { comesOnce ? StopRequest.isOverdue(after: .seconds(2)) : StopRequest.isAsked })
    let gate = try QualityGate(arguments, detectsFaces: encoder.detectsFaces)
    let supply: @Sendable () throws -> PhotoSupply = {
        if let manifest {
            try PhotoSupply(manifest: manifest)
        } else {
            try PhotoSupply(paths: paths, excluding: patterns)
        }
    }
    let rejects = try arguments.value("--rejects").map {
        try RejectsFile($0, inputs: [path] + paths + (manifest.map { [$0] } ?? []))
    }
    var job = try PhotoEnrollment(
        gallery: gallery, encoder: encoder, console: console, settings: settings, gate: gate, rejects: rejects,
        folders: manifest.map { [PhotoSupply.folder(of: $0)] } ?? paths.filter(PhotoWalk.isFolder))
    StopRequest.watch(outlivesReaders: false)
    return try job.run(supply, again: comesOnce ? nil : supply)
}

extension PhotoEncoder {
    /// The encoder for photos of a gallery; refuses a gallery whose templates are another network's.
    convenience init(
        galleryNetwork gallery: FaceGallery, limits: DecodeLimits, finding: FaceSearchChoice = .standard,
        shouldStop: @escaping @Sendable () -> Bool = { false }
    ) throws(GalleryError) {
        try gallery.requireCard()
        // A gallery that has found its own network's card has compared the fingerprints already.
        if let directory = gallery.networkDirectory {
            try self.init(network: directory, limits: limits, finding: finding, shouldStop: shouldStop)
        } else {
            // The network of the gallery's name is here and another, or it is not here.
            let (cache, own) = (ModelCache.standard, gallery.settings.networkName)
            let network = (try? cache.card(ofNetwork: own)) == nil ? ModelCache.defaultNetwork : own
            try gallery.requireNetwork(cache.card(ofNetwork: network))
            try self.init(network: network, limits: limits, finding: finding, shouldStop: shouldStop)
        }
    }

    /// Reads the photo at a path, or on standard input.
    func read(_ item: PhotoItem) throws(GalleryError) -> PhotoFile {
        if let problem = item.problem { throw .photo(.unreadable(name: item.path, reason: problem)) }
        let source: PhotoSource = item.path == "-" ? .standardInput : .path(item.path)
        do { return try PhotoFile(source, limits: limits, shouldStop: shouldStop) } catch {
            throw .photo(error)
        }
    }
}
