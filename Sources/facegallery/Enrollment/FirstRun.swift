import ArgumentParsing
import Enrollment
import Gallery
import Glibc

/// Shows, before anything is enrolled in an empty gallery, which people the names of folders and files give; on a
/// terminal it asks whether that is right.
struct FirstRun {
    static let option = OptionSpecification(
        "--yes", help: "Begin a first run without asking (without a terminal nobody is asked).")

    /// People that are listed.
    private static let listed = 10

    /// - Returns: false where the user says no.
    static func isConfirmed(
        _ arguments: ParsedArguments, _ settings: EnrollmentSettings, _ gallery: FaceGallery, _ console: Console
    ) throws -> Bool {
        let paths = arguments.positionals
        guard settings.subject == nil, paths.contains(where: PhotoWalk.isFolder),
            try settings.isDryRun || gallery.size().references == 0
        else { return true }
        let layout = try PhotoLayout(of: paths, excluding: arguments.patterns())
        for line in lines(layout) { console.note(line) }
        guard !settings.isDryRun, !arguments.flag(option.canonicalName), isatty(STDIN_FILENO) == 1,
            isatty(STDERR_FILENO) == 1
        else { return true }
        writeToStandardError("Enrol them? [y/N] ")
        if readLine()?.lowercased().hasPrefix("y") == true { return true }
        console.note("nothing was enrolled")
        return false
    }

    private static func lines(_ layout: PhotoLayout) -> [String] {
        let people = layout.photosOfPeople.sorted { $0.key < $1.key }
        var lines = ["people, by the names of folders and files: \(people.count)"]
        lines += people.prefix(listed).map {
            "  \(printable($0.key)): \($0.value) \($0.value == 1 ? "photo" : "photos")"
        }
        if people.count > listed { lines.append("  … and \(people.count - listed) more") }
        if layout.nameless > 0 {
            lines.append(
                "photos that are not named after a person, and are refused: \(layout.nameless); put them into folders "
                    + "with the persons' names, or give --subject")
        }
        return lines
    }
}
