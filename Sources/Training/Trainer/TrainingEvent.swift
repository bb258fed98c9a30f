public import Network

/// What a training tells while it runs.
public enum TrainingEvent: Sendable {
    /// Chips are being cut, or taken from the cache.
    case chips(Chips.Progress)
    /// A photo is left out.
    case leftOut(TrainingPhotos.Problem)
    /// Something the user should know, one line.
    case notice(String)
    /// Everything is ready.
    case began(TrainingFacts)
    /// A step is done.
    case step(StepFacts)
    /// An epoch is done and judged; epoch 0 is the network before training.
    case epoch(EpochRecord)
    /// A line of the log, JSON without its line feed.
    case logged(String)
}

/// What a training works on.
public struct TrainingFacts: Sendable, Equatable {
    /// People and photos that are learnt from.
    public var people: Int, photos: Int
    /// People and photos that are held out.
    public var validationPeople: Int, validationPhotos: Int
    /// Numbers that are learnt.
    public var parameters: Int
    /// Steps of an epoch.
    public var stepsPerEpoch: Int
    /// Epochs of the whole run.
    public var epochs: Int
    /// Whole epochs, and steps of the epoch after them, that were done before, when a run goes on.
    public var epochsDone: Int, stepsDone: Int
}

/// Where a training stands after a step.
public struct StepFacts: Sendable, Equatable {
    /// The epoch under way, from 1, and how many there are.
    public var epoch: Int, epochs: Int
    /// Steps of this epoch that are done, and how many there are.
    public var step: Int, steps: Int
    /// Mean loss of the epoch so far.
    public var loss: Double
    /// Triplets, pairs or photos with a loss, and all that were looked at, in this step.
    public var active: Int, considered: Int
    /// Photos a second since the run began or went on.
    public var photosPerSecond: Double
    /// Seconds until the last epoch is done, validation apart.
    public var secondsLeft: Double
    /// Accuracy of the last validation.
    public var accuracy: Double?
}

/// How a training ended.
public struct TrainingOutcome: Sendable {
    /// Why it ended.
    public enum Reason: String, Sendable, Codable {
        /// All epochs are done.
        case finished
        /// So many epochs brought nothing better as there was patience for.
        case patience
        /// The time it was given is over.
        case time
        /// The caller asked for it; the checkpoint holds everything.
        case interrupted
        /// It had been over before; nothing was done.
        case already
    }

    /// Why it ended.
    public var reason: Reason
    /// One of each epoch, the first of the untrained network.
    public var records: [EpochRecord]
    /// The epoch whose weights are the result; nil when interrupted.
    public var kept: Int?
    /// The network as it was written; nil when interrupted.
    public var card: NetworkCard?

    /// What was measured of the result; nil when interrupted.
    public var result: EpochRecord? { records.last { $0.epoch == kept } }
}
