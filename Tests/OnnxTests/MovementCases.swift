let movementCases: [Case] = [
    Case("Reshape with a rest") { model in
        model.node("Reshape", ["x", model.list([0, -1, 2])], output: "y")
    } _: {
        Grid([12, 2], $0.values)
    },
    Case("Reshape of a batch that is open") { model in
        model.node("Reshape", ["x", model.list([-1, 24])], output: "y")
    } _: {
        Grid([24], $0.values)
    },
    Case("Flatten") { model in
        model.node("Flatten", output: "y")
    } _: {
        Grid([24], $0.values)
    },
    Case("Squeeze and Unsqueeze", [2, 1, 3]) { model in
        let flat = model.node("Squeeze", ["x", model.list([2])])
        model.node("Unsqueeze", [flat, model.list([1, -1])], output: "y")
    } _: {
        Grid([1, 2, 3, 1], $0.values)
    },
    Case("Squeeze and Unsqueeze by attributes", [2, 1, 3]) { model in
        model.opset = 11
        let flat = model.node("Squeeze", ["x"], [("axes", .integers([2]))])
        model.node("Unsqueeze", [flat], [("axes", .integers([3]))], output: "y")
    } _: {
        Grid([2, 3, 1], $0.values)
    },
    Case("Transpose of planes to pixels, and back") { model in
        let pixels = model.node("Transpose", ["x"], [("perm", .integers([0, 2, 3, 1]))])
        let rows = model.node("Reshape", [pixels, model.list([0, 12, 2])])
        model.node("Transpose", [rows], [("perm", .integers([0, 2, 1]))], output: "y")
    } _: {
        Grid([2, 12], $0.values)
    },
    Case("Transpose after a convolution", [8, 3, 5]) { model in
        let ones = model.constant([8, 1, 1, 1], [Float](repeating: 1, count: 8))
        let same = model.node("Conv", ["x", ones], [("group", .integer(8))])
        model.node("Transpose", [same], [("perm", .integers([0, 3, 1, 2]))], output: "y")
    } _: { x in
        Grid([5, 8, 3]) { x[$0[1], $0[2], $0[0]] }
    },
    Case("Concat of channels and of rows") { model in
        let wide = model.node("Concat", ["x", model.node("Neg")], [("axis", .integer(1))])
        model.node("Concat", [wide, wide], [("axis", .integer(-2))], output: "y")
    } _: { x in
        Grid([4, 6, 4]) { ($0[0] < 2 ? 1 : -1) * x[$0[0] % 2, $0[1] % 3, $0[2]] }
    },
    Case("Split, its parts turned", [6, 2, 2]) { model in
        model.nodes.append(
            TestModel.Node(
                operation: "Split", inputs: ["x", model.list([1, 2, 3])], outputs: ["a", "b", "c"],
                attributes: [("axis", .integer(1))]))
        model.node("Concat", ["c", "a", "b"], [("axis", .integer(1))], output: "y")
    } _: { x in
        Grid(x.shape) { x[[3, 4, 5, 0, 1, 2][$0[0]], $0[1], $0[2]] }
    },
    Case("Split in halves of the older kind", [4, 2, 2]) { model in
        model.opset = 11
        model.nodes.append(
            TestModel.Node(
                operation: "Split", inputs: ["x"], outputs: ["a", "b"], attributes: [("axis", .integer(1))]))
        model.node("Sub", ["a", "b"], output: "y")
    } _: { x in
        Grid([2, 2, 2]) { x[$0] - x[$0[0] + 2, $0[1], $0[2]] }
    },
    Case("Slice from the end, with a step back") { model in
        model.node(
            "Slice",
            [
                "x", model.list([-1, 1]), model.list([-100, 1 << 40]), model.list([3, 2]), model.list([-2, 1]),
            ],
            output: "y")
    } _: { x in
        Grid([2, 2, 2]) { x[$0[0], $0[1] + 1, 3 - 2 * $0[2]] }
    },
    Case("Slice by attributes") { model in
        model.opset = 9
        model.node(
            "Slice", ["x"],
            [("starts", .integers([1, 0])), ("ends", .integers([2, 3])), ("axes", .integers([1, 3]))],
            output: "y")
    } _: { x in
        Grid([1, 3, 3]) { x[1, $0[1], $0[2]] }
    },
    Case("Gather of one row") { model in
        model.node("Gather", ["x", model.constant([], .integers([-1]))], [("axis", .integer(2))], output: "y")
    } _: { x in
        Grid([2, 4]) { x[$0[0], 2, $0[1]] }
    },
    Case("Pad with a number") { model in
        model.node(
            "Pad", ["x", model.list([0, 1, 0, 2, 0, 0, 1, 0]), model.constant([], [7])], output: "y")
    } _: { x in
        Grid([3, 4, 6]) { $0[0] < 1 || $0[1] > 2 || $0[2] < 2 ? 7 : x[$0[0] - 1, $0[1], $0[2] - 2] }
    },
    Case("Pad by the edge and by a mirror") { model in
        let edge = model.node("Pad", ["x", model.list([0, 0, 1, 0, 0, 0, 0, 2])], [("mode", .text("edge"))])
        model.node(
            "Pad", [edge, model.list([0, 0, 0, 3, 0, 0, 2, 0])], [("mode", .text("reflect"))], output: "y")
    } _: { x in
        Grid([2, 6, 9]) { index in
            let row = [0, 1, 2, 3, 2, 1][index[1]]
            let column = [3, 2, 1, 0, 1, 2, 3, 4, 5][index[2]]
            return x[index[0], max(row - 1, 0), min(column, 3)]
        }
    },
    Case("a shape that is computed from the input's") { model in
        let sizes = model.node("Shape")
        let first = model.node("Gather", [sizes, model.constant([], .integers([0]))])
        let front = model.node("Unsqueeze", [first, model.list([0])])
        let rows = model.node("Slice", [sizes, model.list([2]), model.list([3])])
        let shape = model.node("Concat", [front, rows, model.list([-1])], [("axis", .integer(0))])
        model.node("Reshape", ["x", model.node("Cast", [shape], [("to", .integer(7))])], output: "y")
    } _: {
        Grid([3, 8], $0.values)
    },
]
