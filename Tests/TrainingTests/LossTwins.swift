import Glibc
import TestSupport
import Training

/// The losses once more, slowly and in double precision, as their papers write them.
enum LossTwin {
    static func squared(_ rows: [Double], _ i: Int, _ j: Int, _ dimension: Int) -> Double {
        (0..<dimension).reduce(0) { sum, k in
            let difference = rows[i * dimension + k] - rows[j * dimension + k]
            return sum + difference * difference
        }
    }

    /// The mean over given triplets.
    static func triplet(
        _ rows: [Double], _ dimension: Int, _ triplets: [Triplet], margin: Double
    ) -> Double {
        let losses = triplets.map {
            max(
                squared(rows, $0.anchor, $0.positive, dimension)
                    - squared(rows, $0.anchor, $0.negative, dimension) + margin, 0)
        }
        return losses.reduce(0, +) / Double(losses.count)
    }

    static func contrastive(_ rows: [Double], _ dimension: Int, _ people: [Int], margin: Double) -> Double {
        var (near, far): ([Double], [Double]) = ([], [])
        for j in people.indices {
            for i in 0..<j {
                let distance = squared(rows, i, j, dimension).squareRoot()
                if people[i] == people[j] {
                    near.append(0.5 * distance * distance)
                } else {
                    far.append(0.5 * pow(max(margin - distance, 0), 2))
                }
            }
        }
        return 0.5 * mean(near) + 0.5 * mean(far)
    }

    static func arcFace(
        _ rows: [Double], _ dimension: Int, _ people: [Int], centres: [Double], scale: Double, margin: Double
    ) -> Double {
        let losses = people.indices.map { row in
            let logits = (0..<centres.count / dimension).map { centre in
                var (dot, length) = (0.0, 0.0)
                for k in 0..<dimension {
                    dot += rows[row * dimension + k] * centres[centre * dimension + k]
                    length += pow(centres[centre * dimension + k], 2)
                }
                let cosine = dot / length.squareRoot()
                guard centre == people[row] else { return scale * cosine }
                return cosine > cos(Double.pi - margin)
                    ? scale * cos(acos(cosine) + margin) : scale * (cosine - margin * sin(margin))
            }
            return log(logits.reduce(0) { $0 + exp($1) }) - logits[people[row]]
        }
        return mean(losses)
    }

    static func multiSimilarity(
        _ rows: [Double], _ dimension: Int, _ people: [Int], threshold: Double, scale: Double
    ) -> Double {
        var (near, far): ([Double], [Double]) = ([], [])
        for i in people.indices {
            var (mates, strangers) = (0.0, 0.0)
            for j in people.indices where j != i {
                let lead = 1 - squared(rows, i, j, dimension) / 2 - threshold
                if people[i] == people[j] { mates += exp(-2 * lead) } else { strangers += exp(scale * lead) }
            }
            if mates > 0 { near.append(log(1 + mates) / 2) }
            far.append(log(1 + strangers) / scale)
        }
        return mean(near) + mean(far)
    }

    private static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }
}

/// A function's gradient by central differences.
func slopes(at point: [Double], of function: ([Double]) -> Double) -> [Double] {
    point.indices.map { index in
        var (above, below) = (point, point)
        above[index] += 1e-6
        below[index] -= 1e-6
        return (function(above) - function(below)) / 2e-6
    }
}

/// How far values are from expected ones: the largest difference, as a part of the largest expected value.
func relativeError(_ values: [Float], _ expected: [Double]) -> Double {
    guard values.count == expected.count, let largest = expected.map(abs).max() else { return .infinity }
    let differences = zip(values, expected).map { abs(Double($0) - $1) }
    // Not max(): it may pass over a NaN.
    guard differences.allSatisfy(\.isFinite) else { return .infinity }
    return (differences.max() ?? 0) / max(largest, .leastNormalMagnitude)
}

/// A batch of unit vectors around a direction that all share, so that distances are within margins' reach.
struct RandomBatch {
    var dimension = 6
    var people: [Int]
    var rows: [Float] = []

    init(seed: UInt64, people: [Int], spread: Float = 0.7) throws {
        self.people = people
        var random = SeededGenerator(seed: seed)
        let shared = random.unitVector(dimension)
        for _ in people {
            rows += zip(shared, random.unitVector(dimension)).map { $0 + spread * $1 }
        }
        rows = try UnitLength.forward(rows, dimension: dimension).rows
    }

    var precise: [Double] { rows.map(Double.init) }

    /// What a loss without tensors of its own says of the batch.
    func evaluate(_ loss: some EmbeddingLoss, seed: UInt64 = 0) throws -> LossResult {
        var none: [Float] = []
        return try loss.evaluate(
            rows, dimension: dimension, people: people, own: [], ownGradient: &none, seed: seed)
    }
}

/// Fourteen photos: six people with two to four, three with one.
let mixedPeople = [0, 1, 2, 0, 3, 1, 4, 5, 1, 2, 6, 0, 3, 1]
