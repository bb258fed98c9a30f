/// What one epoch gave: a line of `log.jsonl`.
public struct EpochRecord: Codable, Equatable, Sendable {
    /// From 1; 0 is the network before training.
    public var epoch: Int
    /// Steps since the beginning.
    public var step: Int
    /// Mean loss of the epoch's batches; nil for epoch 0.
    public var loss: Double?
    /// Share of the triplets, pairs or photos that were looked at and had a loss; nil for epoch 0.
    public var activeShare: Double?
    /// The learning rate of the last step; nil for epoch 0.
    public var learningRate: Double?
    /// Mean length of the gradient before it was clipped; nil for epoch 0.
    public var gradientNorm: Double?
    /// Seconds of training since the beginning, over all sittings.
    public var seconds: Double
    /// Photos a second of this epoch; nil for epoch 0.
    public var photosPerSecond: Double?
    /// How well people are told apart who are held out.
    public var validation: ValidationFigures
}
