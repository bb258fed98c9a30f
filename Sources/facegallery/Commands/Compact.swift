import ArgumentParsing
import Gallery
import GalleryModel
import Wire

let compact = Verb(
    specification: CommandSpecification(
        "compact", abstract: "Rewrite a gallery's files without removed references.",
        discussion: """
            Gives the space of removed references back to the file system, and leaves no byte of their templates,
            codes, names and sources in any file of the gallery (docs/operations.md says how to remove a person for
            good). Needs room for a copy of the data in use, and checks for it first. Ends with exit code 75 if another
            process has the gallery open; a process that opens it meanwhile waits. If it is killed, the gallery is as it
            was, or compacted.
            """,
        options: [
            Shared.gallery,
            OptionSpecification(
                "--drop-chips",
                help: "Also remove the pictures of faces that the gallery keeps, and keep no more of them."),
            OptionSpecification(
                "--wait", value: "SECONDS", isValueOptional: true,
                help: "Wait until no process has the gallery open, at most so long."),
            Shared.json,
        ],
        example: """
            facegallery compact -g faces
            facegallery compact -g faces --wait 600
            """),
    run: { arguments, console in
        let path = try arguments.galleryPath()
        var patience = Duration.zero
        if arguments.flag("--wait") { patience = .seconds(forEver) }
        if let seconds = try arguments.real("--wait", in: 0...Double(forEver)) { patience = .seconds(seconds) }
        let dropsChips = arguments.flag("--drop-chips")
        let report = try FaceGallery.compact(at: path, dropsChips: dropsChips, patience: patience) {
            console.note("waiting until no other process has \(printable(path)) open")
        }
        console.note(
            "\(report.bytesBefore) bytes before, \(report.bytesAfter) after: "
                + "\(max(0, report.bytesBefore - report.bytesAfter)) given back")
        if console.json { try console.print(json: CompactionRecord(report)) }
        return .done
    })

/// Ten years, in seconds.
private let forEver = 315_360_000
