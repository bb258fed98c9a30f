/// How similar the best candidate of a stranger is, in a gallery of any size.
///
/// Fitted to the best similarities of strangers in a gallery of `size`. Similarities are taken as −log(1 − s·|s|), whose
/// tail is nearly exponential for cosines of any number of dimensions. The highest tenth is a generalised Pareto
/// distribution. In a gallery of another size N, each of the N references is one more chance: a stranger stays below a
/// similarity with the probability of `size`, to the power N / `size`.
public struct StrangerScores: Sendable, Hashable {
    /// References of the gallery that the scores were measured in.
    public let size: Int
    /// How many scores there were.
    public let count: Int
    let tail: ParetoTail
    /// Quantiles of the scores, from the lowest to the limit of the tail, even steps of the share.
    let body: [Double]

    /// Scores below which nothing is fitted.
    public static let fewestScores = 100
    private static let tailShare = 0.1
    private static let bodySteps = 50

    /// Fits the scores of strangers.
    ///
    /// O(n log n).
    /// - Parameters:
    ///   - best: the best similarity of each search for a stranger, −1…1.
    ///   - size: references of the gallery, 1 or more.
    /// - Throws: `tooFewScores`, `noSpread`, `notANumber`.
    public init(best: [Float], size: Int) throws(EvaluationError) {
        guard best.allSatisfy({ !$0.isNaN }) else { throw .notANumber }
        guard best.count >= Self.fewestScores else {
            throw .tooFewScores(count: best.count, needed: Self.fewestScores)
        }
        let stretched = best.map { Self.stretched(Double($0)) }.sorted(by: >)
        guard let highest = stretched.first, let lowest = stretched.last, highest > lowest else {
            throw .noSpread(count: best.count)
        }
        let inTail = max(30, Int(Self.tailShare * Double(stretched.count)))
        let limit = stretched[inTail]
        let excesses = stretched.prefix(inTail).map { $0 - limit }.filter { $0 > 0 }
        guard !excesses.isEmpty else { throw .noSpread(count: best.count) }
        let share = Double(excesses.count) / Double(stretched.count)
        tail = ParetoTail(limit: limit, share: share, excesses: excesses)
        let ascending = Array(stretched[excesses.count...].reversed())
        body = (0...Self.bodySteps).map { step in
            ascending[(ascending.count - 1) * step / Self.bodySteps]
        }
        (self.size, count) = (max(1, size), best.count)
    }

    init(size: Int, count: Int, tail: ParetoTail, body: [Double]) {
        (self.size, self.count, self.tail, self.body) = (size, count, tail, body)
    }

    /// The smallest FPIR that the scores support in a gallery of `size`: one in as many strangers as there were.
    ///
    /// The tail says more than a count does, but what nobody has seen is not to be promised.
    public func smallestRate(in size: Int) -> Double {
        min(1, 1 / Double(count) * max(1, Double(size) / Double(self.size)))
    }

    /// The share of strangers whose best candidate has at least a similarity, in a gallery of `size` references.
    public func falsePositiveRate(at similarity: Double, in size: Int) -> Double {
        let value = Self.stretched(similarity)
        let ratio = Double(max(1, size)) / Double(self.size)
        let survival = survival(value)
        guard survival < 1 else { return 1 }
        return -exponentialLessOne(ratio * logarithm(onePlus: -survival))
    }

    /// The threshold that a share of strangers reaches in a gallery of `size` references.
    ///
    /// - Parameter rate: above 0 and below 1.
    /// - Throws: `rateOutOfRange`.
    public func threshold(falsePositiveRate rate: Double, in size: Int) throws(EvaluationError) -> Double {
        guard rate > 0, rate < 1 else { throw .rateOutOfRange(rate) }
        let ratio = Double(self.size) / Double(max(1, size))
        // 1 − (1 − rate)^ratio, also where it is tiny.
        let survival = -exponentialLessOne(ratio * logarithm(onePlus: -rate))
        return Self.similarity(quantile(survival))
    }

    /// The 95 % interval of a threshold by what the number of scores leaves open.
    ///
    /// The share of strangers above the threshold is uncertain by the number of scores above it, the scale of the tail by
    /// the number of scores in the tail.
    public func thresholdInterval(
        falsePositiveRate rate: Double, in size: Int
    ) throws(EvaluationError) -> ClosedRange<Double> {
        guard rate > 0, rate < 1 else { throw .rateOutOfRange(rate) }
        let ratio = Double(self.size) / Double(max(1, size))
        let survival = -exponentialLessOne(ratio * logarithm(onePlus: -rate))
        let inTail = tail.share * Double(count)
        let centre = quantile(survival)
        // Both errors together, as variances of the stretched value: of the share, and of scale and shape.
        let depth = max(0, -logarithm(min(1, survival / tail.share)))
        let ofShare = tail.scale / inTail.squareRoot()
        let ofScale = tail.scale * depth / inTail.squareRoot()
        let ofShape = tail.scale * depth * depth / 2 * min(ParetoTail.priorDeviation, 1 / inTail.squareRoot())
        let spread = 1.96 * (ofShare * ofShare + ofScale * ofScale + ofShape * ofShape).squareRoot()
        return Self.similarity(centre - spread)...Self.similarity(centre + spread)
    }

    /// The density of the best similarity of a stranger at the stretched value, and the share below it.
    func densityAndShareBelow(_ value: Double, in size: Int) -> (density: Double, below: Double) {
        let ratio = Double(max(1, size)) / Double(self.size)
        let survival = survival(value)
        // Nobody's best candidate was ever this low.
        guard survival < 1 else { return (0, 0) }
        let below = 1 - survival
        let powered = exponential(ratio * logarithm(below))
        return (ratio * powered / below * density(value), powered)
    }

    private func survival(_ value: Double) -> Double {
        if value >= tail.limit { return tail.survival(value) }
        guard let lowest = body.first, value > lowest else { return 1 }
        let step = (1 - tail.share) / Double(body.count - 1)
        var place = 1
        while place < body.count - 1, body[place] <= value { place += 1 }
        let (low, high) = (body[place - 1], body[place])
        let inner = high > low ? (value - low) / (high - low) : 1
        return 1 - step * (Double(place - 1) + min(1, inner))
    }

    private func density(_ value: Double) -> Double {
        if value >= tail.limit { return tail.density(value) }
        // Over a tenth of the body, so that steps of the quantiles do not show.
        guard let lowest = body.first, let highest = body.last, highest > lowest else { return 0 }
        let width = (highest - lowest) / 20
        let (low, high) = (value - width, min(tail.limit, value + width))
        return max(0, survival(low) - survival(high)) / (high - low)
    }

    private func quantile(_ survival: Double) -> Double {
        if survival <= tail.share { return tail.quantile(max(survival, 1e-300)) }
        let place = (1 - survival) / (1 - tail.share) * Double(body.count - 1)
        let low = max(0, min(body.count - 2, Int(place)))
        return body[low] + max(0, min(1, place - Double(low))) * (body[low + 1] - body[low])
    }

    /// −log(1 − s·|s|), which grows with s.
    static func stretched(_ similarity: Double) -> Double {
        let bounded = max(-1, min(1 - 1e-7, similarity))
        return -logarithm(onePlus: -bounded * abs(bounded))
    }

    /// The similarity of a stretched value.
    static func similarity(_ value: Double) -> Double {
        let square = -exponentialLessOne(-value)
        return max(-1, min(1, square < 0 ? -(-square).squareRoot() : square.squareRoot()))
    }
}

extension StrangerScores: Codable {
    private enum CodingKeys: String, CodingKey {
        case size, count, limit, share, scale, shape, body
    }

    /// Reads a model, and refuses numbers that no fit gives.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func number(_ key: CodingKeys) throws -> Double { try values.decode(Double.self, forKey: key) }
        let tail = ParetoTail(
            limit: try number(.limit), share: try number(.share), scale: try number(.scale),
            shape: try number(.shape))
        let body = try values.decode([Double].self, forKey: .body)
        let (size, count) = (
            try values.decode(Int.self, forKey: .size), try values.decode(Int.self, forKey: .count)
        )
        let isSound =
            [tail.limit, tail.share, tail.scale, tail.shape].allSatisfy(\.isFinite) && tail.share > 0
            && tail.share < 1 && tail.scale > 0 && abs(tail.shape) < 1 && size > 0 && count > 0
            && (2...1_000).contains(body.count) && body.allSatisfy(\.isFinite)
            && zip(body, body.dropFirst()).allSatisfy { $0 <= $1 }
        guard isSound else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "the numbers are of no calibration"))
        }
        self.init(size: size, count: count, tail: tail, body: body)
    }

    /// Writes the fitted numbers.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(size, forKey: .size)
        try values.encode(count, forKey: .count)
        try values.encode(tail.limit, forKey: .limit)
        try values.encode(tail.share, forKey: .share)
        try values.encode(tail.scale, forKey: .scale)
        try values.encode(tail.shape, forKey: .shape)
        try values.encode(body, forKey: .body)
    }
}
