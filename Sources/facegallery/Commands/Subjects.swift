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
