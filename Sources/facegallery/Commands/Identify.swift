import ArgumentParsing
import Concurrency
import Enrollment
import FaceImage
import Gallery
import VectorIndex
import VectorFiles
import Wire

let identify = Verb(
    specification: CommandSpecification(
        "identify", abstract: "Say who the faces in photos, or given templates, are.",
        discussion: """
            Each face in a photo gets an answer: up to k subjects, the most similar first, and a decision. The decision
            is match (the first subject is similar enough), ambiguous (so it is, but a second one is within the margin)
            or unknown.
            """,
        positionals: [PositionalSpecification("photo", .zeroOrMore, help: "Photos, folders of photos, or - .")],
        options: [
            Shared.gallery,
            OptionSpecification(
                "--embeddings", value: "FILE",
                help:
                    "Templates to search: X.npy, X.fvecs, X.bvecs, X.hdf5 (its data set train), or - for JSON Lines."
            ),
            OptionSpecification("-k", value: "N", help: "Subjects in an answer, 1 to 10000 (default: 5)."),
            Shared.minSimilarity,
            OptionSpecification(
                "--min-margin", value: "D",
                help: "How much more similar the first subject must be than the second (default: 0)."),
            Shared.fusion,
            OptionSpecification(
                "--exact", help: "Compare every template: misses nothing, but takes much longer."),
            OptionSpecification(
                "--max-search-loss", value: "L",
                help: "Share of searches that may miss their best answer, 0 to 0.5 (default: 0.001)."),
            OptionSpecification(
                "--with-metadata", help: "Add to each candidate the metadata of its most similar reference."),
            Shared.detector, Shared.anyRotation, Shared.exclude, Shared.maxBytes, Shared.maxPixels,
            Shared.maxSeconds, Shared.jobs, Shared.cache, Shared.json,
        ],
        example: """
            facegallery identify -g faces -k 3 party.jpg
            facegallery identify -g faces --with-metadata --json party.jpg
            """),
    run: { arguments, console in
        let path = try arguments.galleryPath()
        var search = try FaceGallery.Search(arguments)
        let (jobs, limits) = (try arguments.jobs(), try arguments.limits())
        if let embeddings = arguments.value("--embeddings") {
            guard arguments.positionals.isEmpty else {
                throw UsageError("use --embeddings or photos, not both", command: "identify")
            }
            guard try arguments.finding() == .standard else {
                throw UsageError(
                    "--detector and --any-rotation are only for photos: leave them out with --embeddings",
                    command: "identify")
            }
            search.threads = jobs
            let gallery = try FaceGallery(at: path, readOnly: true)
            try gallery.requireCard()
            try MatrixNetwork.require(of: embeddings, gallery, console)
            // What this process trained or took in need not be done again by the next one.
            defer { gallery.share() }
            return try TemplateIdentification(gallery: gallery, search: search, console: console).run(
                embeddings)
        }
        guard !arguments.positionals.isEmpty else {
            throw UsageError("missing argument '<photo> ...'", command: "identify")
        }
        let gallery = try FaceGallery(at: path, readOnly: true)
        let (photos, passedOver) = try PhotoWalk.photos(
            at: arguments.positionals, excluding: arguments.patterns())
        let encoder = try PhotoEncoder(
            of: gallery, limits: limits, finding: arguments.finding())
        defer { gallery.share() }
        let answers = AnswerPrinter(console: console, gallery: gallery, search: search)
        var failure: ExitCode?
        var refused = 0
        try inOrder(photos, width: jobs) { item in
            Result { () throws(GalleryError) in
                try encoder.encode(encoder.detectedFaces(in: encoder.read(item)))
            }
        } deliver: { item, result in
            let faces: [EncodedFace]
            do throws(GalleryError) {
                faces = try result.get()
            } catch {
                console.note("error: \(printable(Advice.line(error)))")
                if item.isNamed { failure = failure ?? ExitCode(error) }
                refused += 1
                return
            }
            for encoded in faces {
                let warnings = WarningRecord.tell(encoded.face, of: item.path, encoder, console)
                try gallery.identify(probes: encoded.template, search) { _, answer, metadata in
                    try answers.print(
                        answer, metadata, probe: item.path, face: encoded.face, warnings: warnings)
                }
            }
        }
        if refused > 0, photos.count > 1 {
            console.note("\(refused) of \(photos.count) photos could not be searched")
        }
        if let text = passedOver.text { console.note(Advice.withOptions(text)) }
        return failure ?? (refused == photos.count ? .badData : .done)
    })

extension FaceGallery.Search {
    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.init()
        if let count = try arguments.integer("-k", in: 1...10_000) { self.count = count }
        if let fusion = try arguments.choice("--fusion", as: Fusion.self) { self.fusion = fusion }
        if let loss = try arguments.real("--max-search-loss", in: 0...0.5) { mode = .maxSearchLoss(loss) }
        if arguments.flag("--exact") { mode = .exact }
        minSimilarity = try arguments.minSimilarity()
        minMargin = try arguments.real("--min-margin", in: 0...2) ?? 0
        withMetadata = arguments.flag("--with-metadata")
    }
}
