internal import Glibc
public import Network

/// The additive angular margin loss of ArcFace (Deng, Guo, Xue and Zafeiriou, 2019).
///
/// The mean cross-entropy of a softmax over scale × cos θ, θ the angle of a row and each class's centre, with
/// `margin` radians added to the angle of the row's own class. Beyond θ = π − margin, where the cosine of the
/// sum would rise again, cos θ − margin × sin(margin) stands in. Margin 0 is the plain cosine softmax. Every
/// sample is considered; one whose loss is above 0 in float32 is active. O(count × classes × dimension).
public struct ArcFaceLoss: EmbeddingLoss {
    /// How many people are learnt.
    public let classes: Int
    /// What cosines are multiplied with before the softmax.
    public let scale: Float
    /// What is added to the angle of a row and its own class, in radians.
    public let margin: Float

    /// A loss; its arguments are judged by `evaluate`, which refuses fewer than 2 classes, a scale that is not
    /// finite and above 0, and a margin outside 0..<π/2.
    public init(classes: Int, scale: Float = 32, margin: Float = 0.5) {
        self.classes = classes
        self.scale = scale
        self.margin = margin
    }

    /// `arcface.centres`, classes × dimension: one direction a class, random of length near 1 at first.
    ///
    /// Lengths have no part in the loss; near 1 they keep an optimiser's steps small as angles.
    public func parameters(
        dimension: Int, seed: UInt64
    ) -> [(name: String, shape: [Int], role: NetworkParameters.Role, values: [Float])] {
        var random = NormalNumbers(seed: seed, stream: 0x617263)
        let deviation = 1 / Float(dimension).squareRoot()
        let values = (0..<classes * dimension).map { _ in random.next() * deviation }
        return [("arcface.centres", [classes, dimension], .weight, values)]
    }

    /// The loss and its gradients by rows and centres.
    ///
    /// - Throws: as `EmbeddingLoss`; `badArgument` too when `people` reach beyond the classes, when `own` is
    ///   not the centres, or a centre is all zeros.
    public func evaluate(
        _ rows: [Float], dimension: Int, people: [Int], own: ArraySlice<Float>, ownGradient: inout [Float],
        seed: UInt64
    ) throws(TrainingError) -> LossResult {
        try check(rows, dimension: dimension, people: people, own: own)
        let batch = Matrix(values: rows, rows: people.count, columns: dimension)
        let (unit, lengths) = try directions(own, dimension: dimension)
        let centres = Matrix(values: unit, rows: classes, columns: dimension)
        let cosines = try batch.times(centres.transposed)
        var slopes = Matrix(values: cosines, rows: people.count, columns: classes)
        let (sum, active) = softmax(&slopes.values, people: people)
        ownGradient = UnitLength.backward(
            try slopes.transposed.times(batch), unit: unit, lengths: lengths, dimension: dimension)
        return LossResult(
            loss: Float(sum / Double(people.count)), gradient: try slopes.times(centres), active: active,
            considered: people.count,
            isCollapsed: try PairDistances(rows, dimension: dimension).isCollapsed)
    }

    private func check(
        _ rows: [Float], dimension: Int, people: [Int], own: ArraySlice<Float>
    ) throws(TrainingError) {
        guard classes > 1 else {
            throw .badArgument(name: "classes", reason: "are \(classes); there must be 2 or more")
        }
        guard scale > 0, scale.isFinite else {
            throw .badArgument(name: "scale", reason: "is \(scale); it must be above 0")
        }
        guard margin >= 0, margin < Float.pi / 2 else {
            throw .badArgument(name: "margin", reason: "is \(margin); it must be 0 or more and below π/2")
        }
        try checkBatch(rows, dimension: dimension, people: people)
        if let stranger = people.first(where: { !(0..<classes).contains($0) }) {
            throw .badArgument(name: "class", reason: "\(stranger) is not among the loss's \(classes)")
        }
        guard own.count == classes * dimension else {
            throw .badArgument(
                name: "class centres", reason: "are \(own.count) numbers, not \(classes) × \(dimension)")
        }
    }

    private func directions(
        _ own: ArraySlice<Float>, dimension: Int
    ) throws(TrainingError) -> (rows: [Float], lengths: [Float]) {
        do throws(TrainingError) {
            return try UnitLength.forward(Array(own), dimension: dimension)
        } catch {
            switch error {
            case .notFinite: throw .notFinite(what: "class centres")
            case .zeroEmbedding(let row):
                throw .badArgument(name: "class centre", reason: "\(row) is all zeros, which has no direction")
            default: throw error
            }
        }
    }

    /// Turns cosines into the loss's derivatives by them.
    ///
    /// - Returns: the sum of the samples' losses, and how many are above 0.
    private func softmax(_ cosines: inout [Float], people: [Int]) -> (sum: Double, active: Int) {
        let (cosine, sine) = (cos(margin), sin(margin))
        let share = scale / Float(people.count)
        var (sum, active) = (0.0, 0)
        var values = cosines.mutableSpan
        for (row, person) in people.enumerated() {
            let range = row * classes..<(row + 1) * classes
            let target = row * classes + person
            let c = min(max(values[target], -1), 1)
            var slope: Float = 1
            if c > -cosine {
                // The floor bounds the slope where θ is 0, at float32's resolution of c.
                let s = max((1 - c) * (1 + c), 1e-6).squareRoot()
                values[target] = c * cosine - s * sine
                slope = cosine + c * sine / s
            } else {
                values[target] = c - margin * sine
            }
            var most = values[range.lowerBound]
            for i in range { most = max(most, values[i]) }
            let logit = scale * (values[target] - most)
            var total: Double = 0
            for i in range {
                let power = exp(scale * (values[i] - most))
                values[i] = power
                total += Double(power)
            }
            let loss = max(Float(log(total) - Double(logit)), 0)
            sum += Double(loss)
            if loss > 0 { active += 1 }
            let factor = share / Float(total)
            for i in range { values[i] *= factor }
            values[target] = (values[target] - share) * slope
        }
        return (sum, active)
    }
}
