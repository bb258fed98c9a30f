import TestSupport
import Testing

@testable import Network

@Suite("Graphs rewritten for the machine")
struct PlanTests {
    private static let shape = TensorShape(channels: 3, height: 11, width: 9)

    private func images(_ count: Int, _ shape: TensorShape = shape) -> [[Float]] {
        var random = SeededGenerator(seed: 7)
        return (0..<count).map { _ in (0..<shape.count).map { _ in random.signedUnit() } }
    }

    private func expectSame(_ graph: Graph, count: Int = 3, within tolerance: Float = 2e-5) throws {
        let weights = try tensors(of: graph)
        let images = images(count, graph.inputShape)
        let fast = try execute(graph, weights, images)
        for (image, result) in zip(images, fast) {
            let plain = try LayerByLayer.run(graph, weights, image)
            #expect(plain.contains { abs($0) > 1e-3 })
            #expect(distance(result, plain) <= tolerance)
        }
    }

    private func convolution(_ filters: Int, _ window: Window = Window(3, padding: 1), groups: Int = 1)
        -> GraphLayer
    {
        .convolution(filters: filters, window: window, groups: groups, bias: true)
    }

    @Test("scalings, relu and bridges folded into convolutions change no answer")
    func folding() throws {
        var graph = try Graph(input: Self.shape)
        var x = try graph.add("a", convolution(32), [graph.input])
        x = try graph.add("a.normalised", .batchNormalization(epsilon: 1e-3), [x])
        x = try graph.add("a.affine", .affine, [x])
        x = try graph.add("a.relu", .relu, [x])
        for block in 0..<2 {
            var y = try graph.add("\(block).first", convolution(32), [x])
            y = try graph.add("\(block).first.relu", .relu, [y])
            y = try graph.add("\(block).second", convolution(32), [y])
            y = try graph.add("\(block).second.affine", .affine, [y])
            y = try graph.add("\(block).sum", .add, [y, x])
            x = try graph.add("\(block).relu", .relu, [y])
        }
        let plan = try Plan(graph, weights: tensors(of: graph))
        #expect(plan.steps.count == 5)
        try expectSame(graph)
    }

    @Test("a bridge that is read again later is not written over")
    func laterReader() throws {
        var graph = try Graph(input: Self.shape)
        let x = try graph.add("x", convolution(16), [graph.input])
        let y = try graph.add("y", convolution(16), [x])
        let sum = try graph.add("sum", .add, [y, x])
        let z = try graph.add("z", convolution(16), [sum])
        try graph.add("end", .add, [z, x])
        try expectSame(graph)
    }

    @Test("two convolutions may meet in one sum, and a value may be added to itself")
    func meetingConvolutions() throws {
        var graph = try Graph(input: Self.shape)
        let left = try graph.add("left", convolution(16), [graph.input])
        let right = try graph.add("right", convolution(16), [graph.input])
        let sum = try graph.add("sum", .add, [left, right])
        let twice = try graph.add("twice", .add, [sum, sum])
        try graph.add("relu", .relu, [twice])
        try expectSame(graph)
    }

    @Test("the input may be a bridge, and stays as it was")
    func inputBridge() throws {
        var graph = try Graph(input: Self.shape)
        let x = try graph.add("x", convolution(3), [graph.input])
        let sum = try graph.add("sum", .add, [x, graph.input])
        try graph.add("end", .add, [sum, graph.input])
        try expectSame(graph)
    }

    @Test("scalings without weights before them, odd channels and groups work alone")
    func looseLayers() throws {
        var graph = try Graph(input: Self.shape)
        var x = try graph.add("affine", .affine, [graph.input])
        x = try graph.add("relu", .relu, [x])
        x = try graph.add("grouped", convolution(21, groups: 3), [x])
        x = try graph.add("pooled", .maxPooling(Window(3, stride: 2, padding: 1)), [x])
        x = try graph.add("normalised", .batchNormalization(epsilon: 1e-5), [x])
        x = try graph.add("mean", .averagePooling(Window(2, padding: 1)), [x])
        x = try graph.add("relu2", .relu, [x])
        x = try graph.add("fc", .fullyConnected(outputs: 7, bias: true), [x])
        x = try graph.add("fc.affine", .affine, [x])
        try graph.add("fc.relu", .relu, [x])
        try expectSame(graph)
    }

    @Test(
        "blocks that halve and widen agree with the plain way, at odd and even sizes", arguments: [9, 11, 12])
    func halvingBlocks(side: Int) throws {
        var graph = try Graph(input: TensorShape(channels: 3, height: side, width: side + 1))
        var x = try graph.add("stem", convolution(16), [graph.input])
        for (block, filters) in [32, 40].enumerated() {
            var y = try graph.add("\(block).first", convolution(filters, Window(3, stride: 2)), [x])
            y = try graph.add("\(block).first.relu", .relu, [y])
            y = try graph.add("\(block).second", convolution(filters), [y])
            y = try graph.add("\(block).second.affine", .affine, [y])
            let bridge = try graph.add("\(block).bridge", .averagePooling(Window(2, stride: 2)), [x])
            x = try graph.add("\(block).relu", .relu, [try graph.add("\(block).sum", .add, [y, bridge])])
        }
        x = try graph.add("pooling", .globalAveragePooling, [x])
        try graph.add("embedding", .fullyConnected(outputs: 8, bias: false), [x])
        try expectSame(graph)
    }

    @Test("any number of images gives what each gives alone", arguments: [0, 1, 5, 16, 19])
    func batches(count: Int) throws {
        var graph = try Graph(input: Self.shape)
        let x = try graph.add("x", convolution(16), [graph.input])
        try graph.add("y", .globalAveragePooling, [try graph.add("sum", .add, [x, graph.input])])
        let weights = try tensors(of: graph)
        let images = images(count)
        let together = try execute(graph, weights, images)
        #expect(together.count == count)
        for (image, result) in zip(images, together) {
            #expect(distance(result, try execute(graph, weights, [image])[0]) < 1e-5)
        }
    }

    @Test("a layer whose tensor is missing is named")
    func missingTensor() throws {
        var graph = try Graph(input: Self.shape)
        try graph.add("x", convolution(16), [graph.input])
        let none = try SafeTensors(bytes: SafeTensors.encode([]), path: "empty.safetensors")
        let error = #expect(throws: NetworkError.self) { try Executor(graph, weights: none, threads: 1) }
        #expect(error?.description == "empty.safetensors cannot be used as weights: tensor x.weight is missing")
    }

    @Test("impossible thread counts are refused", arguments: [0, -1, 1000])
    func threadCounts(threads: Int) throws {
        let graph = try Graph(input: Self.shape)
        let error = #expect(throws: NetworkError.self) {
            try Executor(graph, weights: tensors(of: graph), threads: threads)
        }
        #expect(error?.description == "threads \(threads) is outside 1...256")
    }
}
