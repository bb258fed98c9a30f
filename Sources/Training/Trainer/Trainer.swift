internal import Network

/// Trains a network on a folder of photos and writes a directory that galleries use.
///
/// Equal settings, photos and threads give equal weights, bit for bit, however often the run is interrupted and
/// resumed. One thread's at a time.
public final class Trainer {
    private let settings: TrainingSettings
    private let job: TrainingJob

    /// - Throws: `badArgument` with the setting that is outside its range.
    public init(_ settings: TrainingSettings, _ job: TrainingJob) throws(TrainingError) {
        try settings.check()
        self.settings = settings
        self.job = job
    }

    /// Trains until the epochs or the time are over, or the caller asks to stop.
    ///
    /// - Parameters:
    ///   - progress: called on this thread.
    ///   - shouldStop: asked after each step; once true, a checkpoint is written and `run` returns.
    /// - Throws: `cancelled` when stopped before the first checkpoint; else as its parts.
    public func run(
        progress: @escaping (TrainingEvent) -> Void = { _ in }, shouldStop: @escaping () -> Bool = { false }
    ) throws(TrainingError) -> TrainingOutcome {
        let lock = try job.claimFolder()
        defer { withExtendedLifetime(lock) {} }
        var card: NetworkCard?
        if job.resume {
            let standing = try Checkpoint.standing(of: job.checkpoint)
            try settings.requireEqual(to: standing.settings)
            if standing.position.isFinished, settings.isOver(standing.records) {
                return TrainingOutcome(
                    reason: .already, records: standing.records,
                    kept: standing.kept ?? standing.position.epoch,
                    card: try? NetworkCard.load(directory: job.out))
            }
            card = standing.card
        }
        let material = try Material(
            settings, job, resumed: card, progress: progress, shouldStop: shouldStop)
        let run = try TrainingRun(job, material, progress: progress, shouldStop: shouldStop)
        return try run.run()
    }
}
