import Testing

@testable import Onnx

@Suite("Constants of ONNX files")
struct FoldingTests {
    /// What the operation makes of constants.
    private func folded(
        _ operation: String, _ constants: [([Int], TestModel.Values)],
        _ attributes: [(String, TestModel.Attribute)] = [], opset: Int = 21
    ) throws -> OnnxTensor {
        var model = TestModel()
        model.opset = opset
        let inputs = constants.map { model.constant($0.0, $0.1) }
        model.node(operation, inputs, attributes, output: "made")
        model.node("Add", ["x", "made"], output: "y")
        let read = try OnnxModel(model.encoded).folded()
        #expect(read.nodes.map(\.operation) == ["Add"])
        #expect(read.constants.count == 1)
        return try #require(read.constants["made"])
    }

    @Test("weights of 8 bits become float32: one scale, one per row, one per block")
    func dequantization() throws {
        let bytes = ([2, 6], TestModel.Values.signedBytes([-128, -1, 0, 1, 2, 127, 10, 20, 30, 40, 50, 60]))
        let one = try folded(
            "DequantizeLinear", [bytes, ([], .floats([0.5])), ([], .signedBytes([2]))])
        #expect(one.floats == [-65, -1.5, -1, -0.5, 0, 62.5, 4, 9, 14, 19, 24, 29])
        let rows = try folded(
            "DequantizeLinear", [bytes, ([2], .floats([1, 2])), ([2], .signedBytes([0, 10]))],
            [("axis", .integer(0))])
        #expect(rows.floats == [-128, -1, 0, 1, 2, 127, 0, 20, 40, 60, 80, 100])
        // Blocks of four along rows of six: the second block of each row is shorter.
        let blocks = try folded(
            "DequantizeLinear",
            [bytes, ([2, 2], .floats([1, 2, 3, 4])), ([2, 2], .signedBytes([0, 1, 2, 3]))],
            [("axis", .integer(1)), ("block_size", .integer(4))])
        #expect(blocks.floats == [-128, -1, 0, 1, 2, 252, 24, 54, 84, 114, 188, 228])
        #expect(blocks.shape == [2, 6])
    }

    @Test("unsigned bytes, biases of 32 bits and blocks along the first axis")
    func otherDequantizations() throws {
        let unsigned = try folded(
            "DequantizeLinear", [([3], .bytes([0, 128, 255])), ([], .floats([2])), ([], .bytes([128]))])
        #expect(unsigned.floats == [-256, 0, 254])
        let bias = try folded(
            "DequantizeLinear",
            [([4], .signedBytes([1, 2, 3, 4])), ([2], .floats([10, 100])), ([2], .signedBytes([0, 1]))],
            [("axis", .integer(0)), ("block_size", .integer(2))])
        #expect(bias.floats == [10, 20, 200, 300])
        let wide = try folded("DequantizeLinear", [([2], .integers([70_000, -5])), ([], .floats([0.5]))])
        #expect(wide.floats == [35_000, -2.5])
    }

    @Test("scales that do not fit the weights are refused, with the node's name")
    func misfits() {
        for (scales, attributes) in [
            (([3], TestModel.Values.floats([1, 2, 3])), [("axis", TestModel.Attribute.integer(0))]),
            (([2, 3], .floats([1, 2, 3, 4, 5, 6])), [("axis", .integer(1)), ("block_size", .integer(4))]),
            (([2, 2], .floats([1, 2, 3, 4])), [("axis", .integer(5)), ("block_size", .integer(4))]),
            (([2, 2], .floats([1, 2, 3, 4])), [("axis", .integer(1)), ("block_size", .integer(-4))]),
        ] {
            let error = #expect(throws: OnnxError.self) {
                try folded(
                    "DequantizeLinear", [([2, 6], .signedBytes([Int8](repeating: 1, count: 12))), scales],
                    attributes)
            }
            #expect(error?.description.contains("node made (DequantizeLinear)") == true)
        }
    }

    @Test("what is quantised and brought back is rounded to even and kept in range")
    func quantization() throws {
        let made = try folded(
            "QuantizeLinear",
            [([5], .floats([0.25, 0.75, 1.25, -90, 90])), ([], .floats([0.5])), ([], .signedBytes([1]))])
        #expect(made.values == .signedBytes([1, 3, 3, -128, 127]))
    }

    @Test("constants are moved like running values")
    func movements() throws {
        let table = ([2, 3], TestModel.Values.floats([0, 1, 2, 3, 4, 5]))
        #expect(try folded("Transpose", [table]).values == .floats([0, 3, 1, 4, 2, 5]))
        #expect(try folded("Reshape", [table, ([2], .integers([3, -1]))]).shape == [3, 2])
        #expect(
            try folded("Gather", [table, ([2], .integers([-1, 0]))], [("axis", .integer(1))]).values
                == .floats([2, 0, 5, 3]))
        #expect(
            try folded(
                "Slice",
                [
                    table, ([1], .integers([-1])), ([1], .integers([Int.min])), ([1], .integers([1])),
                    ([1], .integers([-2])),
                ]
            ).values == .floats([2, 0, 5, 3]))
        #expect(
            try folded("Concat", [table, ([2, 1], .floats([9, 8]))], [("axis", .integer(1))]).values
                == .floats([0, 1, 2, 9, 3, 4, 5, 8]))
        #expect(
            try folded("Expand", [([2, 1], .floats([1, 2])), ([2], .integers([2, 3]))]).values
                == .floats([1, 1, 1, 2, 2, 2]))
        #expect(
            try folded("Mul", [table, ([2, 1], .floats([1, 10]))]).values == .floats([0, 1, 2, 30, 40, 50]))
        #expect(
            try folded("Div", [([2], .integers([7, -7])), ([1], .integers([2]))]).values == .integers([3, -3]))
        #expect(
            try folded("Cast", [([2], .floats([1.7, -1.7]))], [("to", .integer(7))]).values
                == .integers([1, -1]))
        #expect(
            try folded("ConstantOfShape", [([2], .integers([1, 2]))], [("value", .tensor([1], .floats([3])))])
                == OnnxTensor(shape: [1, 2], values: .floats([3, 3])))
    }

    @Test("division by zero and overflow of constants are errors, not the end of the process")
    func arithmetic() {
        #expect(throws: OnnxError.self) { try folded("Div", [([1], .integers([1])), ([1], .integers([0]))]) }
        #expect(throws: OnnxError.self) {
            try folded("Mul", [([1], .integers([Int.max])), ([1], .integers([2]))])
        }
        #expect(throws: OnnxError.self) {
            try folded("ConstantOfShape", [([3], .integers([1 << 30, 1 << 30, 1 << 30]))])
        }
    }
}
