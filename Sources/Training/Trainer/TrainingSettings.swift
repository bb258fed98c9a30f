public import Network

/// Everything that decides what a training gives, beside the photos.
///
/// A value; safe to share between threads. As JSON, its fields carry the names of the command's options.
public struct TrainingSettings: Codable, Equatable, Sendable {
    /// What a network is trained to do.
    public enum Loss: String, CaseIterable, Codable, Sendable {
        case triplet, contrastive, arcFace = "arcface", multiSimilarity = "multi-similarity"
    }

    /// How the learning rate goes on after the warm-up.
    public enum Schedule: String, CaseIterable, Codable, Sendable {
        case constant, step, cosine
    }

    /// How weights follow gradients.
    public enum Method: String, CaseIterable, Codable, Sendable {
        case adam, sgd, adaGrad = "adagrad"

        /// The learning rate that is tried first.
        public var usualRate: Float {
            switch self {
            case .adam: 1e-3
            case .sgd: 0.05
            case .adaGrad: 0.01
            }
        }
    }

    /// Which epoch's weights are the result.
    public enum Keep: String, CaseIterable, Codable, Sendable {
        case best, last
    }

    /// Whether photos are varied while training.
    public enum Variation: String, CaseIterable, Codable, Sendable {
        case standard, none
    }

    /// The layers' arrangement.
    public var architecture: Architecture = .mobileFaceNet
    /// Whether the layers are those of an imported network, which `initialWeights` names; nil for those of
    /// `architecture`.
    public var imported: Bool?
    /// Width and height of a chip in pixels; nil for the network's own.
    public var side: Int?
    /// Numbers in a template.
    public var dimension: Int = 128
    /// Share of the values before the embedding that a step leaves out, 0..<1.
    public var dropout: Float = 0
    /// SHA-256 of the weights the training begins with; nil for random ones.
    public var initialWeights: String?
    /// Whether faces are sought and aligned; otherwise the whole photo is the chip.
    public var detect: Bool = true

    /// What the network is trained to do.
    public var loss: Loss = .triplet
    /// Which triplets count.
    public var mining: TripletMining = .semiHard
    /// The loss's margin; nil for its usual one.
    public var margin: Float?
    /// What ArcFace and multi-similarity multiply cosines with; nil for the loss's usual one.
    public var scale: Float?

    /// Different people in a batch.
    public var peoplePerBatch: Int = 16
    /// Photos of each of them.
    public var photosPerPerson: Int = 4
    /// How often the photos are seen.
    public var epochs: Int = 40

    /// Which epoch's weights are the result; nil for the best.
    public var keep: Keep?
    /// Epochs without a better one after which the training is over; nil for all epochs.
    public var patience: Int?

    /// How weights follow gradients.
    public var optimizer: Method = .adam
    /// The largest learning rate.
    public var learningRate: Float = 1e-3
    /// How the learning rate goes on after the warm-up.
    public var schedule: Schedule = .cosine
    /// Steps in which the learning rate rises from 0.
    public var warmUp: Int = 100
    /// How much weights shrink.
    public var weightDecay: Float = 5e-4
    /// Longest gradient; longer ones are shortened; 0 for any.
    public var clip: Float = 5
    /// Decay of the moving average of the weights; 0 for none.
    public var average: Float = 0.999
    /// Share of the initial network's weights in the result, 0..<1; nil for none.
    ///
    /// Half way between a network and what fine-tuning made of it, much of what was learnt is kept, and less is
    /// forgotten (Wortsman et al., "Robust fine-tuning of zero-shot models", 2022).
    public var keepInitial: Float?
    /// What the names of layers begin with that stay as they are; nil for none.
    public var freeze: [String]?

    /// How the result's weights are written; nil for float32.
    public var weights: SafeTensors.Precision?

    /// Whether photos are varied while training.
    public var augment: Variation = .standard
    /// Share of the people who are held out, where none is named.
    public var validationShare: Double = 0.2
    /// Names of the people who are held out.
    public var validationPeople: [String] = []

    /// What all random numbers are drawn from.
    public var seed: UInt64 = 1
    /// Threads of the layers; sums depend on their number in the last bits.
    public var threads: Int = 1

    enum CodingKeys: String, CodingKey, CaseIterable {
        // In the order in which differences are told: what decides others' usual values comes first.
        case architecture = "network"
        case side, dimension, dropout, detect, loss, mining, margin, scale, epochs, keep, patience, optimizer
        case initialWeights = "init"
        case peoplePerBatch = "people-per-batch"
        case photosPerPerson = "photos-per-person"
        case learningRate = "learning-rate"
        case schedule, clip, average, augment, seed, threads
        case keepInitial = "keep-initial"
        case freeze, weights, imported
        case warmUp = "warm-up"
        case weightDecay = "weight-decay"
        case validationShare = "validation-share"
        case validationPeople = "validation-people"
    }

    /// The settings of a small face network.
    public init() {}
}
