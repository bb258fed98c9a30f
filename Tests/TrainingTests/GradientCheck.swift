import Network

@testable import Training

/// Compares gradients with central differences of the loss `Σ weight × output`.
struct GradientCheck {
    let graph: Graph
    /// Half the distance of the two points of a difference: small where a kink may lie between them.
    var step: Float = 2e-3
    let batch: Int
    var images: [Float]
    var parameters: NetworkParameters
    var outputWeights: [Float]
    /// Names of layers that learn nothing.
    var frozen: Set<String> = []

    init(_ graph: Graph, batch: Int = 3, seed: UInt64 = 1) {
        self.graph = graph
        self.batch = batch
        var numbers = NormalNumbers(seed: seed, stream: 1000)
        images = (0..<batch * graph.inputShape.count).map { _ in numbers.next() }
        outputWeights = (0..<batch * graph.outputShape.count).map { _ in numbers.next() }
        parameters = NetworkParameters(graph, seed: seed)
        // Nothing at a special value: a scale of 1 or a shift of 0 would hide mistakes.
        for entry in parameters.entries where entry.role.isTrained && entry.role != .weight {
            for place in entry.range { parameters.values[place] += 0.2 * numbers.next() }
        }
    }

    func gradients() throws -> [Float] {
        let network = try DifferentiableNetwork(graph, batch: batch, threads: 1, frozen: frozen)
        var copy = parameters
        var gradients = [Float](repeating: .nan, count: copy.values.count)
        _ = try network.forward(images, &copy, dropoutSeed: 7)
        try network.backward(outputWeights, into: &gradients)
        return gradients
    }

    /// The largest distance between a gradient and its central difference, in units of the tensor's largest.
    func worstError(of gradients: [Float], every stride: Int = 1) throws -> (name: String, error: Float) {
        let network = try DifferentiableNetwork(graph, batch: batch, threads: 1, frozen: frozen)
        func loss(_ place: Int, _ step: Float) throws -> Double {
            var copy = parameters
            copy.values[place] += step
            let output = try network.forward(images, &copy, dropoutSeed: 7)
            return zip(output, outputWeights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        var worst = (name: "", error: Float(0))
        // Gradients that are 0 but for rounding, as a bias's before its mean is subtracted, have no own scale.
        let floor = gradients.reduce(Float(0)) { max($0, abs($1)) } / 50
        for entry in parameters.entries where entry.role.isTrained && !entry.isOf(frozen) {
            let largest = entry.range.reduce(floor) { max($0, abs(gradients[$1])) }
            for place in Swift.stride(from: entry.range.lowerBound, to: entry.range.upperBound, by: stride) {

                let difference = Float(try (loss(place, step) - loss(place, -step)) / Double(2 * step))
                let error = abs(difference - gradients[place]) / largest
                if !(error <= worst.error) { worst = (entry.name, error) }
            }
        }
        return worst
    }
}
