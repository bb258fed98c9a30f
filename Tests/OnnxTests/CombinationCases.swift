import Foundation

private func exponential(_ x: Float) -> Float { exp(x) }

private func channels(_ x: Grid, _ numbers: [Float], _ function: (Float, Float) -> Float) -> Grid {
    Grid(x.shape) { function(x[$0], numbers[$0[0]]) }
}

let combinationCases: [Case] = [
    Case("pixels are centred and scaled, then convolved") { model in
        let centred = model.node("Sub", ["x", model.constant([1], [0.5])])
        let scaled = model.node("Mul", [centred, model.constant([2, 1, 1], [2, 3])])
        model.node("Conv", [scaled, model.constant([1, 2, 1, 1], [1, 10])], output: "y")
    } _: { x in
        Grid([1, 3, 4]) { (x[0, $0[1], $0[2]] - 0.5) * 2 + (x[1, $0[1], $0[2]] - 0.5) * 30 }
    },
    Case("a constant less the values") { model in
        model.node("Sub", [model.constant([], [1]), "x"], output: "y")
    } _: {
        $0.map { 1 - $0 }
    },
    Case("a constant over the values") { model in
        let shifted = model.node("Add", ["x", model.constant([], [2])])
        model.node("Div", [model.constant([2, 1, 1], [3, 5]), shifted], output: "y")
    } _: { x in
        channels(x, [3, 5]) { $1 / ($0 + 2) }
    },
    Case("values over a number per channel") { model in
        model.node("Div", ["x", model.constant([1, 2, 1, 1], [4, -8])], output: "y")
    } _: { x in
        channels(x, [4, -8]) { $0 / $1 }
    },
    Case("a number per row and column") { model in
        model.node("Mul", ["x", model.constant([3, 4], (0..<12).map(Float.init))], output: "y")
    } _: { x in
        Grid(x.shape) { x[$0] * Float($0[1] * 4 + $0[2]) }
    },
    Case("a number per place") { model in
        model.node("Add", [model.constant([2, 3, 4], (0..<24).map(Float.init)), "x"], output: "y")
    } _: { x in
        Grid(x.shape) { x[$0] + Float(($0[0] * 3 + $0[1]) * 4 + $0[2]) }
    },
    Case("a constant that is larger than the values", [2, 1, 4]) { model in
        model.node("Sub", ["x", model.constant([2, 3, 1], [1, 2, 3, 4, 5, 6])], output: "y")
    } _: { x in
        Grid([2, 3, 4]) { x[$0[0], 0, $0[2]] - Float($0[0] * 3 + $0[1] + 1) }
    },
    Case("channels weighed by their means") { model in
        let means = model.node("GlobalAveragePool")
        model.node("Mul", ["x", model.node("Sigmoid", [means])], output: "y")
    } _: { x in
        Grid(x.shape) { index in
            let plane = x.values[index[0] * 12..<(index[0] + 1) * 12]
            return x[index] / (1 + exponential(-plane.reduce(0, +) / 12))
        }
    },
    Case("the smaller stands left") { model in
        let means = model.node("ReduceMean", ["x"], [("axes", .integers([2, 3]))])
        model.node("Sub", [means, "x"], output: "y")
    } _: { x in
        Grid(x.shape) { x.values[$0[0] * 12..<($0[0] + 1) * 12].reduce(0, +) / 12 - x[$0] }
    },
    Case("two values that are alike") { model in
        model.node("Mul", [model.node("Relu"), model.node("Neg")], output: "y")
    } _: {
        $0.map { max($0, 0) * -$0 }
    },
    Case("the larger of three") { model in
        let negative = model.node("Neg")
        model.node("Max", ["x", negative, model.constant([], [0.25])], output: "y")
    } _: {
        $0.map { max(abs($0), 0.25) }
    },
    Case("the smaller of two constants per channel") { model in
        model.node("Min", ["x", model.constant([2, 1, 1], [0.25, -0.25])], output: "y")
    } _: { x in
        channels(x, [0.25, -0.25]) { min($0, $1) }
    },
    Case("a sum of three") { model in
        model.node("Sum", ["x", "x", model.node("Abs")], output: "y")
    } _: {
        $0.map { 2 * $0 + abs($0) }
    },
    Case("rows normalised, and an activation after a sum", [6]) { model in
        let scale = model.constant([6], (1...6).map(Float.init))
        let zeros = model.constant([6], [Float](repeating: 0, count: 6))
        let ones = model.constant([6], [Float](repeating: 1, count: 6))
        let normal = model.node(
            "BatchNormalization", ["x", scale, zeros, ones, ones], [("epsilon", .float(0))])
        model.node("Relu", [model.node("Add", [normal, "x"])], output: "y")
    } _: { x in
        Grid(x.shape) { max((x[$0] - 1) * Float($0[0] + 1) + x[$0], 0) }
    },
]
