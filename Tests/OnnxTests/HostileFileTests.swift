import Network
import Onnx
import TestSupport
import Testing

@Suite("ONNX files that are damaged or made to harm")
struct HostileFileTests {
    private func model() -> TestModel {
        var model = TestModel([3, 8, 8])
        let weight = model.constant([4, 3, 3, 3], .floats([Float](repeating: 0.1, count: 108)))
        let x = model.node("Conv", ["x", weight], [("pads", .integers([1, 1, 1, 1]))])
        model.node("Flatten", [model.node("Relu", [x])], output: "y")
        return model
    }

    /// The reason why bytes are refused.
    private func refusal(_ bytes: [UInt8], run: Bool = true) -> String {
        let error = #expect(throws: NetworkError.self) {
            let network = try TensorNetwork(bytes: bytes, path: "bad.onnx")
            let shape = try #require(network.inputShape)
            guard run else {
                _ = try network.graph(shape)
                return
            }
            _ = try network.run(count: 1, input: shape) { _, image in
                for place in 0..<image.count { image[place] = 0 }
            }
        }
        guard case .badModel(let path, let reason)? = error else {
            Issue.record("\(String(describing: error)) is no badModel")
            return ""
        }
        #expect(path == "bad.onnx")
        return reason
    }

    @Test("a file that is cut off anywhere is refused, or is the whole network")
    func truncation() throws {
        let whole = model().encoded
        for count in 0..<whole.count {
            let part = Array(whole[..<count])
            do { _ = try OnnxModel(part) } catch { #expect(!error.description.isEmpty) }
        }
        _ = try OnnxModel(whole)
    }

    @Test("shapes that lie, overflow or are negative are refused before anything is allocated")
    func lyingShapes() {
        for shape in [
            [4, 3, 3, 4], [4, 3, 3], [1 << 40, 1 << 40], [-1, -108], [Int.min], [1 << 62, 4, 0],
            [1, 1, 1, 1, 1, 1, 1, 1, 108],
        ] {
            var bad = model()
            bad.constants[0].shape = shape
            #expect(refusal(bad.encoded).contains("tensor c0"))
        }
        var empty = model()
        empty.constants[0] = ("c0", [4, 3, 0, 3], .floats([]))
        #expect(refusal(empty.encoded).contains("window"))
    }

    @Test("weights in other files, segments and unknown types are refused")
    func foreignTensors() {
        var external = model()
        external.extraInTensor.number(14, 1)
        #expect(refusal(external.encoded).contains("another file"))
        var named = model()
        var place = Wire()
        place.text(1, "location")
        place.text(2, "/etc/passwd")
        named.extraInTensor.message(13, place)
        #expect(refusal(named.encoded).contains("another file"))
        var cut = model()
        cut.extraInTensor.message(3, Wire())
        #expect(refusal(cut.encoded).contains("segments"))
        var typed = model()
        typed.extraInTensor.number(2, 8)
        #expect(refusal(typed.encoded).contains("type 8"))
    }

    @Test("sub-graphs, functions, training graphs and sparse tensors are refused by name")
    func partsThatAreNotTaken() {
        var loop = model()
        loop.node("Loop", ["x"], [("body", .graph)])
        #expect(refusal(loop.encoded).contains("sub-graph"))
        for (field, word) in [(20, "training"), (25, "functions")] {
            var bad = model()
            bad.extraInModel.message(field, Wire())
            #expect(refusal(bad.encoded).contains(word))
        }
        var sparse = model()
        sparse.extraInGraph.message(15, Wire())
        #expect(refusal(sparse.encoded).contains("sparse"))
    }

    @Test("a few bytes that ask for millions of parts are refused at once")
    func manyParts() {
        var graph = Wire()
        for _ in 0..<1_100_000 { graph.bytes += [0x0a, 0x00] }
        var model = Wire()
        model.message(7, graph)
        #expect(refusal(model.bytes).contains("parts"))
    }

    @Test("messages within messages end at the depth of the format")
    func recursion() {
        // An attribute holds a graph, that a node, that an attribute, and so on.
        var bytes: [UInt8] = []
        for _ in 0..<2_000 {
            for field in [7, 1, 5, 6] {
                var outer = Wire()
                outer.data(field, bytes)
                bytes = outer.bytes
                if bytes.count > 200_000 { break }
            }
        }
        #expect(throws: OnnxError.self) { try OnnxModel(bytes) }
    }

    @Test("values and windows of impossible sizes are refused before anything is allocated")
    func impossibleSizes() {
        for input in [[1 << 16, 1 << 16, 1 << 16], [65536, 65536]] {
            var bad = TestModel(input)
            bad.node("Relu", output: "y")
            #expect(!refusal(bad.encoded, run: false).isEmpty)
        }
        for attributes in [
            [("pads", TestModel.Attribute.integers([1 << 20, 0, 0, 0]))], [("strides", .integers([0, 1]))],
            [("dilations", .integers([Int.max, 1]))], [("pads", .integers([-1, 0, 0, 0]))],
            [("group", .integer(Int.min))], [("group", .integer(0))],
        ] {
            var bad = model()
            bad.nodes[0].attributes = attributes
            #expect(refusal(bad.encoded).contains("v1"))
        }
        var framed = TestModel([2, 2, 2])
        framed.node("Pad", ["x", framed.list([0, 1 << 19, 1 << 19, 1 << 19, 0, 0, 0, 0])], output: "y")
        #expect(refusal(framed.encoded).contains("numbers"))
        var resized = TestModel([64, 2, 2])
        resized.node("Resize", ["x", "", "", resized.list([1, 64, 65536, 65536])], output: "y")
        #expect(refusal(resized.encoded).contains("numbers"))
    }

    @Test("names that nothing makes, that come twice or go in a circle are refused")
    func names() {
        var missing = model()
        missing.nodes[1].inputs = ["nothing"]
        #expect(refusal(missing.encoded).contains("reads nothing"))
        var twice = model()
        twice.nodes[1].outputs = ["v1"]
        #expect(refusal(twice.encoded).contains("v1 is made twice"))
        var circle = model()
        circle.nodes[0].inputs[0] = "y"
        #expect(refusal(circle.encoded).contains("reads y"))
        var double = model()
        double.constants.append(double.constants[0])
        #expect(refusal(double.encoded).contains("two tensors"))
        var lost = model()
        lost.outputs = ["z"]
        #expect(refusal(lost.encoded).contains("z"))
    }

    @Test("an operator that is not known is named with its node, and what to do")
    func unknownOperator() {
        var bad = model()
        bad.nodes[1].operation = "NonMaxSuppression"
        let reason = refusal(bad.encoded)
        #expect(reason.contains("node v2 (NonMaxSuppression)") && reason.contains("docs/networks.md"))
        var spaced = model()
        spaced.node(
            "MaxPool", ["x"], [("kernel_shape", .integers([2, 2])), ("dilations", .integers([2, 2]))],
            output: "z")
        spaced.outputs = ["z"]
        #expect(refusal(spaced.encoded).contains("dilations"))
        var foreign = model()
        foreign.opset = 6
        #expect(refusal(foreign.encoded).contains("operator set is 6"))
    }

    @Test("weights that are not finite are refused")
    func notFinite() {
        for value in [Float.nan, .infinity] {
            var bad = model()
            bad.constants[0].values = .floats([Float](repeating: value, count: 108))
            let error = #expect(throws: NetworkError.self) {
                let network = try TensorNetwork(bytes: bad.encoded, path: "bad.onnx")
                _ = try network.run(count: 1, input: TensorShape(channels: 3, height: 8, width: 8)) { _, _ in }
            }
            if case .badWeights? = error {} else { Issue.record("\(String(describing: error))") }
        }
    }

    @Test("any change of a file's bytes leaves a network or an error, in bounded time")
    func fuzz() throws {
        var seeds: [[UInt8]] = [model().encoded]
        for cases in [
            movementCases, windowCases, reductionCases, resizingCases, combinationCases, activationCases,
        ] {
            for one in cases {
                var built = TestModel(one.input)
                one.build(&built)
                seeds.append(built.encoded)
            }
        }
        var mutations = Mutations(of: seeds, seed: 20_261_127)
        let time = FuzzTime()
        let clock = ContinuousClock()
        var (files, networks, runs, longest) = (0, 0, 0, Duration.zero)
        while time.isLeft {
            let bytes = mutations.next()
            files += 1
            let start = clock.now
            defer { longest = max(longest, clock.now - start) }
            guard let network = try? TensorNetwork(bytes: bytes, path: "fuzzed.onnx"),
                let shape = network.inputShape, shape.count < 100_000,
                (try? network.graph(shape))?.nodes.allSatisfy({ $0.shape.count < 1_000_000 }) == true
            else { continue }
            networks += 1
            let outputs = try? network.run(count: 1, input: shape) { _, image in
                for place in 0..<image.count { image[place] = 1 }
            }
            if outputs != nil { runs += 1 }
        }
        let counts = "\(files) files: \(networks) networks, \(runs) of them run; the slowest took \(longest)"
        if files > 20_000 { print(counts) }
        #expect(files > 20)
        #expect(longest < .seconds(60))
        #expect(time.growth < 1 << 30)
    }
}
