import ArgumentParsing
import Concurrency
import Evaluation
import EvaluationReport
import Gallery
import GalleryEvaluation

/// The self-test of a gallery's index.
enum RecallText {
    /// What `--recall` found; nil where it was not given.
    static func measured(
        _ arguments: ParsedArguments, _ gallery: FaceGallery
    ) throws -> RecallCheck.Report? {
        let count = try arguments.integer("--recall", in: 10...10_000_000)
        guard count != nil || arguments.flag("--recall") else { return nil }
        var settings = EvaluationSettings()
        settings.sample = count ?? 1_000
        settings.threads = ProcessorCount.online
        StopRequest.watch(outlivesReaders: false)
        settings.shouldStop = { StopRequest.isAsked }
        let progress = EvaluationProgress()
        settings.progress = progress.advance
        let report = try RecallCheck(of: gallery, settings).run()
        progress.clear()
        return report
    }

    /// The line for people.
    static func line(_ report: RecallCheck.Report) -> String {
        let missed =
            "\(report.missed.events) of \(report.missed.trials) searches missed their best answer: "
            + RateText.interval(report.missed)
        let promise = RateText.percent(report.promised)
        return report.isRefuted
            ? "\(missed); that is more than the \(promise) that the index promises: run check --repair"
            : "\(missed); the index promises at most \(promise)"
    }
}
