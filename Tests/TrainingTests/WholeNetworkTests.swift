import Foundation
import Network
import TestSupport
import Testing
import Training

@Suite("A network of every layer learns as PyTorch's does")
struct WholeNetworkTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures")

    @Test("loss, gradients and running statistics agree with stored values")
    func stored() throws {
        try compare(with: Self.fixtures.appendingPathComponent("network.safetensors").path)
    }

    @Test("they agree with PyTorch's of this machine", .enabled(if: PyTorch.interpreter != nil))
    func live() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/network.safetensors"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(PyTorch.interpreter))
        process.arguments = [Self.fixtures.appendingPathComponent("network.py").path, path]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        try compare(with: path)
    }

    private func compare(with path: String) throws {
        let reference = try SafeTensors(
            bytes: [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))), path: path)
        let graph = try Self.graph()
        var parameters = try NetworkParameters(graph, weights: reference)
        let images = try reference.values("images", shape: [8, 16, 16, 3])
        let network = try DifferentiableNetwork(graph, batch: 8, threads: 1)
        let outputs = try network.forward(images, &parameters)
        let unit = try UnitLength.forward(outputs, dimension: 6)
        var own: [Float] = []
        // With this margin every triplet has a loss.
        let result = try TripletLoss(margin: 5, mining: .all).evaluate(
            unit.rows, dimension: 6, people: (0..<8).map { $0 / 2 }, own: [], ownGradient: &own, seed: 1)
        let expected = try reference.values("loss", shape: [1])[0]
        #expect(abs(result.loss - expected) < 1e-4 * expected)

        var gradients = [Float](repeating: .nan, count: parameters.values.count)
        try network.backward(
            UnitLength.backward(result.gradient, unit: unit.rows, lengths: unit.lengths, dimension: 6),
            into: &gradients)
        let largest = gradients.reduce(0) { max($0, abs($1)) }
        for entry in parameters.entries {
            let ours = entry.role.isTrained ? gradients[entry.range] : parameters.values[entry.range]
            let theirs = try reference.values("after/\(entry.name)", shape: entry.shape)
            // A bias before a batch's mean is subtracted has no gradient but rounding: it is judged by the rest.
            let scale = max(theirs.reduce(0) { max($0, abs($1)) }, largest * 1e-2)
            let worst = zip(ours, theirs).reduce(0) { max($0, abs($1.0 - $1.1)) }
            #expect(worst / scale < 1e-4, "\(entry.name)")
        }
    }

    private static func graph() throws -> Graph {
        var graph = try Graph(input: TensorShape(channels: 3, height: 16, width: 16))
        func convolve(
            _ name: String, _ x: Graph.Value, _ filters: Int, _ window: Window, groups: Int = 1, bias: Bool
        ) throws -> Graph.Value {
            try graph.add(
                name, .convolution(filters: filters, window: window, groups: groups, bias: bias), [x])
        }
        var x = try convolve("stem", graph.input, 8, Window(3, padding: 1), bias: true)
        x = try graph.add("norm", .batchNormalization(epsilon: 1e-5), [x])
        x = try graph.add("prelu", .prelu, [x])
        var y = try convolve("depthwise", x, 8, Window(3, padding: 1), groups: 8, bias: false)
        y = try graph.add("affine.relu", .relu, [try graph.add("affine", .affine, [y])])
        y = try convolve("grouped", y, 8, Window(3, padding: 1), groups: 2, bias: true)
        y = try graph.add("norm2", .batchNormalization(epsilon: 1e-5), [y])
        x = try graph.add("sum.relu", .relu, [try graph.add("sum", .add, [x, y])])
        x = try graph.add("max", .maxPooling(Window(2, stride: 2)), [x])
        let wide = try convolve("wide", x, 20, Window(3, stride: 2), bias: false)
        // Each is filled up: 20 × 3 × 3 has more channels, 8 × 4 × 4 more rows and columns.
        let bridge = try graph.add("bridge", .averagePooling(Window(2, stride: 2)), [x])
        x = try graph.add("bridged", .add, [wide, bridge])
        x = try graph.add("mean", .averagePooling(Window(2)), [x])
        x = try convolve("global", x, 20, Window(3), groups: 20, bias: false)
        x = try graph.add("plane", .globalAveragePooling, [x])
        x = try graph.add("dense", .fullyConnected(outputs: 6, bias: true), [x])
        try graph.add("norm3", .batchNormalization(epsilon: 1e-5), [x])
        return graph
    }
}
