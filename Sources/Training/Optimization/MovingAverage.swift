public import Network

/// The exponential moving average of a network's numbers, running statistics included.
///
/// Averaged weights often generalise better than the last step's (Polyak and Juditsky, 1992). A value; one
/// thread's at a time.
public struct MovingAverage: Sendable {
    /// The share of the average that an update keeps, once warm.
    public let decay: Float
    /// The average, laid out like `Parameters.values`.
    public private(set) var values: [Float]
    /// How many updates were made.
    public private(set) var updates = 0

    /// Begins with the parameters as they are.
    ///
    /// - Precondition: `decay` is in 0...1.
    public init(decay: Float, _ parameters: NetworkParameters) {
        precondition((0...1).contains(decay), "a moving average's decay is in 0...1")
        self.decay = decay
        values = parameters.values
    }

    /// Takes the parameters in.
    ///
    /// Update n (from 0) keeps min(decay, (1 + n) / (10 + n)) of the average, so that random beginnings are
    /// soon forgotten. O(parameters).
    ///
    /// - Precondition: the parameters are laid out as they were at `init`.
    public mutating func update(_ parameters: NetworkParameters) {
        precondition(parameters.values.count == values.count, "parameters of another network")
        let keep = min(decay, Float(1 + updates) / Float(10 + updates))
        updates += 1
        // Safe: both buffers hold `count` floats.
        unsafe values.withUnsafeMutableBufferPointer { average in
            unsafe parameters.values.withUnsafeBufferPointer { new in
                for i in 0..<average.count {
                    unsafe average[i] = new[i] + keep * (average[i] - new[i])
                }
            }
        }
    }

    /// Goes on from a checkpoint.
    ///
    /// - Throws: `badArgument` when the values are another network's, `notFinite` when one is NaN or infinite.
    public mutating func restore(values: [Float], updates: Int) throws(TrainingError) {
        guard values.count == self.values.count, updates >= 0 else {
            throw .badArgument(
                name: "moving average",
                reason: "has \(values.count) values after \(updates) updates; \(self.values.count) are needed")
        }
        guard allFinite(values) else { throw .notFinite(what: "the checkpoint's averages") }
        self.values = values
        self.updates = updates
    }
}
