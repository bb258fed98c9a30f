import ArgumentParsing
import Enrollment
import Evaluation
import EvaluationReport
import FoundationEssentials
import Gallery
import GalleryEvaluation
import GalleryModel
import Wire

let calibrate = Verb(
    specification: CommandSpecification(
        "calibrate",
        abstract: "Find the threshold that strangers rarely reach, and let it follow the gallery's size.",
        discussion: """
            Searches for strangers: those of --non-mated, or without it each reference without its own subject. From
            their best similarities follows the threshold that a share of strangers reaches (--target-fpir), for the
            gallery as it is and as it grows. It is stored in the gallery; identify then uses it, unless 'set threshold'
            or an option says otherwise. Where subjects have several references, answers also get the probability that
            the first candidate is the right person. People who are enrolled twice look like strangers that match:
            run duplicates first.
            """,
        options: [
            Shared.gallery,
            OptionSpecification(
                "--non-mated", value: "PATH", completion: .files,
                help: "Strangers: a folder of photos, a photo, or templates (X.npy, X.fvecs, X.hdf5)."),
            OptionSpecification(
                "--target-fpir", value: "P",
                help: "Share of searches for strangers that may name somebody (default: 0.01)."),
            OptionSpecification(
                "--review-fpir", value: "P",
                help: "A larger share, that a person may have to look at: the decision review (default: none)."),
            OptionSpecification(
                "--prior", value: "P",
                help: "Share of probes that probabilities assume to show enrolled people (default: 0.5)."),
            OptionSpecification(
                "--sample", value: "N",
                help: "References that are searched at most, by chance (default: 10000)."),
            OptionSpecification("--forget", help: "Remove the calibration from the gallery instead."),
            OptionSpecification("--seed", value: "S", help: "Where all chance begins (default: 1)."),
            OptionSpecification("--threads", value: "N", help: "Threads that search (default: one per core)."),
            Shared.detector, Shared.anyRotation, Shared.exclude, Shared.maxBytes, Shared.maxPixels,
            Shared.maxSeconds, Shared.jobs, Shared.cache, Shared.json,
        ],
        example: """
            facegallery calibrate -g faces
            facegallery calibrate -g faces --non-mated strangers/ --target-fpir 0.003 --review-fpir 0.05
            """),
    run: { arguments, console in
        var target = CalibrationRun.Target()
        // Smaller shares than a billionth are nobody's question.
        let rates = 1e-9...(1 - 1e-9)
        if let rate = try arguments.real("--target-fpir", in: rates) { target.fpir = rate }
        target.reviewFPIR = try arguments.real("--review-fpir", in: rates)
        if let prior = try arguments.real("--prior", in: rates) { target.prior = prior }
        if let review = target.reviewFPIR, review <= target.fpir {
            throw UsageError(
                "--review-fpir must be larger than --target-fpir (\(target.fpir)): a person looks at what is below the threshold",
                command: "calibrate")
        }
        var settings = EvaluationSettings()
        settings.threads = try arguments.threads()
        settings.seed = UInt64(try arguments.integer("--seed", in: 0...Int.max) ?? 1)
        settings.sample = try arguments.integer("--sample", in: 100...1_000_000) ?? settings.sample
        settings.ranks = [1]
        let gallery = try FaceGallery(at: arguments.galleryPath())
        try gallery.requireCard()
        if arguments.flag("--forget") {
            try gallery.keep(nil)
            console.note("the gallery has no calibration now")
            return .done
        }
        StopRequest.watch(outlivesReaders: false)
        defer { gallery.share() }
        let strangers = try arguments.value("--non-mated").map {
            try ProbeInput(arguments: arguments, console: console).strangers(at: $0, gallery)
        }
        let progress = EvaluationProgress()
        settings.progress = progress.advance
        settings.shouldStop = { StopRequest.isAsked }
        let calibration = try CalibrationRun(of: gallery, settings).run(
            strangers: strangers, target, now: Date().timeIntervalSince1970)
        progress.clear()
        try gallery.keep(calibration)
        let record = try CalibrationRecord(
            calibration, references: gallery.size().references, fingerprint: gallery.settings.networkFingerprint
        )
        if console.json {
            try console.print(json: record)
        } else {
            for line in CalibrationText.lines(record, calibration) { try console.print(line) }
        }
        if let own = try gallery.decisionSettings().threshold {
            console.note(
                "the gallery's own threshold, \(short(own)), still decides; 'set threshold default' lets the calibration decide"
            )
        }
        return .done
    })

/// A calibration in words.
enum CalibrationText {
    static func lines(_ record: CalibrationRecord, _ calibration: GalleryCalibration) -> [String] {
        var lines = [
            "strangers    \(record.scores) searches "
                + (record.source == "given"
                    ? "for people who are not enrolled" : "for references without their own subject")
                + ", among \(record.references) references"
        ]
        lines.append(
            "threshold    \(RateText.cosine(record.threshold)) (95 %: \(RateText.cosine(record.thresholdLow)) to "
                + "\(RateText.cosine(record.thresholdHigh))): \(RateText.percent(record.targetFPIR)) of strangers reach it"
        )
        if let review = record.review, let rate = record.reviewFPIR {
            lines.append(
                "review       from \(RateText.cosine(review)) on: \(RateText.percent(rate)) of strangers reach it"
            )
        }
        if let larger = try? calibration.threshold(references: record.references * 10) {
            lines.append(
                "follows      \(RateText.cosine(larger)) at \(record.references * 10) references, without another calibration"
            )
        }
        lines.append(
            "smallest     so many searches can tell an FPIR of \(RateText.percent(record.smallestFPIR))")
        lines.append(
            record.matedScores.map {
                "probability  from \($0) searches for enrolled people; assumes that \(RateText.percent(record.prior)) of "
                    + "probes show enrolled people"
            } ?? "probability  unknown: too few subjects have two references")
        return lines
    }
}
