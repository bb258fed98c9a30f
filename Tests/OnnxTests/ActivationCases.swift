import Foundation

private func activation(
    _ operation: String, _ attributes: [(String, TestModel.Attribute)] = [],
    _ function: @escaping @Sendable (Float) -> Float
) -> Case {
    let attributes = attributes.map { ($0.0, Sendability(value: $0.1)) }
    return Case(operation) { model in
        model.node(operation, ["x"], attributes.map { ($0.0, $0.1.value) }, output: "y")
    } _: {
        $0.map(function)
    }
}

/// Lets a test's constant cross into its closures; attributes are values.
private struct Sendability: @unchecked Sendable { let value: TestModel.Attribute }

let activationCases: [Case] = [
    activation("Relu") { max($0, 0) },
    activation("LeakyRelu", [("alpha", .float(0.2))]) { $0 < 0 ? $0 * 0.2 : $0 },
    activation("LeakyRelu") { $0 < 0 ? $0 * 0.01 : $0 },
    activation("Sigmoid") { 1 / (1 + exp(-$0)) },
    activation("HardSigmoid", [("alpha", .float(0.7))]) { min(max($0 * 0.7 + 0.5, 0), 1) },
    activation("HardSwish") { $0 * min(max($0 / 6 + 0.5, 0), 1) },
    activation("Elu", [("alpha", .float(2))]) { $0 < 0 ? 2 * (exp($0) - 1) : $0 },
    activation("Gelu") { $0 * (1 + erf($0 / Float(2).squareRoot())) / 2 },
    activation("Gelu", [("approximate", .text("tanh"))]) {
        $0 * (1 + tanh(0.797_884_6 * ($0 + 0.044_715 * $0 * $0 * $0))) / 2
    },
    activation("Erf") { erf($0) },
    activation("Tanh") { tanh($0) },
    activation("Exp") { exp($0) },
    activation("Abs") { abs($0) },
    activation("Neg") { -$0 },
    activation("Softplus") { log(1 + exp($0)) },
    activation("Mish") { $0 * tanh(log(1 + exp($0))) },
    activation("Identity") { $0 },
    activation("Dropout") { $0 },
    activation("Cast", [("to", .integer(1))]) { $0 },
    Case("Sqrt of Abs") { model in
        model.node("Sqrt", [model.node("Abs")], output: "y")
    } _: {
        $0.map { abs($0).squareRoot() }
    },
    Case("Log of Exp") { model in
        model.node("Log", [model.node("Exp")], output: "y")
    } _: {
        $0
    },
    Case("Clip by inputs") { model in
        model.node("Clip", ["x", model.constant([], [-0.25]), model.constant([], [0.5])], output: "y")
    } _: {
        $0.map { min(max($0, -0.25), 0.5) }
    },
    Case("Clip from above alone") { model in
        model.node("Clip", ["x", "", model.constant([], [0.5])], output: "y")
    } _: {
        $0.map { min($0, 0.5) }
    },
    Case("Clip by attributes") { model in
        model.opset = 10
        model.node("Clip", ["x"], [("min", .float(-0.25)), ("max", .float(0.5))], output: "y")
    } _: {
        $0.map { min(max($0, -0.25), 0.5) }
    },
    Case("Pow of a square") { model in
        model.node("Pow", ["x", model.constant([], [2])], output: "y")
    } _: {
        $0.map { $0 * $0 }
    },
    Case("PRelu per channel") { model in
        model.node("PRelu", ["x", model.constant([2, 1, 1], [0.5, -2])], output: "y")
    } _: { x in
        Grid(x.shape) { x[$0] < 0 ? x[$0] * [0.5, -2][$0[0]] : x[$0] }
    },
    Case("PRelu of one slope") { model in
        model.node("PRelu", ["x", model.constant([1], [0.5])], output: "y")
    } _: {
        $0.map { $0 < 0 ? $0 / 2 : $0 }
    },
    Case("PRelu of rows", [5]) { model in
        model.node("PRelu", ["x", model.constant([5], [1, 2, 3, 4, 5])], output: "y")
    } _: { x in
        Grid(x.shape) { x[$0] < 0 ? x[$0] * Float($0[0] + 1) : x[$0] }
    },
]
