import ArgumentParsing
import FaceImage
import Gallery
import TemplateStore

let enroll = Verb(
    specification: CommandSpecification(
        "enroll", abstract: "Add references of subjects, from photos or from given templates.",
        discussion: """
            In a folder, Ada/… are photos of Ada, and Ada.jpg or Ada_0001.jpg is a photo of Ada. A photo is taken if
            it shows exactly one face. What is printed as enrolled is safe on disk. A photo that its subject has
            already is passed over, so a job that was interrupted is simply run again. So is a template that its subject
            has already, number for number. A line of JSON is {"subject": "Ada", "embedding": [0.1, …]}.
            Exit code: that of the first named file that was refused; 65 where a folder gave nothing at all.
            """,
        positionals: [PositionalSpecification("photo", .zeroOrMore, help: "Photos, folders of photos, or - .")],
        options: [
            Shared.gallery,
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
            Shared.largestFace, Shared.maxBytes, Shared.maxPixels, Shared.jobs, Shared.json,
        ],
        example: """
            facegallery enroll -g faces people/
            facegallery enroll -g faces --embeddings templates.npy --subjects names.txt
            facegallery enroll -g faces --embeddings - < templates.jsonl
            """),
    run: { arguments, console in
        let path = try arguments.galleryPath()
        if let embeddings = arguments.value("--embeddings") {
            guard arguments.positionals.isEmpty, arguments.value("--subject") == nil else {
                throw UsageError("--embeddings excludes photos and --subject", command: "enroll")
            }
            if embeddings == "-", arguments.value("--subjects") != nil {
                throw UsageError("JSON Lines name their subjects; --subjects is for files", command: "enroll")
            }
            let names = embeddings == "-" ? nil : try arguments.required("--subjects")
            let gallery = try FaceGallery(at: path)
            let job = TemplateEnrollment(
                gallery: gallery, console: console,
                commitEvery: try arguments.integer("--commit-every", in: 1...1_000_000)
                    ?? TemplateEnrollment.rowsInTransaction)
            let dimension = gallery.settings.dimension
            guard let names else { return try job.run(JSONLinesInput(dimension: dimension)) }
            return try job.run(MatrixInput(embeddings: embeddings, names: names, dimension: dimension))
        }
        let (jobs, limits) = (try arguments.jobs(), try arguments.limits())
        guard arguments.value("--subjects") == nil else {
            throw UsageError("--subjects needs --embeddings", command: "enroll")
        }
        guard !arguments.positionals.isEmpty else {
            throw UsageError("missing argument '<photo> ...'", command: "enroll")
        }
        guard arguments.value("--subject") != nil || !arguments.positionals.contains("-") else {
            throw UsageError("a photo from standard input needs --subject", command: "enroll")
        }
        let gallery = try FaceGallery(at: path)
        let photos = try PhotoList.photos(at: arguments.positionals)
        let encoder = try PhotoEncoder(galleryNetwork: gallery, limits: limits)
        var job = PhotoEnrollment(
            gallery: gallery, encoder: encoder, console: console, subject: arguments.value("--subject"),
            largestFace: arguments.flag("--largest-face"))
        return try await job.run(photos, jobs: jobs)
    })

extension PhotoEncoder {
    /// The encoder for photos of a gallery; refuses a gallery whose templates are another network's.
    convenience init(galleryNetwork gallery: FaceGallery, limits: DecodeLimits) throws(GalleryError) {
        // A gallery that has found its own network's card has compared the fingerprints already.
        if let directory = gallery.networkDirectory {
            try self.init(network: directory, limits: limits)
        } else {
            let network = ModelCache.defaultNetwork
            try gallery.requireNetwork(ModelCache.standard.card(ofNetwork: network))
            try self.init(network: network, limits: limits)
        }
    }

    /// Reads the photo at a path, or on standard input.
    func read(_ item: PhotoItem) throws(GalleryError) -> PhotoFile {
        if let problem = item.problem { throw .photo(.unreadable(name: item.path, reason: problem)) }
        do { return try PhotoFile(item.path == "-" ? .standardInput : .path(item.path), limits: limits) } catch
        {
            throw .photo(error)
        }
    }
}
