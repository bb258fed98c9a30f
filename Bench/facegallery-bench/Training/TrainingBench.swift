import ArgumentParsing
import Foundation
import Network
import Training

let trainingBench = Bench(
    specification: CommandSpecification(
        "training", abstract: "A training step of MobileFaceNet, beside PyTorch's.",
        discussion: """
            Forward, triplet loss, backward, Adam. Both take turns, so that a busy machine disturbs them alike;
            of PyTorch's two orders in memory the faster counts.
            """,
        options: [
            OptionSpecification("--batch", value: "N", help: "Photos in a step (default: 64)."),
            OptionSpecification("--threads", value: "N", help: "Threads that may compute (default: 2)."),
            OptionSpecification("--rounds", value: "N", help: "Turns of six steps (default: 3)."),
            OptionSpecification("--python", value: "PROGRAM", help: "An interpreter that has PyTorch."),
            Shared.json,
        ],
        example: "facegallery-bench training --python /usr/bin/python3"),
    run: runTrainingBench)

private func runTrainingBench(arguments: ParsedArguments) throws {
    let batch = try arguments.integer("--batch", in: 4...4_096) ?? 64
    let threads = try arguments.threads(default: 2)
    let rounds = try arguments.integer("--rounds", in: 1...1_000) ?? 3
    let python = arguments.value("--python")
    let step = try TrainingStep(batch: batch, threads: threads)
    let clock = ContinuousClock()
    for _ in 0..<2 { try step.run() }
    var ours: [Double] = []
    var peers: [String: [Double]] = [:]
    for _ in 0..<rounds {
        for _ in 0..<6 { ours.append(try clock.time { try step.run() } / 1000) }
        guard let python else { continue }
        for layout in ["planes", "interleaved"] {
            peers[layout, default: []] += try peerSeconds(python, batch, threads, layout)
        }
    }
    let median = middle(ours)
    try printRecord(
        StepRecord(
            program: "facegallery", network: "mobilefacenet", batch: batch, threads: threads, runs: ours.count,
            secondsPerStep: median, photosPerSecond: Double(batch) / median, ratio: nil, machine: .this))
    for (layout, times) in peers.sorted(by: { $0.key < $1.key }) {
        let peer = middle(times)
        try printRecord(
            StepRecord(
                program: "PyTorch, \(layout)", network: "mobilefacenet", batch: batch, threads: threads,
                runs: times.count, secondsPerStep: peer, photosPerSecond: Double(batch) / peer,
                ratio: peer / median, machine: .this))
    }
}

private struct StepRecord: Encodable {
    let program, network: String
    let batch, threads, runs: Int
    let secondsPerStep, photosPerSecond: Double
    /// How many times as fast we are.
    let ratio: Double?
    let machine: Machine
}

/// One network on one batch of noise.
private final class TrainingStep {
    private let network: DifferentiableNetwork
    private let loss = TripletLoss(mining: .all)
    private let images: [Float]
    private let people: [Int]
    private var parameters: NetworkParameters
    private var optimizer: Optimizer
    private var gradients: [Float]

    init(batch: Int, threads: Int) throws {
        let graph = try mobileFaceNet()
        network = try DifferentiableNetwork(graph, batch: batch, threads: threads)
        parameters = NetworkParameters(graph, seed: 1)
        optimizer = Optimizer(
            .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8), weightDecay: 0, clipNorm: nil,
            parameters: parameters)
        gradients = [Float](repeating: 0, count: parameters.values.count)
        var numbers = NormalNumbers(seed: 1)
        images = (0..<batch * graph.inputShape.count).map { _ in numbers.next() }
        people = (0..<batch).map { $0 / 4 }
    }

    func run() throws {
        let dimension = network.graph.outputShape.count
        let outputs = try network.forward(images, &parameters)
        let unit = try UnitLength.forward(outputs, dimension: dimension)
        var own: [Float] = []
        let result = try loss.evaluate(
            unit.rows, dimension: dimension, people: people, own: [], ownGradient: &own, seed: 1)
        let gradient = UnitLength.backward(
            result.gradient, unit: unit.rows, lengths: unit.lengths, dimension: dimension)
        try network.backward(gradient, into: &gradients)
        optimizer.step(&parameters, gradients: &gradients, learningRate: 1e-6)
    }
}

private func peerSeconds(
    _ python: String, _ batch: Int, _ threads: Int, _ layout: String
) throws -> [Double] {
    struct Line: Decodable { let seconds: Double }
    let script = "Bench/pytorch-reference/mobilefacenet.py"
    let lines: [Line] = try records(of: python, [script, "\(batch)", "\(threads)", "2", "6", layout])
    guard !lines.isEmpty else { throw BenchFault("\(python) \(script) printed nothing") }
    return lines.map(\.seconds)
}

private func middle(_ times: [Double]) -> Double {
    let sorted = times.sorted()
    return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
}
