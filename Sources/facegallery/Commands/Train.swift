import ArgumentParsing
import Files
import Gallery
import Training

let train = Verb(
    specification: CommandSpecification(
        "train", abstract: "Train a network on photos of people.",
        discussion: """
            PHOTOS has one folder per person: PHOTOS/Ada/… are photos of Ada. Some people are held out; after each epoch
            (one pass over all photos) the network is judged by how well it tells them apart. The best epoch is kept.
            The folder OUT contains the result (card.json, weights.safetensors), log.jsonl, plots and a checkpoint;
            'create --network OUT/' makes a gallery for it. Ctrl-C, SIGTERM, SIGHUP and SIGUSR1 write a checkpoint and
            end with exit code 75. --resume continues from there, with the same result as without the interruption.
            Settings that are not given with --resume are the checkpoint's; --epochs may be larger, also after the end.
            """,
        positionals: [PositionalSpecification("photos", .one, help: "A folder with one folder per person.")],
        options: TrainingOptions.all,
        example: """
            facegallery train people/ --out mynet/
            facegallery train people/ --out mynet/ --resume --epochs 60
            facegallery train people/ --out better/ --init dlib-resnet --loss multi-similarity --margin 0.9 \\
                --scale 200 --learning-rate 1e-5 --people-per-batch 64 --epochs 6 --keep-initial 0.5
            facegallery create -g faces --network mynet/
            """),
    run: { arguments, console in
        var job = TrainingJob(
            photos: arguments.positionals[0], out: try arguments.outFolder(),
            landmarkModel: ModelCache.standard.landmarkModel)
        job.chips = arguments.value("--chips")
        let initial = arguments.value("--init").map(ModelCache.standard.directory(ofNetwork:))
        var outputs = Outputs(inputs: [job.photos] + (initial.map { [$0] } ?? []))
        outputs.add("--out", job.out, .network)
        // OUT/chips is where they are kept anyway.
        if let chips = job.chips, !chips.hasPrefix(job.out + "/") { outputs.add("--chips", chips, .newFolder) }
        try outputs.check()
        job.resume = arguments.flag("--resume")
        (job.name, job.license) = (try arguments.text("--name"), try arguments.text("--license"))
        job.jobs = try arguments.jobs()
        job.minutes = try arguments.real("--max-minutes", in: 0.001...1e7)
        job.limits = try arguments.limits()
        job.excluding = try arguments.patterns()
        var settings = job.resume ? try job.resumedSettings() : TrainingSettings(threads: max(1, job.jobs - 1))
        try settings.begin(with: arguments.value("--init"), &job, arguments)
        try settings.take(arguments)
        job.shrinksPeoplePerBatch = arguments.value("--people-per-batch") == nil
        job.shrinksPhotosPerPerson = arguments.value("--photos-per-person") == nil
        let again = resumption(of: job, settings, arguments)
        let display = TrainingDisplay(console, isQuiet: arguments.flag("--quiet"))
        let trainer = try Trainer(settings, job)
        // Who no longer reads the progress costs the progress, not the hours of training.
        StopRequest.watch(outlivesReaders: true, jobSignals: true)
        let outcome: TrainingOutcome
        do throws(TrainingError) {
            outcome = try trainer.run(progress: display.show, shouldStop: { StopRequest.isAsked })
        } catch {
            display.clear()
            guard case .cancelled = error else { throw error }
            console.note(
                job.resume
                    ? "stopped; the checkpoint is unchanged. Continue with:\n  \(again)"
                    : "stopped before the first checkpoint; run the same command again (faces that were cut are kept)"
            )
            return .tryAgain
        }
        display.clear()
        if outcome.reason == .interrupted {
            console.note("stopped; the checkpoint is \(printable(job.checkpoint)). Continue with:\n  \(again)")
            return .tryAgain
        }
        try display.end(outcome, out: job.out)
        return .done
    })

/// The command that goes on with a training, with every option that no checkpoint remembers.
private func resumption(
    of job: TrainingJob, _ settings: TrainingSettings, _ arguments: ParsedArguments
) -> String {
    // The layers and the alignment of an imported network are read from it again.
    let isReadAgain = job.detector != nil || settings.imported == true
    let remembered =
        (isReadAgain ? ["--init"] : []) + [
            "--chips", "--max-bytes", "--max-pixels", "--max-seconds", "--jobs", "--max-minutes",
        ]
    return "facegallery train \(shellWord(job.photos)) --out \(shellWord(job.out)) --resume"
        + job.excluding.map { " --exclude \(shellWord($0))" }.joined()
        + remembered.compactMap { name in arguments.value(name).map { " \(name) \(shellWord($0))" } }.joined()
}

extension ParsedArguments {
    /// A line of text that is not empty.
    fileprivate func text(_ name: String) throws(UsageError) -> String? {
        guard let text = value(name) else { return nil }
        guard !text.isEmpty, text.unicodeScalars.allSatisfy({ $0.value >= 32 }) else {
            throw UsageError("'\(name)' takes one line of text", command: command.name)
        }
        return text
    }

    /// The folder of the result, without slashes at its end.
    fileprivate func outFolder() throws(UsageError) -> String {
        var out = try required("--out")
        while out.count > 1, out.hasSuffix("/") { out.removeLast() }
        guard !out.isEmpty else {
            throw UsageError("'--out' needs the name of a folder", command: command.name)
        }
        return out
    }
}

/// A word as a shell reads it back.
func shellWord(_ word: String) -> String {
    let plain = word.unicodeScalars.allSatisfy { scalar in
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            || "/._-+:@%,".unicodeScalars.contains(scalar)
    }
    return plain && !word.isEmpty
        ? word
        : "'"
            + printable(word).split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
            + "'"
}
