import Glibc

/// A place that YuNet takes for a face, in pixels of the picture it saw or of the photo.
struct YuNetCandidate: Equatable, Sendable {
    var left: Double, top: Double, width: Double, height: Double
    /// 0…1.
    var score: Double
    /// In the order of `LandmarkScheme.eyesNoseAndMouth`.
    var points: [Landmark]

    /// The share that two boxes have in common of all that they cover together, 0…1.
    func overlapOfUnion(with other: YuNetCandidate) -> Double {
        let across = min(left + width, other.left + other.width) - max(left, other.left)
        let down = min(top + height, other.top + other.height) - max(top, other.top)
        guard across > 0, down > 0 else { return 0 }
        return across * down / (width * height + other.width * other.height - across * down)
    }

    /// In whole pixels of the photo.
    var finding: Finding {
        let (x, y) = (Int(left.rounded()), Int(top.rounded()))
        return Finding(
            box: FaceBox(
                x: x, y: y, width: max(1, Int((left + width).rounded()) - x),
                height: max(1, Int((top + height).rounded()) - y)),
            score: score, landmarks: points, scheme: .eyesNoseAndMouth,
            isDoubtful: score < YuNetPlan.sureScore)
    }
}

/// Reads YuNet's outputs.
///
/// W. Wu, H. Peng, S. Yu, “YuNet: A tiny millisecond-level face detector” (2023). The network has no anchors: the
/// picture is divided into cells of 8, 16 and 32 pixels, and each says how sure it is that its face is a face (`cls`)
/// and that it is well placed (`obj`), where the box's middle lies and the logarithm of its size (`bbox`), and
/// where the five points lie (`kps`), all in cells from its own corner.
enum YuNetOutputs {
    static let strides = [8, 16, 32]

    /// All candidates of at least `leastScore`, which is above 0; the same face many times, in no order.
    ///
    /// What is not finite or far larger than the picture is no candidate. O(cells).
    /// - Throws: `DetectorError.badOutput` where an output is missing or of another size.
    static func candidates(
        _ outputs: [String: [Float]], width: Int, height: Int, leastScore: Double, photo name: String
    ) throws(DetectorError) -> [YuNetCandidate] {
        var found: [YuNetCandidate] = []
        let leastProduct = Float(leastScore * leastScore)
        let largest = 4 * Double(max(width, height))
        for stride in strides {
            let (columns, cell) = (width / stride, Double(stride))
            let count = columns * (height / stride)
            func output(_ kind: String, _ perCell: Int) throws(DetectorError) -> [Float] {
                let key = "\(kind)_\(stride)"
                guard let values = outputs[key], values.count == count * perCell else {
                    throw .badOutput(
                        name: name, output: key, values: outputs[key]?.count, expected: count * perCell)
                }
                return values
            }
            let (faces, places) = (try output("cls", 1), try output("obj", 1))
            let (boxes, points) = (try output("bbox", 4), try output("kps", 10))
            for i in 0..<count {
                let product = min(max(faces[i], 0), 1) * min(max(places[i], 0), 1)
                guard product >= leastProduct else { continue }
                let (column, row) = (Double(i % columns), Double(i / columns))
                let box = boxes[4 * i..<4 * i + 4].map { Double($0) }
                let (across, down) = (exp(box[2]) * cell, exp(box[3]) * cell)
                let marks = (0..<5).map { point in
                    Landmark(
                        x: (Double(points[10 * i + 2 * point]) + column) * cell,
                        y: (Double(points[10 * i + 2 * point + 1]) + row) * cell)
                }
                let left = (box[0] + column) * cell - across / 2
                let top = (box[1] + row) * cell - down / 2
                // NaN is in no range.
                guard [left, top].allSatisfy({ -largest...largest ~= $0 }), (0.5)...largest ~= across,
                    (0.5)...largest ~= down,
                    marks.allSatisfy({ -largest...largest ~= $0.x && -largest...largest ~= $0.y })
                else { continue }
                found.append(
                    YuNetCandidate(
                        left: left, top: top, width: across, height: down, score: Double(product.squareRoot()),
                        points: marks))
            }
        }
        return found
    }
}

/// The surest candidate of each place, the surest first, with points that all its cells agreed on.
///
/// Candidates that share 0.3 of their union with a surer one are the same place. The points are a mean over those
/// that share 0.6 with the surest, weighted by the fourth power of their scores: one cell's points alone scatter by
/// a twentieth of the eye distance. O(candidates · faces).
func merged(_ candidates: [YuNetCandidate]) -> [YuNetCandidate] {
    var kept: [(surest: YuNetCandidate, sums: [SIMD2<Double>], weight: Double)] = []
    for candidate in candidates.sorted(by: { $0.score > $1.score }) {
        let square = candidate.score * candidate.score
        let weighted = candidate.points.map { SIMD2($0.x, $0.y) * (square * square) }
        var isNew = true
        for i in kept.indices {
            let share = candidate.overlapOfUnion(with: kept[i].surest)
            guard share > 0.3 else { continue }
            isNew = false
            if share > 0.6, weighted.count == kept[i].sums.count {
                for point in weighted.indices { kept[i].sums[point] += weighted[point] }
                kept[i].weight += square * square
            }
            break
        }
        if isNew { kept.append((candidate, weighted, square * square)) }
    }
    return kept.map { place in
        var candidate = place.surest
        candidate.points = place.sums.map { Landmark(x: $0.x / place.weight, y: $0.y / place.weight) }
        return candidate
    }
}
