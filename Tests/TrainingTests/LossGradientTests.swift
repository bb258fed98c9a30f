import Testing
import Training

@Suite("Gradients of losses")
struct LossGradientTests {
    @Test(
        "a triplet loss and its gradient are the mean's over the triplets it names",
        arguments: TripletMining.allCases, [UInt64(1), 2, 3])
    func triplet(mining: TripletMining, seed: UInt64) throws {
        let batch = try RandomBatch(seed: seed, people: mixedPeople)
        let loss = TripletLoss(margin: 0.3, mining: mining)
        let triplets = try loss.triplets(
            batch.rows, dimension: batch.dimension, people: batch.people, seed: seed)
        let twin = { (rows: [Double]) in
            LossTwin.triplet(
                rows, batch.dimension, triplets, margin: Double(Float(0.3)))
        }
        let result = try batch.evaluate(loss, seed: seed)
        #expect(result.considered == triplets.count && result.active > 0 && !result.isCollapsed)
        #expect(relativeError([result.loss], [twin(batch.precise)]) < 1e-5)
        #expect(relativeError(result.gradient, slopes(at: batch.precise, of: twin)) < 1e-4)
    }

    @Test(
        "the contrastive loss and its gradient are those of its definition",
        arguments: [0.4, 1, 1.9] as [Float])
    func contrastive(margin: Float) throws {
        let batch = try RandomBatch(seed: 4, people: mixedPeople)
        let twin = { LossTwin.contrastive($0, batch.dimension, batch.people, margin: Double(margin)) }
        let result = try batch.evaluate(ContrastiveLoss(margin: margin))
        #expect(result.considered == 14 * 13 / 2 && result.active > 0)
        #expect(relativeError([result.loss], [twin(batch.precise)]) < 1e-5)
        #expect(relativeError(result.gradient, slopes(at: batch.precise, of: twin)) < 1e-4)
    }

    @Test(
        "the multi-similarity loss and its gradient are those of its definition",
        arguments: [(0.5, 50), (0.9, 200), (-0.2, 2)] as [(Float, Float)])
    func multiSimilarity(threshold: Float, scale: Float) throws {
        let batch = try RandomBatch(seed: 6, people: mixedPeople)
        let twin = {
            LossTwin.multiSimilarity(
                $0, batch.dimension, batch.people, threshold: Double(threshold), scale: Double(scale))
        }
        let result = try batch.evaluate(MultiSimilarityLoss(threshold: threshold, scale: scale))
        #expect(result.considered == 14 * 13 / 2 && result.active > 0 && !result.isCollapsed)
        #expect(relativeError([result.loss], [twin(batch.precise)]) < 1e-5)
        #expect(relativeError(result.gradient, slopes(at: batch.precise, of: twin)) < 1e-4)
    }

    @Test(
        "ArcFace's gradients by rows and centres are those of its definition",
        arguments: [(32, 0.5), (16, 0), (8, 1.2)] as [(Float, Float)])
    func arcFace(scale: Float, margin: Float) throws {
        let batch = try RandomBatch(seed: 5, people: mixedPeople)
        let loss = ArcFaceLoss(classes: 9, scale: scale, margin: margin)
        var centres = try #require(loss.parameters(dimension: batch.dimension, seed: 5).first).values
        // Row 0 lies opposite its own centre, where adding to the angle would bring it back.
        for k in 0..<batch.dimension { centres[k] = -2 * batch.rows[k] + 0.1 * centres[k] }
        var gradient: [Float] = []
        let result = try loss.evaluate(
            batch.rows, dimension: batch.dimension, people: batch.people, own: centres[...],
            ownGradient: &gradient, seed: 0)
        let precise = centres.map(Double.init)
        let twin = { (rows: [Double], centres: [Double]) in
            LossTwin.arcFace(
                rows, batch.dimension, batch.people, centres: centres, scale: Double(scale),
                margin: Double(margin))
        }
        #expect(relativeError([result.loss], [twin(batch.precise, precise)]) < 1e-5)
        #expect(relativeError(result.gradient, slopes(at: batch.precise) { twin($0, precise) }) < 1e-4)
        #expect(relativeError(gradient, slopes(at: precise) { twin(batch.precise, $0) }) < 1e-4)
    }

    @Test("the normalisation's gradient is across the unit row, over the length it had")
    func unitLength() throws {
        let rows: [Float] = [3, -1, 2, 0.25, 0.5, -0.125]
        let weights: [Double] = [1, -2, 0.5, 3, 1, -1]
        let (unit, lengths) = try UnitLength.forward(rows, dimension: 3)
        let gradient = UnitLength.backward(weights.map(Float.init), unit: unit, lengths: lengths, dimension: 3)
        let expected = slopes(at: rows.map(Double.init)) { rows in
            (0..<2).reduce(0) { sum, row in
                let part = rows[row * 3..<row * 3 + 3]
                let length = part.reduce(0) { $0 + $1 * $1 }.squareRoot()
                return sum + part.indices.reduce(0) { $0 + weights[$1] * rows[$1] / length }
            }
        }
        #expect(relativeError(gradient, expected) < 1e-5)
        for row in 0..<2 {
            let length = unit[row * 3..<row * 3 + 3].reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(abs(length - 1) < 1e-6)
        }
    }

    @Test("a wrong gradient is caught: one number, a sign, a factor, NaN, one too few")
    func checkerChecks() throws {
        let batch = try RandomBatch(seed: 4, people: mixedPeople)
        let expected = slopes(at: batch.precise) {
            LossTwin.contrastive($0, batch.dimension, batch.people, margin: 1)
        }
        let right = try batch.evaluate(ContrastiveLoss()).gradient
        #expect(relativeError(right, expected) < 1e-4)
        var wrong = right
        let largest = try #require(right.indices.max { abs(right[$0]) < abs(right[$1]) })
        wrong[largest] *= 1.002
        #expect(relativeError(wrong, expected) > 1e-3)
        wrong[largest] = -right[largest]
        #expect(relativeError(wrong, expected) > 1e-3)
        wrong[largest] = .nan
        #expect(relativeError(wrong, expected) > 1e-3)
        #expect(relativeError(right.map { $0 * 1.01 }, expected) > 1e-3)
        #expect(relativeError(right.dropLast(), expected) > 1e-3)
    }
}
