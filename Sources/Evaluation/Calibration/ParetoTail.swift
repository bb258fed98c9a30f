/// The tail of a distribution above a limit: a generalised Pareto distribution.
///
/// Pickands 1975; Balkema and de Haan 1974: the excesses of almost any distribution over a high limit become one. Fitted
/// by maximum likelihood with a normal prior on the shape, since few excesses tell little about it.
struct ParetoTail: Sendable, Hashable {
    /// Values above it are in the tail.
    let limit: Double
    /// The share of all values that is in the tail, 0…1.
    let share: Double
    let scale: Double
    /// Below 0 the distribution has an end, above 0 its tail is heavy.
    let shape: Double

    /// What is known of the shape before any value is seen: excesses of −log(1 − s²) of cosines fall off exponentially.
    static let priorDeviation = 0.02

    /// The share of values at or above `value`, for values from `limit` on.
    func survival(_ value: Double) -> Double {
        share * Self.excess((value - limit) / scale, shape)
    }

    /// The density at a value from `limit` on.
    func density(_ value: Double) -> Double {
        let place = (value - limit) / scale
        guard abs(shape) > 1e-9 else { return share / scale * exponential(-place) }
        let base = 1 + shape * place
        return base > 0 ? share / scale * exponential(-(1 / shape + 1) * logarithm(base)) : 0
    }

    /// The value that a share of all reaches; for shares up to `share`.
    func quantile(_ survival: Double) -> Double {
        let ratio = survival / share
        guard abs(shape) > 1e-9 else { return limit - scale * logarithm(ratio) }
        return limit + scale / shape * exponentialLessOne(-shape * logarithm(ratio))
    }

    private static func excess(_ place: Double, _ shape: Double) -> Double {
        guard place > 0 else { return 1 }
        guard abs(shape) > 1e-9 else { return exponential(-place) }
        let base = 1 + shape * place
        return base > 0 ? exponential(-logarithm(base) / shape) : 0
    }

    init(limit: Double, share: Double, scale: Double, shape: Double) {
        (self.limit, self.share, self.scale, self.shape) = (limit, share, scale, shape)
    }

    /// Fits the excesses over a limit.
    ///
    /// O(excesses · steps): the shape is searched on a line, for each the scale by golden section.
    /// - Parameter excesses: above 0, at least one.
    init(limit: Double, share: Double, excesses: [Double]) {
        let mean = excesses.reduce(0, +) / Double(excesses.count)
        func loss(_ logScale: Double, _ shape: Double) -> Double {
            let scale = exponential(logScale)
            var sum = Double(excesses.count) * logScale
            for excess in excesses {
                let base = 1 + shape * excess / scale
                guard base > 0 else { return .infinity }
                sum += abs(shape) < 1e-9 ? excess / scale : (1 + 1 / shape) * logarithm(base)
            }
            let prior = shape / Self.priorDeviation
            return sum + prior * prior / 2
        }
        func bestScale(_ shape: Double) -> (scale: Double, loss: Double) {
            let centre = logarithm(mean)
            let found = Self.minimum(from: centre - 1.5, to: centre + 1.5) { loss($0, shape) }
            return (found, loss(found, shape))
        }
        let shape = Self.minimum(from: -0.3, to: 0.3) { bestScale($0).loss }
        self.init(limit: limit, share: share, scale: exponential(bestScale(shape).scale), shape: shape)
    }

    /// Where a function with one minimum has it: Kiefer 1953.
    private static func minimum(from low: Double, to high: Double, _ function: (Double) -> Double) -> Double {
        let golden = 0.618_033_988_749_894_8
        var (low, high) = (low, high)
        var (left, right) = (high - golden * (high - low), low + golden * (high - low))
        var (leftValue, rightValue) = (function(left), function(right))
        while high - low > 1e-5 {
            if leftValue <= rightValue {
                (high, right, rightValue) = (right, left, leftValue)
                left = high - golden * (high - low)
                leftValue = function(left)
            } else {
                (low, left, leftValue) = (left, right, rightValue)
                right = low + golden * (high - low)
                rightValue = function(right)
            }
        }
        return (low + high) / 2
    }
}
