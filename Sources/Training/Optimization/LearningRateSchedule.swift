internal import Glibc

/// How the learning rate changes during a run.
public struct LearningRateSchedule: Codable, Sendable, Equatable {
    /// The course after warming up.
    public enum TensorShape: Codable, Sendable, Equatable {
        /// The base rate.
        case constant
        /// The base rate times `factor` for every `every` epochs gone by.
        case step(every: Int, factor: Float)
        /// Half a cosine from the base rate towards 0 at the end (Loshchilov and Hutter, "SGDR", 2017).
        case cosine
    }

    /// The course after warming up.
    public var shape: TensorShape
    /// How many steps the rate takes to rise in a straight line to the base rate; 0 for none.
    public var warmUp: Int

    /// A schedule.
    public init(_ shape: TensorShape = .constant, warmUp: Int = 0) {
        self.shape = shape
        self.warmUp = warmUp
    }

    /// The rate of a step.
    ///
    /// - Parameters:
    ///   - step: from 0, over all epochs.
    ///   - stepsPerEpoch: 1 or more; less is taken as 1.
    ///   - epochs: of the whole run.
    ///   - base: the rate that others are parts of.
    /// - Returns: 0...base for factors up to 1, never 0 before the run's end.
    public func rate(step: Int, stepsPerEpoch: Int, epochs: Int, base: Float) -> Float {
        if step < warmUp { return base * Float(step + 1) / Float(warmUp) }
        let stepsPerEpoch = max(stepsPerEpoch, 1)
        switch shape {
        case .constant: return base
        case .step(let every, let factor):
            return base * pow(factor, Float(step / stepsPerEpoch / max(every, 1)))
        case .cosine:
            let length = max(stepsPerEpoch * epochs - warmUp, 1)
            let share = min(Double(step - warmUp) / Double(length), 1)
            return base * Float(0.5 * (1 + cos(Double.pi * share)))
        }
    }
}
