import ArgumentParsing
import Gallery
import GalleryModel
import VectorFiles
import Wire

/// Subjects that a command changes one by one, each in a transaction of its own.
struct SubjectList {
    private let gallery: FaceGallery
    private let isDryRun: Bool
    private let console: Console

    init(_ gallery: FaceGallery, isDryRun: Bool, _ console: Console) {
        (self.gallery, self.isDryRun, self.console) = (gallery, isDryRun, console)
    }

    static func option(_ what: String) -> OptionSpecification {
        OptionSpecification("--from", value: "FILE", help: "A file of \(what).")
    }

    static let dryRun = OptionSpecification("--dry-run", help: "Only show what would be done.")

    /// The names that the user types or has in a file.
    static func names(_ arguments: ParsedArguments) throws -> [String] {
        guard let file = arguments.value("--from") else { return arguments.positionals }
        guard arguments.positionals.isEmpty, arguments.value("--reference") == nil else {
            throw UsageError(
                "name subjects to remove, or use --from or --reference, not both", command: "remove")
        }
        return try lines(of: file)
    }

    /// The pairs of names that the user types or has in a file.
    static func pairs(_ arguments: ParsedArguments) throws -> [[String]] {
        let command = arguments.command.name
        guard let file = arguments.value("--from") else {
            guard arguments.positionals.count == 2 else {
                throw UsageError("two names are needed, or --from", command: command)
            }
            return [arguments.positionals]
        }
        guard arguments.positionals.isEmpty else {
            throw UsageError("name two subjects or use --from, not both", command: command)
        }
        return try lines(of: file).enumerated().map { number, line in
            // A name has no tab.
            let names = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard names.count == 2 else {
                throw CommandFailure(
                    "\(printable(file)): line \(number + 1) is not two names with a tab between them", .badData)
            }
            return names
        }
    }

    private static func lines(of file: String) throws -> [String] {
        let names = try NamesReader(path: file)
        var lines: [String] = []
        while let line = try names.next() { lines.append(line) }
        guard !lines.isEmpty else { throw CommandFailure("\(printable(file)) is empty", .badData) }
        return lines
    }

    /// Makes a change for each row; what fails does not keep the others.
    func each(
        _ rows: [[String]],
        _ change: (SubjectEditor, [String]) throws(GalleryError) -> SubjectChange
    ) throws -> ExitCode {
        let editor = SubjectEditor(gallery, isDryRun: isDryRun)
        var failure: ExitCode?
        for row in rows {
            let result = Result { () throws(GalleryError) in try change(editor, row) }
            switch result {
            case .success(let done):
                console.note(text(done))
                if console.json { try console.print(json: SubjectChangeRecord(done, dryRun: isDryRun)) }
            case .failure(let error):
                let near = gallery.namesNear(error)
                console.note("error: \(printable(Advice.line(error)))\(Advice.suggestion(near))")
                failure = failure ?? ExitCode(error)
                if console.json {
                    let record = FailureRecord(error, remedy: Advice.remedy(near))
                    try console.print(json: SubjectChangeRecord(failed: row, record, dryRun: isDryRun))
                }
            }
        }
        if !isDryRun { try gallery.settle() }
        return failure ?? .done
    }

    private func text(_ change: SubjectChange) -> String {
        let would = isDryRun ? "would have " : ""
        switch change {
        case .removed(let name, let count):
            return "\(would)removed \(printable(name)) with \(count) reference\(count == 1 ? "" : "s")"
        case .renamed(let name, let new):
            return "\(would)renamed \(printable(name)) to \(printable(new))"
        case .merged(let name, let target, let outcome):
            let dropped =
                outcome.dropped == 0
                ? ""
                : "; \(outcome.dropped) of its references are the same photos and \(isDryRun ? "would be" : "were") removed"
            return "\(would)merged \(printable(name)) into \(printable(target))\(dropped)"
        }
    }
}

extension FaceGallery {
    /// Subjects that may have been meant, where an error is about a name that nobody has.
    func namesNear(_ error: any Error) -> [String] {
        guard case GalleryError.store(.unknownSubject(let name)) = error else { return [] }
        return (try? names(near: name)) ?? []
    }
}
