import ArgumentParsing
import Gallery
import GalleryModel
import Wire

let subjects = Verb(
    specification: CommandSpecification(
        "subjects", abstract: "List the subjects of a gallery, or the references of some of them.",
        discussion:
            "For a reference: its id, the size of its face in pixels and its sharpness if known, its source and metadata.",
        positionals: [
            PositionalSpecification(
                "subject", .zeroOrMore, completion: .nothing, help: "Subjects whose references are listed.")
        ],
        options: [Shared.gallery, Shared.json],
        example: """
            facegallery subjects -g faces
            facegallery subjects -g faces "Ada Lovelace"
            """),
    run: { arguments, console in
        let gallery = try FaceGallery(at: arguments.galleryPath(), readOnly: true)
        let names = arguments.positionals
        for (subject, references) in zip(names, try gallery.references(ofEach: names)) {
            for reference in references {
                if console.json {
                    try console.print(json: ReferenceRecord(reference, subject: subject))
                } else {
                    let quality =
                        reference.quality.map { "\($0.faceSize) px\tsharpness \(whole($0.sharpness))" }
                        ?? "-\t-"
                    let metadata = reference.metadata.isEmpty ? "" : "\t" + shown(reference.metadata)
                    try console.print("\(reference.id)\t\(quality)\t\(printable(reference.source))\(metadata)")
                }
            }
        }
        guard arguments.positionals.isEmpty else { return .done }
        try gallery.forEachSubject { subject in
            if console.json {
                try console.print(json: SubjectRecord(subject))
            } else {
                try console.print("\(subject.referenceCount)\t\(printable(subject.name))")
            }
        }
        return .done
    })

/// Metadata for people to read, in the order of its names.
func shown(_ metadata: [String: String]) -> String {
    printable(metadata.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", "))
}

let remove = Verb(
    specification: CommandSpecification(
        "remove", abstract: "Remove subjects with all their references, or single references.",
        discussion: """
            No search finds removed references any more, but their templates stay in the gallery's files until other
            data takes their place. Run compact to erase them, and see docs/operations.md about snapshots, exports and
            the file system.
            """,
        positionals: [
            PositionalSpecification("subject", .zeroOrMore, completion: .nothing, help: "Subjects to remove.")
        ],
        options: [
            Shared.gallery,
            OptionSpecification("--reference", value: "ID", help: "Remove only this reference."),
        ],
        example: "facegallery remove -g faces \"Ada Lovelace\""),
    run: { arguments, console in
        let id = try arguments.integer("--reference", in: 1...Int.max)
        guard arguments.positionals.isEmpty == (id != nil) else {
            throw UsageError("name subjects to remove, or use --reference, not both", command: "remove")
        }
        // A reference may be removed because it is damaged.
        let gallery = try FaceGallery(at: arguments.galleryPath(), tolerant: id != nil)
        if let id {
            try gallery.remove(reference: ReferenceID(id))
            console.note("removed reference \(id)")
        }
        // Each removal is a transaction of its own; one unknown name does not keep the others.
        var failure: ExitCode?
        for subject in arguments.positionals {
            do throws(GalleryError) {
                let count = try gallery.remove(subject: subject)
                console.note("removed \(printable(subject)) with \(count) reference\(count == 1 ? "" : "s")")
            } catch {
                console.note("error: \(printable(Advice.line(error)))")
                failure = failure ?? ExitCode(error)
            }
        }
        try gallery.settle()
        return failure ?? .done
    })

let rename = Verb(
    specification: CommandSpecification(
        "rename", abstract: "Give a subject another name.",
        positionals: [
            PositionalSpecification("subject", .one, completion: .nothing, help: "The subject."),
            PositionalSpecification(
                "name", .one, completion: .nothing, help: "Its new name, which no other subject may have."),
        ],
        options: [Shared.gallery],
        example: "facegallery rename -g faces \"Ada Byron\" \"Ada Lovelace\""),
    run: { arguments, console in
        let (old, new) = (arguments.positionals[0], arguments.positionals[1])
        try FaceGallery(at: arguments.galleryPath()).rename(old, to: new)
        console.note("renamed \(printable(old)) to \(printable(new))")
        return .done
    })

let merge = Verb(
    specification: CommandSpecification(
        "merge", abstract: "Move all references of one subject to another, and remove the first.",
        positionals: [
            PositionalSpecification(
                "subject", .one, completion: .nothing, help: "The subject that is removed."),
            PositionalSpecification(
                "target", .one, completion: .nothing, help: "The subject that gets its references."),
        ],
        options: [Shared.gallery],
        example: "facegallery merge -g faces \"A. Lovelace\" \"Ada Lovelace\""),
    run: { arguments, console in
        let (subject, target) = (arguments.positionals[0], arguments.positionals[1])
        try FaceGallery(at: arguments.galleryPath()).merge(subject, into: target)
        console.note("merged \(printable(subject)) into \(printable(target))")
        return .done
    })
