import TestSupport
import Testing

@testable import Network

@Suite("Architectures")
struct ArchitectureTests {
    @Test("the small tower has 896 + 18,496 + 7,372,928 parameters at side 128")
    func siameseParameters() throws {
        let graph = try siameseSmall()
        #expect(graph.nodes.map(\.parameterCount).filter { $0 > 0 } == [896, 18_496, 7_372_928])
        #expect(graph.parameterCount == 7_392_320)
        #expect(graph.outputShape == TensorShape(channels: 128, height: 1, width: 1))
    }

    @Test("MobileFaceNet has 1,022,720 parameters and filters as large as what is left")
    func mobileParameters() throws {
        let graph = try mobileFaceNet()
        #expect(graph.parameterCount == 1_022_720)
        let last = try #require(graph.nodes.first { $0.name == "global.convolution" })
        #expect(last.layer == .convolution(filters: 512, window: Window(7), groups: 512, bias: false))
        #expect(graph.nodes.count { $0.layer == .add } == 4 + 6 + 2)
    }

    @Test("MobileFaceNet takes any side from 32", arguments: [32, 33, 47, 64, 112, 128, 150])
    func sides(side: Int) throws {
        #expect(try mobileFaceNet(side: side).outputShape == TensorShape(channels: 128, height: 1, width: 1))
    }

    @Test("sides and rates that cannot work are refused", arguments: Architecture.allCases)
    func refusals(architecture: Architecture) {
        #expect(throws: NetworkError.self) { try architecture.graph(side: 8) }
        #expect(throws: NetworkError.self) { try architecture.graph(side: 128, dimension: 0) }
        #expect(throws: NetworkError.self) { try architecture.graph(side: 128, dropout: 1) }
    }

    @Test("dropout changes neither tensors nor what is computed", arguments: Architecture.allCases)
    func dropout(architecture: Architecture) throws {
        let side = architecture == .resNet29 ? 128 : 48
        let plain = try architecture.graph(side: side, dimension: 16)
        let dropping = try architecture.graph(side: side, dimension: 16, dropout: 0.4)
        let parameters = NetworkParameters(plain, seed: 1)
        #expect(parameters.entries == NetworkParameters(dropping, seed: 1).entries)
        let image = randomImages(1, plain.inputShape)
        #expect(try execute(plain, parameters, image) == execute(dropping, parameters, image))
    }

    @Test("the fast way agrees with the plain way", arguments: [Architecture.mobileFaceNet, .siameseSmall])
    func agreement(architecture: Architecture) throws {
        let side = architecture == .siameseSmall ? 22 : 33
        let graph = try architecture.graph(side: side, dimension: 8)
        let weights = try tensors(of: graph)
        let images = randomImages(2, graph.inputShape)
        for (image, result) in zip(images, try execute(graph, weights, images)) {
            let plain = try LayerByLayer.run(graph, weights, image)
            let largest = plain.reduce(0) { max($0, abs($1)) }
            #expect(largest > 1e-3)
            #expect(distance(result, plain) <= 2e-5 * max(largest, 1))
        }
    }

    private func randomImages(_ count: Int, _ shape: TensorShape) -> [[Float]] {
        var random = SeededGenerator(seed: 11)
        return (0..<count).map { _ in (0..<shape.count).map { _ in random.signedUnit() } }
    }
}

@Suite("PReLU")
struct PReLUTests {
    private static let shape = TensorShape(channels: 5, height: 7, width: 9)

    private func expectSame(_ graph: Graph, at location: SourceLocation = #_sourceLocation) throws {
        let weights = try tensors(of: graph)
        var random = SeededGenerator(seed: 5)
        let images = (0..<3).map { _ in (0..<graph.inputShape.count).map { _ in random.signedUnit() } }
        for (image, result) in zip(images, try execute(graph, weights, images)) {
            let plain = try LayerByLayer.run(graph, weights, image)
            #expect(distance(result, plain) <= 2e-5, sourceLocation: location)
        }
    }

    private func convolution(_ filters: Int, _ window: Window, groups: Int = 1) -> GraphLayer {
        .convolution(filters: filters, window: window, groups: groups, bias: false)
    }

    @Test("a negative value is multiplied with its channel's slope")
    func byHand() throws {
        var graph = try Graph(input: TensorShape(channels: 2, height: 1, width: 3))
        try graph.add("layer", .prelu, [graph.input])
        let weights = try tensors(of: graph, ["layer.slope": [0.5, -2]])
        #expect(try execute(graph, weights, [[-4, 0, 4, -1, 0, 1]]) == [[-2, 0, 4, 2, 0, 1]])
    }

    @Test("the input stays as it was for who reads it later")
    func inputStays() throws {
        var graph = try Graph(input: Self.shape)
        let x = try graph.add("prelu", .prelu, [graph.input])
        try graph.add("sum", .add, [x, graph.input])
        try expectSame(graph)
    }

    @Test("a value that several read is not written over, also through dropout")
    func severalReaders() throws {
        var graph = try Graph(input: Self.shape)
        let x = try graph.add("x", convolution(16, Window(3, padding: 1)), [graph.input])
        let dropped = try graph.add("dropout", .dropout(rate: 0.5), [x])
        let y = try graph.add("y", .prelu, [dropped])
        let z = try graph.add("z", .prelu, [x])
        let sum = try graph.add("sum", .add, [y, z])
        try graph.add("end", .add, [sum, x])
        try expectSame(graph)
    }

    @Test("it follows convolutions of one channel each, strides, sums and matrices")
    func everywhere() throws {
        var graph = try Graph(input: Self.shape)
        var x = try graph.add("wide", convolution(24, Window(1)), [graph.input])
        x = try graph.add("wide.normalization", .batchNormalization(epsilon: 1e-5), [x])
        x = try graph.add("wide.prelu", .prelu, [x])
        var y = try graph.add("each", convolution(24, Window(3, padding: 1), groups: 24), [x])
        y = try graph.add("each.prelu", .prelu, [y])
        x = try graph.add("sum", .add, [y, x])
        x = try graph.add("sum.prelu", .prelu, [x])
        x = try graph.add("half", convolution(24, Window(3, stride: 2, padding: 1), groups: 24), [x])
        x = try graph.add("half.prelu", .prelu, [x])
        x = try graph.add("rest", convolution(24, Window(height: 4, width: 5), groups: 24), [x])
        x = try graph.add("matrix", .fullyConnected(outputs: 7, bias: true), [x])
        x = try graph.add("matrix.prelu", .prelu, [x])
        try graph.add("matrix.affine", .affine, [x])
        try expectSame(graph)
    }
}

@Suite("Weights in memory")
struct WeightSourceTests {
    @Test("parameters answer as a file of them does, and refuse as it does")
    func parameters() throws {
        let graph = try siameseSmall(side: 16, dimension: 4)
        var parameters = NetworkParameters(graph, seed: 3)
        let file = try SafeTensors(bytes: parameters.encoded(), path: "memory")
        for entry in parameters.entries {
            #expect(
                try parameters.values(entry.name, shape: entry.shape)
                    == file.values(entry.name, shape: entry.shape))
        }
        #expect(throws: NetworkError.self) { try parameters.values("none", shape: [1]) }
        #expect(throws: NetworkError.self) { try parameters.values("embedding.bias", shape: [2, 2]) }
        parameters.values[0] = .nan
        let error = #expect(throws: NetworkError.self) { try execute(graph, parameters, []) }
        #expect(error?.description.contains("block1.convolution.weight") == true)
    }
}
