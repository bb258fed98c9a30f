import ArgumentParsing
import Gallery
import TemplateStore

private struct CompactLine: Encodable {
    var bytesBefore: Int
    var bytesAfter: Int
}

let compact = Verb(
    specification: CommandSpecification(
        "compact", abstract: "Give the space of removed references back to the file system.",
        discussion: """
            Needs room for a copy of what is in use, which is looked for first. Ends with exit code 75 where another
            process has the gallery open; who opens it meanwhile waits. A compaction that is killed leaves the gallery
            as it was, or compacted.
            """,
        options: [Shared.gallery, Shared.json],
        example: "facegallery compact -g faces"),
    run: { arguments, console in
        let path = try arguments.galleryPath()
        let report = try FaceGallery.compact(at: path)
        console.note(
            "\(report.bytesBefore) bytes before, \(report.bytesAfter) after: "
                + "\(max(0, report.bytesBefore - report.bytesAfter)) given back")
        if console.json {
            try console.print(
                json: CompactLine(bytesBefore: report.bytesBefore, bytesAfter: report.bytesAfter))
        }
        return .done
    })
