import Network
import Testing

@testable import Training

@Suite("Gradients of layers agree with central differences")
struct LayerGradientTests {
    /// A convolution, the layers under test and a fully connected one: gradients must pass through them.
    private func graph(
        side: Int = 8, _ build: (inout Graph, Graph.Value) throws -> Graph.Value
    ) throws -> Graph {
        var graph = try Graph(input: TensorShape(channels: 3, height: side, width: side))
        let first = try graph.add(
            "first", .convolution(filters: 8, window: Window(3, padding: 1), groups: 1, bias: true),
            [graph.input])
        let last = try build(&graph, first)
        try graph.add("last", .fullyConnected(outputs: 4, bias: true), [last])
        return graph
    }

    private func expectAgreement(
        _ graph: Graph, within tolerance: Float = 5e-3, _ place: SourceLocation = #_sourceLocation
    ) throws {
        let check = GradientCheck(graph)
        let worst = try check.worstError(of: try check.gradients(), every: 3)
        #expect(worst.error < tolerance, "\(worst.name)", sourceLocation: place)
    }

    @Test("convolution, plain, strided, in groups and depthwise")
    func convolutions() throws {
        let kinds: [(filters: Int, window: Window, groups: Int, bias: Bool)] = [
            (16, Window(3, padding: 1), 1, true), (6, Window(3, stride: 2), 1, false),
            (12, Window(1), 1, false),
            (16, Window(3, padding: 1), 2, true), (8, Window(3, padding: 1), 8, false),
            (8, Window(3, stride: 2, padding: 1), 8, true), (8, Window(8), 8, false),
        ]
        for kind in kinds {
            try expectAgreement(
                try graph { graph, x in
                    try graph.add(
                        "tested",
                        .convolution(
                            filters: kind.filters, window: kind.window, groups: kind.groups, bias: kind.bias),
                        [x])
                })
        }
    }

    @Test("batch normalisation and fixed scaling, with and without relu")
    func normalizations() throws {
        for layer in [GraphLayer.batchNormalization(epsilon: 1e-5), .affine] {
            try expectAgreement(try graph { graph, x in try graph.add("tested", layer, [x]) }, within: 2e-2)
            try expectAgreement(
                try graph { graph, x in
                    try graph.add("relu", .relu, [try graph.add("tested", layer, [x])])
                }, within: 5e-2)
        }
    }

    @Test("relu, prelu and dropout")
    func activations() throws {
        // Steps of central differences cross a few kinks.
        for layer in [GraphLayer.relu, .prelu] {
            try expectAgreement(
                try graph { graph, x in try graph.add("tested", layer, [x]) }, within: 5e-2)
        }
        try expectAgreement(try graph { graph, x in try graph.add("tested", .dropout(rate: 0.4), [x]) })
    }

    @Test("pooling: largest, mean, mean of the plane")
    func poolings() throws {
        let layers: [(GraphLayer, Float)] = [
            (.maxPooling(Window(2, stride: 2)), 5e-2), (.maxPooling(Window(3, stride: 2, padding: 1)), 5e-2),
            (.averagePooling(Window(2, stride: 2)), 5e-3),
            (.averagePooling(Window(3, stride: 2, padding: 1)), 5e-3), (.globalAveragePooling, 5e-3),
        ]
        for (layer, tolerance) in layers {
            try expectAgreement(
                try graph { graph, x in try graph.add("tested", layer, [x]) }, within: tolerance)
        }
    }

    @Test("a sum of equal shapes, and of a smaller one filled with zeros")
    func sums() throws {
        try expectAgreement(
            try graph { graph, x in
                let branch = try graph.add(
                    "branch", .convolution(filters: 8, window: Window(3, padding: 1), groups: 1, bias: false),
                    [x])
                return try graph.add("sum", .add, [x, branch])
            })
        try expectAgreement(
            try graph { graph, x in
                let branch = try graph.add(
                    "branch", .convolution(filters: 16, window: Window(3, stride: 2), groups: 1, bias: false),
                    [x])
                let bridge = try graph.add("bridge", .averagePooling(Window(2, stride: 2)), [x])
                return try graph.add("sum", .add, [branch, bridge])
            })
        try expectAgreement(
            try graph { graph, x in try graph.add("twice", .add, [x, x]) })
    }

    @Test("the same numbers under another shape, between layers that order them otherwise")
    func reshaping() throws {
        try expectAgreement(
            try graph { graph, x in
                let scaled = try graph.add("scaled", .affine, [x])
                let each = try graph.add(
                    "each", .convolution(filters: 8, window: Window(3, stride: 2), groups: 8, bias: false),
                    [scaled])
                let sloped = try graph.add("sloped", .prelu, [each])
                let row = try graph.add("row", .operation(.reshape([-1])), [sloped])
                let wide = try graph.add("wide", .fullyConnected(outputs: 12, bias: true), [row])
                return try graph.add("normal", .batchNormalization(epsilon: 1e-5), [wide])
            })
    }

    @Test("a wrong gradient does not agree")
    func wrongGradientIsFound() throws {
        let check = GradientCheck(
            try graph { graph, x in
                try graph.add(
                    "tested", .convolution(filters: 8, window: Window(3), groups: 1, bias: true), [x])
            })
        for name in ["tested.weight", "tested.bias", "first.weight"] {
            var gradients = try check.gradients()
            let range = try #require(check.parameters.entry(name)).range
            for place in range { gradients[place] *= -1 }
            #expect(try check.worstError(of: gradients, every: 3).error > 0.5)
        }
    }

    @Test("running statistics approach those of the batch, and have no gradient")
    func runningStatistics() throws {
        let graph = try graph { graph, x in try graph.add("tested", .batchNormalization(epsilon: 1e-5), [x]) }
        var check = GradientCheck(graph)
        let gradients = try check.gradients()
        let network = try DifferentiableNetwork(graph, batch: 3, threads: 1)
        for _ in 0..<200 { _ = try network.forward(check.images, &check.parameters) }
        let before = check.parameters
        _ = try network.forward(check.images, &check.parameters)
        for name in ["tested.mean", "tested.variance"] {
            let range = try #require(check.parameters.entry(name)).range
            #expect(range.allSatisfy { gradients[$0] == 0 })
            #expect(range.allSatisfy { abs(check.parameters.values[$0] - before.values[$0]) < 1e-4 })
            #expect(range.contains { abs(check.parameters.values[$0]) > 0.1 })
        }
    }
}
