import ArgumentParsing
import Files
import Gallery
import Wire

let snapshot = Verb(
    specification: CommandSpecification(
        "snapshot", abstract: "Write a consistent, compact copy of a gallery, with checksums.",
        discussion: """
            Others can read and write the gallery meanwhile. The copy appears in one step, as a directory with the store,
            the index, the network if the gallery has its own copy, and a list of the files with their SHA-256.
            """,
        positionals: [
            PositionalSpecification("target", .one, help: "A directory that does not exist, or is empty.")
        ],
        options: [Shared.gallery, Shared.json],
        example: "facegallery snapshot -g faces backup-monday"),
    run: { arguments, console in
        let target = arguments.positionals[0]
        let path = try arguments.galleryPath()
        try Outputs.check("the target", target, .newFolder, inputs: [path])
        let report = try FaceGallery.snapshot(at: path, to: target)
        console.note(
            "\(report.references) references of \(report.subjects) subjects, \(report.bytes) bytes, copied to "
                + printable(target))
        if console.json { try console.print(json: SnapshotRecord(report)) }
        return .done
    })

let restore = Verb(
    specification: CommandSpecification(
        "restore", abstract: "Make a gallery from a snapshot.",
        discussion: """
            Every file is compared with its checksum. If the snapshot is damaged or incomplete, the error names the file,
            and nothing is restored. A gallery is never overwritten.
            """,
        positionals: [
            PositionalSpecification("snapshot", .one, help: "The directory that snapshot wrote.")
        ],
        options: [Shared.gallery, Shared.json],
        example: "facegallery restore backup-monday -g faces"),
    run: { arguments, console in
        let path = try arguments.galleryPath()
        try Outputs.check("--gallery", path, .newFolder, inputs: [arguments.positionals[0]])
        let report = try FaceGallery.restore(arguments.positionals[0], to: path)
        console.note(
            "\(report.references) references of \(report.subjects) subjects restored to \(printable(path))")
        if console.json { try console.print(json: SnapshotRecord(report)) }
        return .done
    })
