import Testing

@testable import Network

@Suite("Layers, by hand")
struct LayerTests {
    private func single(
        _ layer: GraphLayer, _ shape: TensorShape, _ image: [Float], _ weights: [String: [Float]] = [:]
    ) throws -> [Float] {
        var graph = try Graph(input: shape)
        try graph.add("layer", layer, [graph.input])
        return try execute(graph, tensors(of: graph, weights), [image])[0]
    }

    private func plane(_ height: Int, _ width: Int) -> TensorShape {
        TensorShape(channels: 1, height: height, width: width)
    }

    @Test("a convolution is the sum of products under its window, plus its bias")
    func convolution() throws {
        let layer = GraphLayer.convolution(filters: 1, window: Window(2), groups: 1, bias: true)
        let weights: [String: [Float]] = ["layer.weight": [1, 2, 3, 4], "layer.bias": [10]]
        let image: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
        #expect(try single(layer, plane(3, 3), image, weights) == [47, 57, 77, 87])
    }

    @Test("a convolution's padding is zeros and its stride skips windows")
    func strideAndPadding() throws {
        let layer = GraphLayer.convolution(
            filters: 1, window: Window(3, stride: 2, padding: 1), groups: 1, bias: false)
        let weights = ["layer.weight": [Float](repeating: 1, count: 9)]
        let image: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
        #expect(try single(layer, plane(3, 3), image, weights) == [12, 16, 24, 28])
    }

    @Test("a grouped convolution keeps its groups of channels apart")
    func groups() throws {
        let layer = GraphLayer.convolution(filters: 4, window: Window(1), groups: 2, bias: false)
        let shape = TensorShape(channels: 4, height: 1, width: 1)
        let weights: [String: [Float]] = ["layer.weight": [1, 10, 2, 20, 3, 30, 4, 40]]
        #expect(try single(layer, shape, [1, 2, 3, 4], weights) == [21, 42, 129, 172])
    }

    @Test("an affine layer scales and shifts each channel by its own numbers")
    func affine() throws {
        let shape = TensorShape(channels: 2, height: 1, width: 2)
        let weights: [String: [Float]] = ["layer.scale": [2, -1], "layer.shift": [1, 0.5]]
        #expect(try single(.affine, shape, [1, 2, 3, 4], weights) == [3, 5, -2.5, -3.5])
    }

    @Test("batch normalisation takes mean and variance away, then scales and shifts")
    func batchNormalization() throws {
        let weights: [String: [Float]] = [
            "layer.scale": [3], "layer.shift": [1], "layer.mean": [2], "layer.variance": [3],
        ]
        let result = try single(.batchNormalization(epsilon: 1), plane(1, 2), [4, 2], weights)
        #expect(distance(result, [4, 1]) < 1e-6)
    }

    @Test("relu keeps what is positive")
    func relu() throws {
        #expect(try single(.relu, plane(1, 3), [-1, 0, 2]) == [0, 0, 2])
    }

    @Test("max pooling takes the largest of a window, and padding never wins")
    func maxPooling() throws {
        let image: [Float] = [-1, -2, -3, -4, -5, -6, -7, -8, -9]
        #expect(try single(.maxPooling(Window(2)), plane(3, 3), image) == [-1, -2, -4, -5])
        #expect(
            try single(.maxPooling(Window(3, stride: 2, padding: 1)), plane(3, 3), image) == [-1, -2, -4, -5])
    }

    @Test("a window that does not fit a last time is left out")
    func remainder() throws {
        #expect(try single(.maxPooling(Window(2, stride: 2)), plane(3, 3), [1, 2, 9, 3, 4, 9, 9, 9, 9]) == [4])
    }

    @Test("average pooling divides by the pixels that exist")
    func averagePooling() throws {
        let image: [Float] = [1, 2, 3, 4]
        #expect(try single(.averagePooling(Window(2)), plane(2, 2), image) == [2.5])
        #expect(
            try single(.averagePooling(Window(2, stride: 2, padding: 1)), plane(2, 2), image) == [1, 2, 3, 4])
    }

    @Test("global average pooling gives the mean of each plane")
    func globalAveragePooling() throws {
        let shape = TensorShape(channels: 2, height: 2, width: 2)
        #expect(try single(.globalAveragePooling, shape, [1, 2, 3, 4, 5, 5, 5, 9]) == [2.5, 6])
    }

    @Test("a fully connected layer weighs every value of an image, planes first")
    func fullyConnected() throws {
        let shape = TensorShape(channels: 2, height: 1, width: 2)
        let weights: [String: [Float]] = ["layer.weight": [1, 2, 3, 4, 0, 0, 0, 1], "layer.bias": [100, 0]]
        #expect(try single(.fullyConnected(outputs: 2, bias: true), shape, [1, 2, 3, 4], weights) == [130, 4])
    }

    @Test("a sum fills the smaller input with zeros, in channels, rows and columns")
    func unevenSum() throws {
        var graph = try Graph(input: TensorShape(channels: 1, height: 2, width: 2))
        let layer = GraphLayer.convolution(filters: 2, window: Window(1, stride: 2), groups: 1, bias: false)
        let small = try graph.add("small", layer, [graph.input])
        try graph.add("sum", .add, [small, graph.input])
        let weights = try tensors(of: graph, ["small.weight": [10, 20]])
        #expect(try execute(graph, weights, [[1, 2, 3, 4]])[0] == [11, 2, 3, 4, 20, 0, 0, 0])
    }

    @Test("a graph of nothing but its input gives its input back, planes first")
    func identity() throws {
        let graph = try Graph(input: TensorShape(channels: 2, height: 1, width: 2))
        #expect(try execute(graph, tensors(of: graph), [[1, 2, 3, 4]])[0] == [1, 2, 3, 4])
    }
}

@Suite("Graphs")
struct GraphTests {
    private static let shape = TensorShape(channels: 4, height: 5, width: 5)

    private func refusal(_ layer: GraphLayer, inputs: Int = 1) -> NetworkError? {
        #expect(throws: NetworkError.self) {
            var graph = try Graph(input: Self.shape)
            try graph.add("bad", layer, [Graph.Value](repeating: graph.input, count: inputs))
        }
    }

    @Test("layers that do not fit are refused by name")
    func misfits() throws {
        let window = GraphLayer.convolution(filters: 1, window: Window(7), groups: 1, bias: false)
        #expect(refusal(window)?.description == "layer bad: a 7×7 window does not fit into 4×5×5")
        let groups = GraphLayer.convolution(filters: 4, window: Window(1), groups: 3, bias: false)
        #expect(refusal(groups)?.description.hasPrefix("layer bad: 3 groups divide neither") == true)
        #expect(refusal(.add)?.description == "layer bad: takes 2 inputs, has 1")
        #expect(refusal(.relu, inputs: 2)?.kind == .badData)
        #expect(refusal(.maxPooling(Window(2, padding: 2))) != nil)
        #expect(refusal(.maxPooling(Window(2, stride: 0))) != nil)
        #expect(refusal(.fullyConnected(outputs: 0, bias: false)) != nil)
        #expect(throws: NetworkError.self) { try Graph(input: TensorShape(channels: 0, height: 1, width: 1)) }
    }

    @Test("a name is given once")
    func names() throws {
        var graph = try Graph(input: Self.shape)
        try graph.add("one", .relu, [graph.input])
        #expect(throws: NetworkError.badGraph(layer: "one", reason: "the name is empty or taken")) {
            try graph.add("one", .relu, [graph.input])
        }
    }

    @Test("a summary has a line a layer, shapes, parameters, multiplications and totals")
    func summary() throws {
        var graph = try Graph(input: Self.shape)
        let wide = GraphLayer.convolution(filters: 100, window: Window(3), groups: 1, bias: true)
        let x = try graph.add("wide", wide, [graph.input])
        try graph.add("end", .globalAveragePooling, [x])
        #expect(
            graph.summary() == """
                layer   output  parameters  multiplications
                input    4×5×5           0                0
                wide   100×3×3       3,700           32,400
                end    100×1×1           0                0
                total  100×1×1       3,700           32,400

                """)
    }

    @Test("multiplications are those of convolutions by group, of matrices, and of nothing else")
    func multiplications() throws {
        var graph = try Graph(input: TensorShape(channels: 4, height: 5, width: 5))
        let depthwise = GraphLayer.convolution(
            filters: 4, window: Window(3, padding: 1), groups: 4, bias: false)
        let x = try graph.add("depthwise", depthwise, [graph.input])
        let y = try graph.add("relu", .relu, [x])
        try graph.add("matrix", .fullyConnected(outputs: 7, bias: true), [y])
        #expect(graph.nodes.map(graph.multiplications) == [0, 4 * 25 * 9, 0, 7 * 100])
        // 24,385,536 = 32 filters × 72 × 72 places × 3 colours × 7 × 7.
        let stem = try resNet29(side: 150, dimension: 128)
        #expect(stem.nodes.map(stem.multiplications).first { $0 > 0 } == 24_385_536)
    }

    @Test("the face network has 29 convolutions and the parameters of dlib's")
    func faceNetwork() throws {
        let graph = try resNet29(side: 150, dimension: 128)
        let convolutions = graph.nodes.filter { if case .convolution = $0.layer { true } else { false } }
        #expect(convolutions.count == 29)
        #expect(graph.parameterCount == 5_614_592)
        #expect(graph.outputShape == TensorShape(channels: 128, height: 1, width: 1))
    }
}
