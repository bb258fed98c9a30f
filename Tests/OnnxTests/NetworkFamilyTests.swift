import TestSupport
import Testing

@testable import Network

@Suite("Cards of networks whose files do not say how they are fed")
struct NetworkFamilyTests {
    /// A network of `side` pixels that gives `dimension` numbers; with `normalising`, pixels are made small in it.
    private func model(
        side: Int = 112, dimension: Int = 128, open: Bool = false, normalising: Bool = false,
        extra: Bool = false
    ) -> [UInt8] {
        var model = TestModel(open ? [3, 0, 0] : [3, side, side])
        model.outputs = extra ? ["fc1", "other"] : ["fc1"]
        var input = "x"
        if normalising {
            let centred = model.node("Sub", [input, model.constant([], [127.5])])
            input = model.node("Mul", [centred, model.constant([], [1 / 128])])
        }
        let planes = model.node("GlobalAveragePool", [input])
        let matrix = model.constant([dimension, 3], [Float](repeating: 0.5, count: 3 * dimension))
        model.node("Gemm", [model.node("Flatten", [planes]), matrix], [("transB", .integer(1))], output: "fc1")
        if extra { model.node("Relu", [planes], output: "other") }
        return model.encoded
    }

    private func card(
        _ bytes: [UInt8], _ family: String? = nil, _ change: (inout NetworkImport.Facts) -> Void = { _ in }
    ) throws -> NetworkCard {
        var facts = NetworkImport.Facts()
        change(&facts)
        return try NetworkImport.card(
            for: bytes, file: "folder/face.onnx", family: family.flatMap(NetworkFamily.named), facts: facts)
    }

    private func refusal(
        _ bytes: [UInt8], _ family: String? = nil, _ change: (inout NetworkImport.Facts) -> Void = { _ in }
    ) -> String {
        let error = #expect(throws: NetworkError.self) { try card(bytes, family, change) }
        return error.map { "\($0)" } ?? ""
    }

    @Test(
        "a family says what its files do not: pixels, colours, alignment and license",
        arguments: NetworkFamily.all)
    func families(_ family: NetworkFamily) throws {
        let card = try card(
            model(side: family.side, dimension: family.dimensions[0]), family.name)
        #expect(card.name == "face" && card.output == "fc1" && card.dimension == family.dimensions[0])
        #expect(card.input.side == family.side && card.input.colors == family.colors)
        #expect(card.input.mean == [family.mean, family.mean, family.mean] && card.input.scale == family.scale)
        #expect(card.alignment == family.alignment && card.license == family.license)
        #expect(card.source.hasPrefix("face.onnx; ") && card.source.hasSuffix(family.source))
        // Nothing was measured, so nobody matches.
        #expect(card.threshold.similarity == 1)
    }

    @Test("what the file says of pixels counts, also where the family says something else")
    func normalisation() throws {
        let own = try card(model(normalising: true), "mobilefacenet")
        #expect(own.input.mean == [0, 0, 0] && own.input.scale == 1)
        let theirs = try card(model(), "mobilefacenet")
        #expect(theirs.input.mean == [127.5, 127.5, 127.5] && theirs.input.scale == 1 / 127.5)
    }

    @Test("a file of open size gets the family's, and what the user says counts most")
    func facts() throws {
        #expect(try card(model(open: true), "sface").input.side == 112)
        let card = try card(model(extra: true), "mobilefacenet") {
            $0.output = "fc1"
            ($0.mean, $0.scale, $0.colors) = ([1, 2, 3], 0.25, .bgr)
            $0.alignment = NetworkCard.Alignment(padding: 0.5)
        }
        #expect(card.input == NetworkCard.Input(side: 112, mean: [1, 2, 3], scale: 0.25, colors: .bgr))
        #expect(card.alignment == NetworkCard.Alignment(padding: 0.5))
        #expect(try self.card(model(open: true), "mobilefacenet") { $0.side = 112 }.dimension == 128)
    }

    @Test("all that is missing is asked for at once, by the fact that says it")
    func missing() {
        let text = refusal(model(extra: true))
        for word in ["`family` (arcface", "`output` (fc1, other)", "`colors`", "`alignment`", "face-box"] {
            #expect(text.contains(word), "\(text)")
        }
        let pixels = refusal(model())
        #expect(
            pixels.contains("`mean` (of red, green, blue) and `scale`") && !pixels.contains("`output`"),
            "\(pixels)")
        #expect(!refusal(model(normalising: true)).contains("`mean`"))
        #expect(refusal(model(open: true)).contains("`side`"))
        #expect(refusal(model()) { $0.output = "none" }.contains("its outputs are fc1"))
    }

    @Test("a file that cannot be of the family is refused with both sizes")
    func misfits() {
        #expect(refusal(model(), "facenet").contains("112×112 pixels, facenet 160×160"))
        #expect(refusal(model(), "arcface").contains("have 128 numbers, those of arcface 512"))
    }

    @Test("of prepared sizes, those that were used last stay")
    func preparedSizes() throws {
        var open = TestModel([3, 0, 0])
        open.node("Relu", output: "y")
        let network = try TensorNetwork(bytes: open.encoded, path: "open.onnx")
        func run(_ size: Int) throws {
            _ = try network.run(count: 1, input: TensorShape(channels: 3, height: size, width: size)) {
                _, image in
                for i in image.indices { image[i] = 0 }
            }
        }
        for size in 1...16 { try run(size) }
        // The first is used again, so the second is the one that nobody has asked for longest.
        try run(1)
        try run(17)
        let sizes = network.preparedSizes.map(\.height).sorted()
        #expect(sizes == [1] + Array(3...17))
    }
}
