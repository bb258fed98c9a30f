import Album
import ArgumentParsing
import Enrollment
import FaceImage
import Files
import Gallery
import VectorFiles
import VectorIndex
import Wire

let identify = Verb(
    specification: CommandSpecification(
        "identify", abstract: "Say who the faces in photos, or given templates, are.",
        discussion: """
            Each face in a photo gets an answer: up to k subjects, the most similar first, and a decision. The decision
            is match (the first subject is similar enough), ambiguous (so it is, but a second one is within the margin)
            or unknown. "probably" stands before a name that is close above the threshold, "perhaps" before one that is
            close below it. Of several photos each face gets one line, from left to right, and the end says what came of
            all; --verbose shows all candidates. A line of --probes is {"photo": "a.jpg"} or {"embedding": [0.1, …]}
            with any further members; it is answered at once, so one process can answer many questions.
            """,
        positionals: [PositionalSpecification("photo", .zeroOrMore, help: "Photos, folders of photos, or - .")],
        options: [
            Shared.gallery,
            OptionSpecification(
                "--embeddings", value: "FILE",
                help:
                    "Templates to search: X.npy, X.fvecs, X.bvecs, X.hdf5 (its data set train), or - for JSON Lines."
            ),
            OptionSpecification(
                "--probes", value: "-",
                help: "Read photos and templates to search from standard input, as JSON Lines."),
            OptionSpecification("-k", value: "N", help: "Subjects in an answer, 1 to 10000 (default: 5)."),
        ] + PhotoIdentification.options + [
            OptionSpecification(
                "--with-metadata", help: "Add to each candidate the metadata of its most similar reference."),
            OptionSpecification("--verbose", help: "Show all candidates, also of several photos."),
            OptionSpecification("--csv", value: "X.csv", help: "Also write a table with a row for each face."),
            OptionSpecification(
                "--draw", value: "DIR",
                help: "A new folder for copies of the photos with boxes, names and similarities."),
            OptionSpecification(
                "--report", value: "DIR",
                help: "A new folder for a page, index.html, that shows the faces of each person."),
            OptionSpecification("--fail-unknown", help: "Exit with code 1 if a face has no match."),
        ] + PhotoIdentification.photoOptions,
        example: """
            facegallery identify -g faces -k 3 party.jpg
            facegallery identify -g faces album/ --csv answers.csv --draw drawn --report report
            facegallery identify -g faces --with-metadata --json party.jpg
            """),
    run: { arguments, console in
        let path = try arguments.galleryPath()
        var search = try FaceGallery.Search(arguments)
        let isTemplates = arguments.value("--embeddings") != nil || arguments.value("--probes") != nil
        if isTemplates {
            search.threads = try arguments.jobs()
            return try identifyTemplates(arguments, search, at: path, console)
        }
        guard !arguments.positionals.isEmpty else {
            throw UsageError("missing argument '<photo> ...'", command: "identify")
        }
        let gallery = try FaceGallery(at: path, readOnly: true)
        let (photos, passedOver) = try PhotoWalk.photos(
            at: arguments.positionals, excluding: arguments.patterns())
        let outputs = try AnswerOutputs(arguments, gallery: path, photos: photos)
        var identification = try PhotoIdentification(gallery, arguments, search, console)
        identification.keepsPictures = outputs.needsPictures
        defer { gallery.share() }
        let answers = try AnswerPrinter(
            console: console, gallery: gallery, search: search,
            isDetailed: photos.count == 1 || arguments.flag("--verbose"))
        try outputs.write(threads: identification.jobs, identification.encoder.limits, console) { outputs in
            try identification.run(
                photos,
                answer: { item, face, answer, metadata, size, warnings in
                    try answers.print(
                        answer, metadata, probe: item.path, face: face, size: size, warnings: warnings)
                },
                photo: { try outputs.add($0) },
                failed: { item, error in
                    try outputs.add(item.path, problem: Advice.line(error))
                    if console.json { try console.print(json: AnswerFailureRecord(error, probe: item.path)) }
                })
            return OutputFacts(
                summary: identification.summary, gallery: path,
                notes: [try identification.strangerSentence()].compactMap { $0 },
                threshold: try search.minSimilarity ?? gallery.identificationThreshold())
        }
        try identification.tellSummary()
        if let text = passedOver.text { console.note(Advice.withOptions(text)) }
        return exitCode(identification, arguments)
    })

private func exitCode(_ identification: PhotoIdentification, _ arguments: ParsedArguments) -> ExitCode {
    let (code, summary) = (identification.exitCode, identification.summary)
    guard code == .done, arguments.flag("--fail-unknown") else { return code }
    return summary.matched == summary.faces && summary.failed == 0 ? .done : .failed
}

private func identifyTemplates(
    _ arguments: ParsedArguments, _ search: FaceGallery.Search, at path: String, _ console: Console
) throws -> ExitCode {
    let (embeddings, probes) = (arguments.value("--embeddings"), arguments.value("--probes"))
    let option = embeddings == nil ? "--probes" : "--embeddings"
    guard arguments.positionals.isEmpty, embeddings == nil || probes == nil else {
        throw UsageError("use --embeddings, --probes or photos, not several of them", command: "identify")
    }
    for name in ["--csv", "--draw", "--report"] where arguments.value(name) != nil {
        throw UsageError("\(name) is only for photos: leave it out with \(option)", command: "identify")
    }
    guard try embeddings == nil || arguments.finding() == .standard else {
        throw UsageError(
            "--detector and --any-rotation are only for photos: leave them out with --embeddings",
            command: "identify")
    }
    let gallery = try FaceGallery(at: path, readOnly: true)
    try gallery.requireCard()
    // What this process trained or took in need not be done again by the next one.
    defer { gallery.share() }
    var encoder: PhotoEncoder?
    if let embeddings {
        try MatrixNetwork.require(of: embeddings, gallery, console)
    } else {
        guard probes == "-" else {
            throw UsageError("--probes reads standard input: use --probes -", command: "identify")
        }
        // A gallery of given templates has no network for photos; then only templates can be searched.
        encoder = try? PhotoEncoder(of: gallery, limits: arguments.limits(), finding: arguments.finding())
    }
    var identification = TemplateIdentification(
        gallery: gallery, search: search, encoder: encoder, console: console)
    let code = try embeddings.map { try identification.run($0) } ?? identification.runProbes()
    guard code == .done, arguments.flag("--fail-unknown") else { return code }
    return identification.hasOnlyMatches ? .done : .failed
}

extension FaceGallery.Search {
    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.init()
        if let count = try arguments.integer("-k", in: 1...10_000) { self.count = count }
        withMetadata = arguments.flag("--with-metadata")
        try read(arguments)
    }

    /// Takes what `PhotoIdentification.options` say.
    mutating func read(_ arguments: ParsedArguments) throws(UsageError) {
        if let fusion = try arguments.choice("--fusion", as: Fusion.self) { self.fusion = fusion }
        if let loss = try arguments.real("--max-search-loss", in: 0...0.5) { mode = .maxSearchLoss(loss) }
        if arguments.flag("--exact") { mode = .exact }
        minSimilarity = try arguments.minSimilarity()
        targetFPIR = try arguments.real("--target-fpir", in: 1e-9...(1 - 1e-9))
        guard minSimilarity == nil || targetFPIR == nil else {
            throw UsageError(
                "use --min-similarity or --target-fpir, not both", command: arguments.command.name)
        }
        minMargin = try arguments.real("--min-margin", in: 0...2)
        review = try arguments.real("--review", in: -1...1)
    }
}
