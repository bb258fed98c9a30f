import ArgumentParsing
import Gallery
import GalleryModel
import VectorFiles
import Wire

let remove = Verb(
    specification: CommandSpecification(
        "remove", abstract: "Remove subjects with all their references, or single references.",
        discussion: """
            No search finds removed references any more, but their templates stay in the gallery's files until other
            data takes their place. Run compact to erase them, and see docs/operations.md about snapshots, exports and
            the file system. A name that no subject has does not keep the others from being removed.
            """,
        positionals: [
            PositionalSpecification("subject", .zeroOrMore, completion: .nothing, help: "Subjects to remove.")
        ],
        options: [
            Shared.gallery,
            OptionSpecification("--reference", value: "ID", help: "Remove only this reference."),
            SubjectList.option("subjects to remove, one per line"), SubjectList.dryRun, Shared.json,
        ],
        example: """
            facegallery remove -g faces "Ada Lovelace"
            facegallery remove -g faces --from leavers.txt --dry-run
            """),
    run: { arguments, console in
        let id = try arguments.integer("--reference", in: 1...Int.max)
        let names = try SubjectList.names(arguments)
        guard names.isEmpty == (id != nil) else {
            throw UsageError(
                "name subjects to remove, or use --from or --reference, not both", command: "remove")
        }
        let isDryRun = arguments.flag("--dry-run")
        if isDryRun, id != nil {
            throw UsageError("--dry-run is only for subjects: leave it out with --reference", command: "remove")
        }
        // A reference may be removed because it is damaged.
        let gallery = try FaceGallery(at: arguments.galleryPath(), readOnly: isDryRun, tolerant: id != nil)
        if let id {
            // Its record may be the damage.
            let subject = (try? gallery.namedReference(ReferenceID(id)))?.subject
            try gallery.remove(reference: ReferenceID(id))
            console.note("removed reference \(id)")
            if console.json {
                try console.print(json: SubjectChangeRecord(removed: ReferenceID(id), subject: subject))
            }
        }
        return try SubjectList(gallery, isDryRun: isDryRun, console).each(names.map { [$0] }) {
            editor, row throws(GalleryError) in try editor.remove(row[0])
        }
    })

let rename = Verb(
    specification: CommandSpecification(
        "rename", abstract: "Give subjects other names.",
        discussion: """
            The subject remembers its old name: when a folder or a list of that name is enrolled again, its photos are
            still this subject's.
            """,
        positionals: [
            PositionalSpecification("subject", .optional, completion: .nothing, help: "The subject."),
            PositionalSpecification(
                "name", .optional, completion: .nothing, help: "Its new name, which no other subject may have."),
        ],
        options: [
            Shared.gallery, SubjectList.option("pairs, one per line: the subject, a tab, its new name"),
            SubjectList.dryRun, Shared.json,
        ],
        example: """
            facegallery rename -g faces "Ada Byron" "Ada Lovelace"
            facegallery rename -g faces --from married.tsv --dry-run
            """),
    run: { arguments, console in
        let pairs = try SubjectList.pairs(arguments)
        let isDryRun = arguments.flag("--dry-run")
        let gallery = try FaceGallery(at: arguments.galleryPath(), readOnly: isDryRun)
        return try SubjectList(gallery, isDryRun: isDryRun, console).each(pairs) {
            editor, row throws(GalleryError) in try editor.rename(row[0], to: row[1])
        }
    })

let merge = Verb(
    specification: CommandSpecification(
        "merge", abstract: "Move all references of a subject to another, and remove the first.",
        discussion: """
            References that come from the same file as one that the target has are removed. The target remembers the
            name: when a folder or a list of that name is enrolled again, its photos are the target's.
            """,
        positionals: [
            PositionalSpecification(
                "subject", .optional, completion: .nothing, help: "The subject that is removed."),
            PositionalSpecification(
                "target", .optional, completion: .nothing, help: "The subject that gets its references."),
        ],
        options: [
            Shared.gallery, SubjectList.option("pairs, one per line: the subject, a tab, its target"),
            SubjectList.dryRun, Shared.json,
        ],
        example: """
            facegallery merge -g faces "A. Lovelace" "Ada Lovelace"
            facegallery merge -g faces --from same-people.tsv --dry-run
            """),
    run: { arguments, console in
        let pairs = try SubjectList.pairs(arguments)
        let isDryRun = arguments.flag("--dry-run")
        let gallery = try FaceGallery(at: arguments.galleryPath(), readOnly: isDryRun)
        return try SubjectList(gallery, isDryRun: isDryRun, console).each(pairs) {
            editor, row throws(GalleryError) in try editor.merge(row[0], into: row[1])
        }
    })
