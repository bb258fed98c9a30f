import ArgumentParsing
import FaceImage
import Files
import Gallery
import Glibc

/// Makes sure that no file of a gallery gets the number of a standard stream that is closed, and is written into.
///
/// A closed standard output is replaced by one that refuses to be written, so that lost answers are an error.
func reserveStandardStreams() {
    for (stream, mode) in [(STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)]
    where fcntl(stream, F_GETFD) == -1 {
        _ = unsafe open("/dev/null", mode)
    }
}

reserveStandardStreams()
umask(0o077)
PhotoFormat.loadDecodersWhenNeeded()
LockWaiting.onWait { line in writeToStandardError(printable(line) + "\n") }
var request: Invocation?
do {
    let parsed = try program.parse(Array(CommandLine.arguments.dropFirst()))
    request = parsed
    switch parsed {
    case .show(let text):
        try Console(json: false).print(text)
    case .write(let folder, let files):
        for file in files {
            try ScratchFile.replace("\(folder)/\(file.name)", with: Array(file.text.utf8), mode: 0o644)
        }
    case .run(let arguments):
        guard let verb = verbs.first(where: { $0.specification.name == arguments.command.name }) else {
            preconditionFailure("the command \(arguments.command.name) has no verb")
        }
        arguments.applyCache()
        let console = Console(
            json: arguments.command.options.contains { $0.canonicalName == "--json" }
                && arguments.flag("--json"))
        StopRequest.end(try await verb.run(arguments, console))
    }
} catch let error as UsageError {
    // The report has lines of its own; a word that the user typed is one of them.
    let shown = UsageError(printable(error.message), command: error.command)
    Console(json: false).note(program.report(shown))
    exit(ExitCode.usage.rawValue)
} catch {
    var line = printable(Advice.line(error))
    if case .run(let arguments) = request, case GalleryError.store(.unknownSubject) = error,
        let gallery = try? FaceGallery(at: arguments.galleryPath(), readOnly: true)
    {
        line += Advice.suggestion(gallery.namesNear(error))
    }
    Console(json: false).note("error: \(line)")
    StopRequest.end(ExitCode(error))
}
