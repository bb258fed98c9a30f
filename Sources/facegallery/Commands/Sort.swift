import Album
import ArgumentParsing
import Enrollment
import FaceImage
import Files
import Gallery
import Wire

let sort = Verb(
    specification: CommandSpecification(
        "sort", abstract: "Put photos into folders by the people on them.",
        discussion: """
            A photo with several people goes into the folder of each. A photo whose faces are all unknown goes into
            _unknown, one with an ambiguous face into _ambiguous as well, one with a face to review into _review.
            Photos without a face, or that cannot be read, are reported and not placed. Originals are never changed,
            and nothing in the album is replaced or removed: run the same command again to add new photos. A subject
            whose name cannot be a folder's gets one with some characters replaced and a number added.
            """,
        positionals: [PositionalSpecification("photo", .oneOrMore, help: "Photos, or folders of photos.")],
        options: [
            Shared.gallery,
            OptionSpecification(
                "--into", value: "DIR", help: "The album's folder; it is made if it is not there."),
            OptionSpecification("--copy", help: "Copy the photos (the default)."),
            OptionSpecification(
                "--link", help: "Give the photos further names (hard links), on the same disk."),
            OptionSpecification("--symlink", help: "Make symbolic links to the photos."),
            OptionSpecification("--dry-run", help: "Only show what would be done."),
        ] + PhotoIdentification.options + PhotoIdentification.photoOptions,
        example: """
            facegallery sort -g faces album/ --into sorted
            facegallery sort -g faces album/ --into sorted --link --dry-run
            """),
    run: { arguments, console in
        let into = try arguments.required("--into")
        let choices = PhotoPlacing.allCases.filter { arguments.flag("--\($0.rawValue)") }
        guard choices.count <= 1 else {
            throw UsageError("use one of --copy, --link and --symlink", command: "sort")
        }
        let isDryRun = arguments.flag("--dry-run")
        guard !arguments.positionals.contains("-") else {
            throw UsageError("a photo from standard input has no name to sort it by", command: "sort")
        }
        let path = try arguments.galleryPath()
        var search = FaceGallery.Search()
        try search.read(arguments)
        let gallery = try FaceGallery(at: path, readOnly: true)
        try Outputs.check("--into", into, .folder, inputs: [path])
        let (photos, passedOver) = try PhotoWalk.photos(
            at: arguments.positionals, excluding: arguments.patterns())
        if let folder = FolderPlace(into).parent(among: arguments.positionals) {
            throw CommandFailure(
                printable("\(into): --into is in \(folder), whose photos are sorted; use a folder outside it"),
                .usage)
        }
        var names = FolderNames()
        try gallery.forEachSubject { names.note($0.name) }
        let album = try SortedAlbum(at: into, choices.first ?? .copy, names: names, isDryRun: isDryRun)
        var identification = try PhotoIdentification(gallery, arguments, search, console)
        defer { gallery.share() }
        var failure: ExitCode?
        var (placed, present) = (0, 0)
        try identification.run(photos) { photo in
            do throws(FileError) {
                let places = try album.place(photo)
                placed += places.count { $0.outcome == .placed }
                present += places.count { $0.outcome == .present }
                if console.json {
                    try? console.print(json: SortedPhotoRecord(photo.path, places, dryRun: isDryRun))
                } else {
                    for place in places where place.outcome == .placed {
                        console.note("\(printable(photo.path)) → \(printable(place.path))")
                    }
                }
            } catch {
                console.note("error: \(printable("\(error)"))")
                failure = failure ?? ExitCode(error.kind)
                if console.json {
                    try console.print(json: SortedPhotoRecord(photo.path, error, dryRun: isDryRun))
                }
            }
        } failed: { item, error in
            if console.json { try console.print(json: SortedPhotoRecord(item.path, error, dryRun: isDryRun)) }
        }
        try identification.tellSummary()
        console.note(
            "\(placed) \(isDryRun ? "would be placed" : "placed"), \(present) placed before, in \(printable(into))"
        )
        if let text = passedOver.text { console.note(Advice.withOptions(text)) }
        return failure ?? identification.exitCode
    })
