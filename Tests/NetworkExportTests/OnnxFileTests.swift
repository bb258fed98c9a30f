import Foundation
import Network
import NetworkExport
import TestSupport
import Testing

@Suite("ONNX files")
struct OnnxFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func card(
        _ architecture: Architecture, side: Int, dimension: Int, change: (inout NetworkCard) -> Void = { _ in }
    ) -> NetworkCard {
        var card = NetworkCard(
            name: "mine", architecture: architecture, dimension: dimension,
            input: NetworkCard.Input(side: side, mean: [122.782, 117.001, 104.298], scale: 1 / 64),
            alignment: NetworkCard.Alignment(), license: "mine", source: "a test",
            threshold: NetworkCard.Threshold(similarity: 0.5, falseMatchRate: 0.1, measured: "a test"))
        change(&card)
        return card
    }

    /// Random parameters of which none is what it begins with.
    private func parameters(_ graph: Graph) -> NetworkParameters {
        var parameters = NetworkParameters(graph, seed: 3)
        var random = SeededNumbers(seed: 4)
        for entry in parameters.entries where entry.role != .weight {
            for place in entry.range { parameters.values[place] += 0.3 * random.uniform() }
        }
        return parameters
    }

    private func chips(_ count: Int, side: Int) -> [[UInt8]] {
        var random = SeededNumbers(seed: 6)
        return (0..<count).map { _ in
            (0..<side * side * 3).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        }
    }

    private func largestDifference(_ left: [Float], _ right: [Float]) -> Float {
        left.count == right.count ? zip(left, right).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
    }

    /// The same chips through this program and through onnxruntime.
    private func expectSame(
        _ card: NetworkCard, _ graph: Graph, at location: SourceLocation = #_sourceLocation
    ) throws {
        let parameters = parameters(graph)
        let path = try folder.write(OnnxFile.encode(card, graph, weights: parameters), to: "mine.onnx")
        let network = try EmbeddingNetwork(card: card, graph: graph, parameters: parameters)
        for count in [1, 3] {
            let chips = chips(count, side: card.input.side)
            let own = try network.templates(of: chips)
            let other = try OnnxRuntime.run(path, chips, in: folder)
            #expect(largestDifference(own, other) < 1e-4, sourceLocation: location)
        }
    }

    @Test(
        "onnxruntime gives the same templates, for every architecture",
        .enabled(if: OnnxRuntime.isInstalled, "make test installs onnxruntime"),
        arguments: [
            (Architecture.resNet29, 139, 20), (.mobileFaceNet, 112, 128),
            (.mobileFaceNet, 33, 16), (.siameseSmall, 64, 128),
        ])
    func architectures(architecture: Architecture, side: Int, dimension: Int) throws {
        try expectSame(
            card(architecture, side: side, dimension: dimension),
            architecture.graph(side: side, dimension: dimension, dropout: 0.5))
    }

    @Test(
        "layers mean the same whatever stands before them: padding, windows, sums of unlike shapes, matrices",
        .enabled(if: OnnxRuntime.isInstalled, "make test installs onnxruntime"))
    func everyLayer() throws {
        var graph = try Graph(input: TensorShape(channels: 3, height: 19, width: 19))
        let window = Window(height: 2, width: 3, stride: 2, padding: 1)
        var x = try graph.add(
            "wide", .convolution(filters: 6, window: window, groups: 3, bias: true), [graph.input])
        x = try graph.add("wide.prelu", .prelu, [x])
        let mean = try graph.add("mean", .averagePooling(Window(3, stride: 2, padding: 1)), [graph.input])
        x = try graph.add("sum", .add, [mean, x])
        x = try graph.add("largest", .maxPooling(Window(3, stride: 2, padding: 1)), [x])
        x = try graph.add("normal", .batchNormalization(epsilon: 1e-3), [x])
        let middle = try graph.add("middle", .globalAveragePooling, [x])
        x = try graph.add("matrix", .fullyConnected(outputs: 10, bias: true), [x])
        x = try graph.add("matrix.normal", .batchNormalization(epsilon: 1e-3), [x])
        x = try graph.add("matrix.prelu", .prelu, [x])
        x = try graph.add("matrix.affine", .affine, [x])
        x = try graph.add("meeting", .add, [x, middle])
        try graph.add("end", .relu, [x])
        try expectSame(card(.siameseSmall, side: 19, dimension: 10), graph)
    }

    @Test(
        "as float16 a file is half as large, and onnxruntime gives the templates of the rounded weights",
        .enabled(if: OnnxRuntime.isInstalled, "make test installs onnxruntime"))
    func float16() throws {
        let graph = try Architecture.mobileFaceNet.graph(side: 112, dimension: 128)
        let card = card(.mobileFaceNet, side: 112, dimension: 128)
        let (whole, chips) = (parameters(graph), chips(2, side: 112))
        var rounded = whole
        for entry in rounded.entries where entry.role == .weight {
            for place in entry.range { rounded.values[place] = Float(Float16(whole.values[place])) }
        }
        #expect(rounded.values != whole.values)
        let half = try OnnxFile.encode(card, graph, weights: whole, precision: .float16)
        let full = try OnnxFile.encode(card, graph, weights: whole)
        #expect(Double(half.count) < 0.55 * Double(full.count), "\(half.count) \(full.count)")
        let path = try folder.write(half, to: "half.onnx")
        let other = try OnnxRuntime.run(path, chips, in: folder)
        let own = try EmbeddingNetwork(card: card, graph: graph, parameters: rounded).templates(of: chips)
        #expect(largestDifference(own, other) < 1e-4)
        // Nor is that far from the templates of the weights as they were.
        let before = try EmbeddingNetwork(card: card, graph: graph, parameters: whole).templates(of: chips)
        let cosine = zip(before[..<128], other[..<128]).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        #expect(cosine > 0.999, "\(cosine)")
        // Our own reader takes it.
        let answer = try TensorNetwork(onnx: path).run(
            count: 1, input: TensorShape(channels: 3, height: 112, width: 112)
        ) { _, picture in
            for at in chips[0].indices { picture[at] = Float(chips[0][at]) }
        }
        #expect(largestDifference(try #require(answer.values["embedding"]), Array(other[..<128])) < 1e-4)
    }

    @Test("a weight that float16 cannot hold is refused by its tensor's name")
    func tooLargeForFloat16() throws {
        let graph = try siameseSmall(side: 16, dimension: 4)
        var parameters = parameters(graph)
        let entry = try #require(parameters.entries.first { $0.role == .weight })
        parameters.values[entry.range.lowerBound] = 70_000
        let card = card(.siameseSmall, side: 16, dimension: 4)
        let error = #expect(throws: OnnxError.self) {
            try OnnxFile.encode(card, graph, weights: parameters, precision: .float16)
        }
        #expect("\(error as Any)".contains(entry.name))
        _ = try OnnxFile.encode(card, graph, weights: parameters)
    }

    private static let dlib = SetUpCache.file("networks/dlib-resnet")

    @Test(
        "dlib's network, exported, gives dlib's templates of real faces",
        .enabled(if: OnnxRuntime.isInstalled, "make test installs onnxruntime"),
        .enabled(
            if: FileManager.default.fileExists(atPath: dlib + "/weights.safetensors"),
            "make setup installs the default network"))
    func dlibNetwork() throws {
        let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let bytes = try Array(
            Data(contentsOf: fixtures.appendingPathComponent("NetworkTests/Fixtures/portraits.rgb")))
        let size = 150 * 150 * 3
        let chips = (0..<bytes.count / size).map { Array(bytes[$0 * size..<($0 + 1) * size]) }
        let path = folder.file("dlib.onnx")
        try OnnxFile.write(networkDirectory: Self.dlib, to: path)
        let own = try EmbeddingNetwork(directory: Self.dlib).templates(of: chips)
        #expect(try largestDifference(own, OnnxRuntime.run(path, chips, in: folder)) < 1e-4)
    }

    @Test("a network that is not whole writes nothing, and a path that cannot be written is named")
    func refusals() throws {
        let path = folder.file("x.onnx")
        let missing = #expect(throws: OnnxError.self) {
            try OnnxFile.write(networkDirectory: folder.file("none"), to: path)
        }
        #expect(missing?.kind == .missing)
        let graph = try siameseSmall(side: 16, dimension: 4)
        var parameters = parameters(graph)
        let card = card(.siameseSmall, side: 16, dimension: 4)
        try NetworkDirectory.write(card, parameters, to: folder.file("mine"))
        let unwritable = #expect(throws: OnnxError.self) {
            try OnnxFile.write(networkDirectory: folder.file("mine"), to: folder.file("none/x.onnx"))
        }
        #expect(unwritable?.kind == .cannotWrite)
        #expect(unwritable?.description.contains(folder.file("none/x.onnx")) == true)
        parameters.values[3] = .nan
        #expect(throws: OnnxError.self) { try OnnxFile.encode(card, graph, weights: parameters) }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("the file names what it is and where it comes from")
    func metadata() throws {
        let graph = try siameseSmall(side: 16, dimension: 4)
        let bytes = try OnnxFile.encode(
            card(.siameseSmall, side: 16, dimension: 4), graph, weights: NetworkParameters(graph, seed: 1))
        for text in ["facegallery", "siamese-small", "weights.sha256", "dlib-5-point"] {
            #expect(Data(bytes).range(of: Data(text.utf8)) != nil)
        }
    }
}
