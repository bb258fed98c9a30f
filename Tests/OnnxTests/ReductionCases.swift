import Foundation

private func e(_ x: Float) -> Float { exp(x) }

private func rows(_ x: Grid, _ function: @escaping ([Float]) -> Float) -> Grid {
    Grid([2, 1, 4]) { index in function((0..<3).map { x[index[0], $0, index[2]] }) }
}

private func reduced(_ operation: String, _ function: @escaping @Sendable ([Float]) -> Float) -> Case {
    Case(operation) { model in
        if operation == "ReduceSum" {
            model.node(operation, ["x", model.list([-2])], output: "y")
        } else {
            model.node(operation, ["x"], [("axes", .integers([2]))], output: "y")
        }
    } _: {
        rows($0, function)
    }
}

let reductionCases: [Case] = [
    reduced("ReduceMean") { $0.reduce(0, +) / 3 },
    reduced("ReduceSum") { $0.reduce(0, +) },
    reduced("ReduceMax") { $0.max() ?? 0 },
    reduced("ReduceMin") { $0.min() ?? 0 },
    reduced("ReduceL1") { $0.reduce(0) { $0 + abs($1) } },
    reduced("ReduceL2") { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() },
    reduced("ReduceSumSquare") { $0.reduce(0) { $0 + $1 * $1 } },
    Case("ReduceMean of planes without their axes") { model in
        model.node("ReduceMean", ["x"], [("axes", .integers([3, 2])), ("keepdims", .integer(0))], output: "y")
    } _: { x in
        Grid([2]) { x.values[$0[0] * 12..<($0[0] + 1) * 12].reduce(0, +) / 12 }
    },
    Case("Softmax over channels") { model in
        model.node("Softmax", ["x"], [("axis", .integer(1))], output: "y")
    } _: { x in
        Grid(x.shape) { e(x[$0]) / (e(x[0, $0[1], $0[2]]) + e(x[1, $0[1], $0[2]])) }
    },
    Case("LogSoftmax over the last axis", [5]) { model in
        model.node("LogSoftmax", output: "y")
    } _: { x in
        let sum = x.values.reduce(0) { $0 + e($1) }
        return x.map { $0 - log(sum) }
    },
    Case("LpNormalization", [3, 4]) { model in
        model.node("LpNormalization", output: "y")
    } _: { x in
        Grid(x.shape) { index in
            let length = (0..<4).reduce(Float(0)) { $0 + x[index[0], $1] * x[index[0], $1] }.squareRoot()
            return x[index] / length
        }
    },
    Case("LpNormalization of power 1 along the first axis", [3, 4]) { model in
        model.node("LpNormalization", ["x"], [("axis", .integer(1)), ("p", .integer(1))], output: "y")
    } _: { x in
        Grid(x.shape) { index in x[index] / (0..<3).reduce(Float(0)) { $0 + abs(x[$1, index[1]]) } }
    },
    Case("LayerNormalization", [3, 4]) { model in
        let scale = model.constant([4], [1, 2, 3, 4])
        model.node("LayerNormalization", ["x", scale, model.constant([4], [5, 6, 7, 8])], output: "y")
    } _: { x in
        Grid(x.shape) { index in
            let row = (0..<4).map { x[index[0], $0] }
            let mean = row.reduce(0, +) / 4
            let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4
            return (x[index] - mean) / (variance + 1e-5).squareRoot() * Float(index[1] + 1)
                + Float(index[1] + 5)
        }
    },
    Case("InstanceNormalization") { model in
        model.node(
            "InstanceNormalization", ["x", model.constant([2], [2, 3]), model.constant([2], [5, 7])],
            output: "y")
    } _: { x in
        Grid(x.shape) { index in
            let plane = x.values[index[0] * 12..<(index[0] + 1) * 12]
            let mean = plane.reduce(0, +) / 12
            let variance = plane.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 12
            return (x[index] - mean) / (variance + 1e-5).squareRoot() * [2, 3][index[0]] + [5, 7][index[0]]
        }
    },
    Case("BatchNormalization over planes") { model in
        let (scale, shift) = (model.constant([2], [2, 3]), model.constant([2], [5, 7]))
        let (mean, variance) = (model.constant([2], [0.5, -0.5]), model.constant([2], [4, 9]))
        model.node(
            "BatchNormalization", ["x", scale, shift, mean, variance], [("epsilon", .float(1e-3))], output: "y")
    } _: { x in
        Grid(x.shape) { index in
            let (channel, variance) = (index[0], [4, 9][index[0]] + Float(1e-3))
            return (x[index] - [0.5, -0.5][channel]) / variance.squareRoot() * [2, 3][channel]
                + [5, 7][channel]
        }
    },
    Case("Gemm with factors and one summand", [3]) { model in
        let matrix = model.constant([3, 2], [1, 2, 3, 4, 5, 6])
        model.node(
            "Gemm", ["x", matrix, model.constant([1], [10])], [("alpha", .float(2)), ("beta", .float(0.5))],
            output: "y")
    } _: { x in
        Grid([2]) { column in
            (0..<3).reduce(Float(0)) { $0 + x[$1] * Float($1 * 2 + column[0] + 1) } * 2 + 5
        }
    },
    Case("Gemm of flattened planes, its matrix turned") { model in
        let matrix = model.constant([2, 24], (0..<48).map { Float($0) / 10 })
        model.node("Gemm", [model.node("Flatten"), matrix], [("transB", .integer(1))], output: "y")
    } _: { x in
        Grid([2]) { row in (0..<24).reduce(Float(0)) { $0 + x.values[$1] * (Float(row[0] * 24 + $1) / 10) } }
    },
    Case("MatMul of rows by a constant", [3, 4]) { model in
        model.node("MatMul", ["x", model.constant([4, 2], (0..<8).map(Float.init))], output: "y")
    } _: { x in
        Grid([3, 2]) { index in (0..<4).reduce(Float(0)) { $0 + x[index[0], $1] * Float($1 * 2 + index[1]) } }
    },
    Case("MatMul of one row by a constant", [4]) { model in
        model.node("MatMul", ["x", model.constant([4, 2], (0..<8).map(Float.init))], output: "y")
    } _: { x in
        Grid([2]) { index in (0..<4).reduce(Float(0)) { $0 + x[$1] * Float($1 * 2 + index[0]) } }
    },
    Case("MatMul of values by themselves", [2, 3, 4]) { model in
        let turned = model.node("Transpose", ["x"], [("perm", .integers([0, 1, 3, 2]))])
        model.node("MatMul", ["x", turned], output: "y")
    } _: { x in
        Grid([2, 3, 3]) { index in
            (0..<4).reduce(Float(0)) { $0 + x[index[0], index[1], $1] * x[index[0], index[2], $1] }
        }
    },
]
