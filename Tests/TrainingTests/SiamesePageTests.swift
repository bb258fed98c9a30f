import Foundation
import Network
import TestSupport
import Testing
import Training

private func textbookTower() throws -> Graph {
    var tower = try Graph(input: TensorShape(channels: 3, height: 128, width: 128))
    func convolve(_ x: Graph.Value, _ name: String, _ filters: Int) throws -> Graph.Value {
        let layer = GraphLayer.convolution(filters: filters, window: Window(3), groups: 1, bias: true)
        let rectified = try tower.add("\(name).relu", .relu, [try tower.add(name, layer, [x])])
        return try tower.add("\(name).maxima", .maxPooling(Window(2, stride: 2)), [rectified])
    }
    let planes = try convolve(try convolve(tower.input, "first", 32), "second", 64)
    try tower.add("embedding", .fullyConnected(outputs: 128, bias: true), [planes])
    return tower
}

private func textbookSummary(_ print: (String) -> Void) throws -> SiameseNetwork {
    let siamese = try SiameseNetwork(.siameseSmall, seed: 1, arrangement: .triplet)
    print(siamese.summary())
    return siamese
}

private func textbookTriplets(
    _ siamese: SiameseNetwork, chips: [[UInt8]], labels: [Int], _ print: (Float, Float) -> Void
) throws {
    let triplets = try RandomTriplets.draw(1000, labels: labels, seed: 1)
    for triplet in triplets.prefix(3) {
        let seen = try siamese.triplet(
            anchor: chips[triplet.anchor], positive: chips[triplet.positive], negative: chips[triplet.negative])
        print(seen.toPositive.squaredEuclidean, seen.toNegative.squaredEuclidean)
    }
}

private func textbookLoop(
    _ tower: Graph, _ images: [Float], labels: [Int], steps: Int, _ print: (Int, Float, String) -> Void
) throws {
    let loss = TripletLoss(margin: 0.2, mining: .semiHard)
    var parameters = NetworkParameters(tower, seed: 1)
    var optimizer = Optimizer(
        .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8), weightDecay: 0, clipNorm: nil, parameters: parameters)
    let network = try DifferentiableNetwork(tower, batch: labels.count, threads: 1)
    var gradients = [Float](repeating: 0, count: parameters.values.count)
    var own: [Float] = []
    for step in 0..<steps {
        let rows = try network.forward(images, &parameters)
        let unit = try UnitLength.forward(rows, dimension: 128)
        let result = try loss.evaluate(
            unit.rows, dimension: 128, people: labels, own: [], ownGradient: &own, seed: UInt64(step))
        let gradient = UnitLength.backward(
            result.gradient, unit: unit.rows, lengths: unit.lengths, dimension: 128)
        try network.backward(gradient, into: &gradients)
        optimizer.step(&parameters, gradients: &gradients, learningRate: 1e-4)
        print(step, result.loss, "\(result.active) of \(result.considered) triplets active")
    }
}

private func textbookTrainer(folder: String, result: String, _ print: @escaping (Int, Double) -> Void) throws {
    var settings = TrainingSettings()
    settings.architecture = .siameseSmall
    settings.side = 32
    settings.peoplePerBatch = 4
    settings.detect = false
    settings.epochs = 3
    settings.learningRate = 1e-4
    let job = TrainingJob(photos: folder, out: result, landmarkModel: "")
    let outcome = try Trainer(settings, job).run { event in
        if case .epoch(let record) = event { print(record.epoch, record.validation.accuracy) }
    }
    #expect(outcome.card?.architecture == Architecture.siameseSmall.rawValue)
}

@Suite("The page on Siamese networks")
struct SiamesePageTests {
    @Test("shows nothing but what is compiled here, line for line")
    func sameCode() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/siamese.md")
        let parts = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "```")
        let compiled = Set(
            try String(contentsOfFile: #filePath, encoding: .utf8).split(separator: "\n").map { line in
                String(line.drop { $0 == " " })
            })
        let blocks = parts.filter { $0.hasPrefix("swift\n") }
        #expect(blocks.count == 7)
        for line in blocks.flatMap({ $0.split(separator: "\n").dropFirst() }) {
            #expect(compiled.contains(String(line.drop { $0 == " " })), "\(line)")
        }
    }

    @Test("prints the textbook's numbers of parameters, draws triplets and measures them")
    func summaryAndTriplets() throws {
        #expect(try textbookTower().parameterCount == 7_392_320)
        var printed = ""
        let siamese = try textbookSummary { printed += $0 }
        for number in ["896", "18,496", "7,372,928", "7,392,320", "anchor", "positive", "negative"] {
            #expect(printed.contains(number), "\(number)")
        }
        let chips = (0..<6).map { number in
            [UInt8](repeating: UInt8(20 * number), count: 128 * 128 * 3)
        }
        var count = 0
        try textbookTriplets(siamese, chips: chips, labels: [0, 0, 1, 1, 2, 2]) { toPositive, toNegative in
            count += 1
            #expect((0...4).contains(toPositive) && (0...4).contains(toNegative))
        }
        #expect(count == 3)
    }

    @Test("trains: the loss of a batch falls")
    func loop() throws {
        var numbers = NormalNumbers(seed: 1)
        // The same layers on smaller photos, for the time it takes.
        let tower = try siameseSmall(side: 32)
        let images = (0..<8 * 32 * 32 * 3).map { _ in numbers.next() }
        var losses: [Float] = []
        try textbookLoop(tower, images, labels: [0, 0, 1, 1, 2, 2, 3, 3], steps: 30) {
            _, loss, _ in
            losses.append(loss)
        }
        #expect(losses.count == 30)
        let (first, last) = (try #require(losses.first), try #require(losses.last))
        #expect(first > 0 && last < first / 2)
    }

    @Test("trains a folder of photos with the trainer")
    func trainer() throws {
        let folder = try TemporaryFolder()
        try RenderedNumbers.write(
            [3, 8, 13, 18, 23, 28, 33, 38, 43, 48], photos: 5, into: folder.file("photos"))
        var epochs: [Int] = []
        try textbookTrainer(folder: folder.file("photos"), result: folder.file("mynet")) { epoch, accuracy in
            epochs.append(epoch)
            #expect((0...1).contains(accuracy))
        }
        #expect(epochs == [0, 1, 2, 3])
    }
}
