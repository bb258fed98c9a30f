internal import Glibc

/// How similar an enrolled person's probe is to that person's own references.
///
/// A smooth density: a normal one around each of at most a hundred quantiles of the inverse hyperbolic tangents of the
/// similarities (Silverman 1986 for the width).
public struct MateScores: Sendable, Hashable {
    /// How many scores there were.
    public let count: Int
    /// Quantiles of atanh s, ascending.
    private let centres: [Double]
    private let width: Double

    /// Scores below which nothing is fitted.
    public static let fewestScores = 50

    /// Fits the similarities of probes with their own subject.
    ///
    /// O(n log n).
    /// - Throws: `tooFewScores`, `noSpread`, `notANumber`.
    public init(_ similarities: [Float]) throws(EvaluationError) {
        guard similarities.allSatisfy({ !$0.isNaN }) else { throw .notANumber }
        guard similarities.count >= Self.fewestScores else {
            throw .tooFewScores(count: similarities.count, needed: Self.fewestScores)
        }
        let sorted = similarities.map { Self.stretched(Double($0)) }.sorted()
        let number = Double(sorted.count)
        let mean = sorted.reduce(0, +) / number
        let variance = sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (number - 1)
        let quartiles = sorted[sorted.count * 3 / 4] - sorted[sorted.count / 4]
        let spread = quartiles > 0 ? min(variance.squareRoot(), quartiles / 1.34) : variance.squareRoot()
        guard spread > 1e-9 else { throw .noSpread(count: similarities.count) }
        let steps = min(100, sorted.count)
        centres = (0..<steps).map { sorted[(2 * $0 + 1) * sorted.count / (2 * steps)] }
        width = 0.9 * spread * exponential(-0.2 * logarithm(number))
        count = similarities.count
    }

    /// The density of the similarity, per unit of the similarity.
    func density(_ similarity: Double) -> Double {
        let value = Self.stretched(similarity)
        let bounded = max(-0.9999, min(0.9999, similarity))
        let sum = centres.reduce(0) { sum, centre in
            let distance = (value - centre) / width
            return sum + exponential(-distance * distance / 2)
        }
        return sum / (Double(centres.count) * width * (2 * Double.pi).squareRoot()) / (1 - bounded * bounded)
    }

    /// The share of similarities below one.
    func shareBelow(_ similarity: Double) -> Double {
        let value = Self.stretched(similarity)
        let sum = centres.reduce(0) { sum, centre in sum + erfc((centre - value) / width / 2.0.squareRoot()) / 2
        }
        return sum / Double(centres.count)
    }

    /// The similarity below which 95 % are.
    var highest: Double { tanh(centres[centres.count * 95 / 100]) }

    private static func stretched(_ similarity: Double) -> Double {
        atanh(max(-0.9999, min(0.9999, similarity)))
    }
}

extension MateScores: Codable {
    private enum CodingKeys: String, CodingKey {
        case count, centres, width
    }

    /// Reads a model, and refuses numbers that no fit gives.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        count = try values.decode(Int.self, forKey: .count)
        centres = try values.decode([Double].self, forKey: .centres)
        width = try values.decode(Double.self, forKey: .width)
        guard count > 0, (1...1_000).contains(centres.count), centres.allSatisfy(\.isFinite), width.isFinite,
            width > 0
        else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "the numbers are of no calibration"))
        }
    }

    /// Writes the fitted numbers.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(count, forKey: .count)
        try values.encode(centres, forKey: .centres)
        try values.encode(width, forKey: .width)
    }
}
