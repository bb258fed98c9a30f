import Foundation
import Network
import TestSupport
import Testing

@Suite("Networks that were imported")
struct ImportedNetworkTests {
    /// From 3 × 16 × 16 to four numbers: the means of the left and right half of red, of green and of blue.
    private func model() -> TestModel {
        var model = TestModel([3, 16, 16])
        model.outputs = ["embedding", "unused"]
        let halves = model.node(
            "AveragePool", ["x"], [("kernel_shape", .integers([16, 8])), ("strides", .integers([16, 8]))])
        let matrix = model.constant(
            [4, 6], [1, 0, 0, 0, 0, 0] + [0, 1, 0, 0, 0, 0] + [0, 0, 1, 1, 0, 0] + [0, 0, 0, 0, 1, 1])
        model.node(
            "Gemm", [model.node("Flatten", [halves]), matrix], [("transB", .integer(1))], output: "embedding")
        model.node("Relu", [halves], output: "unused")
        return model
    }

    private func card(_ change: (inout NetworkCard) -> Void = { _ in }) -> NetworkCard {
        var card = NetworkCard(
            importing: "small", output: "embedding", dimension: 4,
            input: NetworkCard.Input(side: 16, mean: [0, 0, 0], scale: 1),
            alignment: NetworkCard.Alignment(kind: NetworkCard.Alignment.template, padding: 0),
            license: "none", source: "a test",
            threshold: NetworkCard.Threshold(similarity: 0.5, falseMatchRate: 0, measured: "not measured"))
        change(&card)
        return card
    }

    /// Red 10 on the left and 30 on the right, green 50, blue 90.
    private let chip: [UInt8] = (0..<256).flatMap { [$0 % 16 < 8 ? 10 : 30, 50, 90] as [UInt8] }

    private func unit(_ values: [Float]) -> [Float] {
        let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return values.map { $0 / length }
    }

    private func template(_ card: NetworkCard, in folder: TemporaryFolder) throws -> [Float] {
        let written = try NetworkDirectory.write(
            card, onnx: model().encoded, from: "small.onnx", to: folder.file("net"))
        let network = try EmbeddingNetwork(directory: folder.file("net"))
        #expect(network.card == written)
        return try network.templates(of: [chip])
    }

    private func distance(_ left: [Float], _ right: [Float]) -> Float {
        zip(left, right).reduce(left.count == right.count ? 0 : .infinity) { max($0, abs($1.0 - $1.1)) }
    }

    @Test("colours come in the card's order, and mirrored templates are the mean of both")
    func templates() throws {
        let folder = try TemporaryFolder()
        #expect(distance(try template(card(), in: folder), unit([10, 30, 100, 180])) < 1e-5)
        let turned = try template(card { $0.input.colors = .bgr }, in: folder)
        #expect(distance(turned, unit([90, 90, 100, 40])) < 1e-5)
        let both = try template(card { $0.mirrored = true }, in: folder)
        #expect(distance(both, unit([20, 20, 100, 180])) < 1e-5)
        let centred = try template(
            card {
                $0.input = NetworkCard.Input(side: 16, mean: [10, 20, 30], scale: 0.5, colors: .bgr)
            }, in: folder)
        #expect(distance(centred, unit([30, 30, 30, 10])) < 1e-5)
    }

    @Test("all that changes a template changes the fingerprint, and nothing else does")
    func fingerprint() throws {
        let folder = try TemporaryFolder()
        let written = try NetworkDirectory.write(
            card(), onnx: model().encoded, from: "small.onnx", to: folder.file("net"))
        #expect(written.fingerprint != written.weights.sha256)
        func changed(_ change: (inout NetworkCard) -> Void) -> String {
            var card = written
            change(&card)
            return card.fingerprint
        }
        let changes: [(inout NetworkCard) -> Void] = [
            { $0.weights.sha256 = String($0.weights.sha256.reversed()) }, { $0.output = "unused" },
            { $0.dimension = 6 }, { $0.input.side = 32 }, { $0.input.colors = .bgr },
            { $0.input.mean[1] = 1 }, { $0.input.scale = 2 }, { $0.mirrored = true },
            { $0.alignment.kind = NetworkCard.Alignment.wholePhoto },
        ]
        let all = Set(changes.map { changed($0) } + [written.fingerprint])
        #expect(all.count == changes.count + 1)
        for change: (inout NetworkCard) -> Void in [
            { $0.name = "other" }, { $0.license = "MIT" }, { $0.threshold.similarity = 0 }, { $0.source = "" },
            { $0.input.colors = .rgb }, { $0.weights.file = "other.onnx" },
        ] {
            #expect(changed(change) == written.fingerprint)
        }
    }

    @Test("a network of another size, output or digest is refused before anything is written")
    func refusals() throws {
        let folder = try TemporaryFolder()
        for change: (inout NetworkCard) -> Void in [
            { $0.input.side = 32 }, { $0.dimension = 5 }, { $0.output = "logits" },
            { $0.weights.sha256 = String(repeating: "1", count: 64) }, { $0.output = nil },
            { $0.output = "two\nlines" }, { $0.format = 1 }, { $0.alignment.padding = 0.25 },
        ] {
            #expect(throws: NetworkError.self) { try template(card(change), in: folder) }
            #expect(!FileManager.default.fileExists(atPath: folder.file("net")))
        }
    }

    @Test("a changed file is refused when the network is opened")
    func tampering() throws {
        let folder = try TemporaryFolder()
        _ = try template(card(), in: folder)
        var other = model()
        other.constants[0].values = .floats([Float](repeating: 1, count: 24))
        _ = try folder.write(other.encoded, to: "net/network.onnx")
        let error = #expect(throws: NetworkError.self) { try EmbeddingNetwork(directory: folder.file("net")) }
        guard case .wrongWeights? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("of a file that normalises pixels itself, colours and alignment alone are asked for")
    func cards() throws {
        #expect(throws: NetworkError.self) { try NetworkImport.card(for: model().encoded, file: "small.onnx") }
        var whole = TestModel([3, 16, 16])
        let centred = whole.node("Sub", ["x", whole.constant([1], [127.5])])
        let scaled = whole.node("Mul", [centred, whole.constant([1], [0.0078125])])
        whole.node("Flatten", [whole.node("GlobalAveragePool", [scaled])], output: "y")
        var facts = NetworkImport.Facts()
        facts.colors = .rgb
        facts.alignment = NetworkCard.Alignment(kind: NetworkCard.Alignment.template, padding: 0)
        let card = try NetworkImport.card(for: whole.encoded, file: "/somewhere/whole.onnx", facts: facts)
        #expect(card.name == "whole" && card.output == "y" && card.dimension == 3 && card.input.side == 16)
        let folder = try TemporaryFolder()
        try NetworkDirectory.write(card, onnx: whole.encoded, from: "whole.onnx", to: folder.file("net"))
        let made = try EmbeddingNetwork(directory: folder.file("net")).templates(of: [chip])
        #expect(distance(made, unit([20 - 127.5, 50 - 127.5, 90 - 127.5])) < 1e-5)
    }

    @Test("a detector's file runs over inputs of several sizes, from several threads at once")
    func sizes() throws {
        var detector = TestModel([2, 8, 8])
        let half = detector.node(
            "MaxPool", ["x"], [("kernel_shape", .integers([2, 2])), ("strides", .integers([2, 2]))])
        let pixels = detector.node("Transpose", [half], [("perm", .integers([0, 2, 3, 1]))])
        detector.node("Reshape", [pixels, detector.list([1, -1, 2])], output: "y")
        let network = try TensorNetwork(bytes: detector.encoded, path: "detector.onnx")
        #expect(network.outputs == ["y"])
        DispatchQueue.concurrentPerform(iterations: 8) { run in
            let (height, width) = (8 + run % 3 * 8, 8 + run % 2 * 8)
            let answer = try? network.run(
                count: 2, input: TensorShape(channels: 2, height: height, width: width)
            ) { index, image in
                for place in 0..<image.count { image[place] = Float(index * 1000 + place / 2 / width) }
            }
            #expect(answer?.shapes["y"]?.sizes == [height / 2 * (width / 2), 2])
            let values = answer?.values["y"] ?? []
            #expect(values.first == 1 && values.last == Float(1000 + height - 1))
        }
    }
}
