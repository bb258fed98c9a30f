import ArgumentParsing
import Gallery
import GalleryModel
import Network
import Wire

let migrate = Verb(
    specification: CommandSpecification(
        "migrate", abstract: "Change the network of a gallery.",
        discussion: """
            Computes the template of every reference again, with another network: from its photo, at the place where it
            was enrolled, or from the chip that the gallery keeps of it (create --keep-chips). Meanwhile the gallery
            answers as before, with the old network, and can be changed. At the end the new templates replace the old
            ones in one step, for which no process may have the gallery open. Then no byte of an old template is left in
            it. Make a snapshot before, if you may want to go back.
            A reference without a chip cannot be converted if its photo is gone, was changed or no longer shows its
            face, or if it was given as a template. The command lists such references and changes nothing (exit code
            65), unless --drop-missing says to remove them.
            After Ctrl-C (exit code 75) or a crash, run the same command again; it continues where it stopped.
            """,
        options: [
            Shared.gallery,
            OptionSpecification(
                "--network", value: "NAME", completion: .folders,
                help: "The new network: its name in the cache, or its directory with a / in it."),
            OptionSpecification(
                "--drop-missing", help: "Remove references that cannot be converted."),
            OptionSpecification(
                "--largest-face",
                help:
                    "If a photo shows several faces and the old network is not installed, take the largest."),
            OptionSpecification(
                "--dry-run", help: "Check all photos, list what cannot be converted, and change nothing."),
            OptionSpecification(
                "--rejects", value: "X.jsonl", help: "File for the list of references that cannot be converted."
            ),
            OptionSpecification(
                "--abandon", help: "Give up an unfinished change; the gallery stays as it is."),
            OptionSpecification(
                "--wait", value: "SECONDS",
                help: "How long to wait at the end until no process has the gallery open (default: 600)."),
            Shared.maxBytes, Shared.maxPixels, Shared.maxSeconds, Shared.jobs, Shared.cache, Shared.json,
        ],
        example: """
            facegallery migrate -g faces --network dlib-resnet --dry-run
            facegallery migrate -g faces --network dlib-resnet
            facegallery migrate -g faces --network mynet/ --drop-missing --rejects gone.jsonl
            facegallery migrate -g faces --abandon
            """),
    run: { arguments, console in
        let path = try arguments.galleryPath()
        if arguments.flag("--abandon") { return try abandonMigration(of: path, arguments, console) }
        var settings = MigrationSettings(network: try arguments.required("--network"))
        settings.dropsMissing = arguments.flag("--drop-missing")
        settings.takesLargestFace = arguments.flag("--largest-face")
        settings.isDryRun = arguments.flag("--dry-run")
        settings.jobs = try arguments.jobs()
        settings.limits = try arguments.limits()
        if let seconds = try arguments.real("--wait", in: 0...315_360_000) {
            settings.patience = .seconds(seconds)
        }
        let rejects = try arguments.value("--rejects").map {
            try RejectsFile($0, inputs: [path] + (settings.network.contains("/") ? [settings.network] : []))
        }
        StopRequest.watch(outlivesReaders: false)
        var account = MigrationAccount(console, rejects: rejects, settings: settings)
        do {
            let report = try FaceGallery.migrate(at: path, settings, shouldStop: { StopRequest.isAsked }) {
                event in
                try account.take(event)
            }
            return try account.close(report)
        } catch {
            account.fail()
            throw error
        }
    })

private func abandonMigration(
    of path: String, _ arguments: ParsedArguments, _ console: Console
) throws -> ExitCode {
    for option in ["--network", "--rejects", "--wait"] where arguments.value(option) != nil {
        throw UsageError("use --abandon without \(option)", command: "migrate")
    }
    for option in ["--drop-missing", "--dry-run", "--largest-face"] where arguments.flag(option) {
        throw UsageError("use --abandon without \(option)", command: "migrate")
    }
    let given = try FaceGallery.abandonMigration(at: path)
    guard let given else {
        console.note("\(printable(path)): there is no unfinished change of the network")
        return .done
    }
    console.note(
        "gave up the change to \(printable(given.network)): \(given.made) templates removed; the gallery is as it was"
    )
    return .done
}

/// Tells how a change of a gallery's network goes.
private struct MigrationAccount {
    /// References shown one by one.
    private static let shown = 20

    private let console: Console
    private let rejects: RejectsFile?
    private let settings: MigrationSettings
    private var progress: Progress
    private var pace = Pace()
    private var lastEvent = ContinuousClock.now
    private var missing = 0
    /// Whether a run that fails has left work to go on with.
    private var hasBegun = false
    private var isExchanged = false

    init(_ console: Console, rejects: RejectsFile?, settings: MigrationSettings) {
        (self.console, self.rejects, self.settings) = (console, rejects, settings)
        progress = Progress(noun: "references")
    }

    mutating func take(_ event: MigrationEvent) throws {
        switch event {
        case .begun(_, let made):
            hasBegun = !settings.isDryRun
            if made > 0 { note("\(made) templates were made by an earlier run") }
        case .progress(let done, let total, let missing): try show(done, of: total, missing: missing)
        case .missing(let one): try tell(one)
        case .waiting: note("waiting until no other process has the gallery open")
        case .catchingUp: note("converting references that were enrolled meanwhile")
        case .exchanged:
            isExchanged = true
            note("the gallery has the new network; training its index")
            // Nothing can be lost any more but time.
            StopRequest.endAtOnce()
        }
    }

    private mutating func note(_ text: String) {
        progress.clear()
        console.note(text)
    }

    private mutating func show(_ done: Int, of total: Int, missing: Int) throws(CommandFailure) {
        guard console.json else { return progress.show(done, of: total, refused: missing) }
        guard ContinuousClock.now - lastEvent >= .seconds(1) || done == total else { return }
        lastEvent = .now
        let rate = pace.perSecond(done)
        try console.print(
            json: MigrationProgressRecord(done: done, total: total, missing: missing, perSecond: rate))
    }

    private mutating func tell(_ one: MissingReference) throws(CommandFailure) {
        missing += 1
        let line = MissingReferenceRecord(one)
        try rejects?.append(line)
        if console.json { try console.print(json: line) }
        if missing <= Self.shown {
            note("missing: \(printable(one.subject)), reference \(one.reference): \(printable(one.message))")
        } else if missing == Self.shown + 1 {
            note(
                rejects == nil
                    ? "missing: further references are only counted; --rejects X.jsonl lists them all"
                    : "missing: further references are listed in the rejects file")
        }
    }

    /// Says what a run that failed has left.
    mutating func fail() {
        progress.clear()
        if isExchanged {
            console.note(
                "the gallery has the new network; only its index could not be saved, and will be trained again")
        } else if hasBegun {
            console.note(
                "the templates made so far are kept: run the same command again to continue, or 'migrate --abandon' to give up"
            )
        }
    }

    /// Tells what was done in all; returns the exit code.
    mutating func close(_ report: MigrationReport) throws -> ExitCode {
        progress.clear()
        let card = try? settings.models.card(ofNetwork: settings.network)
        if console.json {
            try console.print(
                json: MigrationSummaryRecord(
                    report, isDryRun: settings.isDryRun,
                    identificationThreshold: card?.identificationSimilarity))
        }
        let name = printable(report.to.networkName)
        if report.wasThere {
            console.note("the gallery's network is already \(name); nothing to do")
            return .done
        }
        if report.isInterrupted {
            console.note(
                settings.isDryRun
                    ? "interrupted; nothing was written"
                    : "interrupted: \(report.made + report.madeBefore) templates are made and the gallery is as it was; "
                        + "run the same command again to continue")
            return .tryAgain
        }
        if settings.isDryRun {
            let missing = report.missing.count
            console.note(
                missing == 0
                    ? "all \(report.references - report.madeBefore) references can be converted to \(name)"
                    : "\(missing) of \(report.references) references cannot be converted to \(name): "
                        + printable(report.missing.text))
            return missing == 0 || settings.dropsMissing ? .done : .badData
        }
        var text = "\(report.made + report.madeBefore) templates made by \(name)"
        if report.madeFromChips > 0 { text += ", \(report.madeFromChips) of them from chips" }
        if report.missing.count > 0 { text += ", \(report.missing.count) references removed" }
        if let bytes = report.bytes { text += "; \(bytes.bytesBefore) bytes before, \(bytes.bytesAfter) after" }
        console.note(text)
        if let card {
            console.note(
                "identify now uses the threshold of \(name), \(short(card.identificationSimilarity)); "
                    + "thresholds of your own no longer apply, measure them again")
        }
        return .done
    }
}
