/// A convolution, one number after the other.
private func convolved(
    _ x: Grid, _ weight: Grid, bias: [Float]? = nil, pads: [Int] = [0, 0, 0, 0], strides: [Int] = [1, 1],
    dilations: [Int] = [1, 1], groups: Int = 1
) -> Grid {
    let size = (0..<2).map { axis in
        let reach = (weight.shape[axis + 2] - 1) * dilations[axis] + 1
        return (x.shape[axis + 1] + pads[axis] + pads[axis + 2] - reach) / strides[axis] + 1
    }
    let (filters, depth) = (weight.shape[0], weight.shape[1])
    return Grid([filters] + size) { index in
        var sum = bias?[index[0]] ?? 0
        for channel in 0..<depth {
            for row in 0..<weight.shape[2] {
                for column in 0..<weight.shape[3] {
                    let from = index[0] / (filters / groups) * depth + channel
                    let y = index[1] * strides[0] - pads[0] + row * dilations[0]
                    let z = index[2] * strides[1] - pads[1] + column * dilations[1]
                    sum += weight[index[0], channel, row, column] * x.padded(from, y, z)
                }
            }
        }
        return sum
    }
}

private func weights(_ shape: [Int]) -> Grid {
    var draws = Draws(3)
    return draws.grid(shape)
}

private func pooled(
    _ x: Grid, _ kernel: [Int], _ pads: [Int], _ strides: [Int], size: [Int], _ combine: ([Float?]) -> Float
) -> Grid {
    Grid([x.shape[0]] + size) { index in
        var seen: [Float?] = []
        for row in 0..<kernel[0] {
            for column in 0..<kernel[1] {
                let (y, z) = (index[1] * strides[0] - pads[0] + row, index[2] * strides[1] - pads[1] + column)
                let inside = (0..<x.shape[1]).contains(y) && (0..<x.shape[2]).contains(z)
                seen.append(inside ? x[index[0], y, z] : nil)
            }
        }
        return combine(seen)
    }
}

private func mean(_ seen: [Float?]) -> Float {
    let there = seen.compactMap(\.self)
    return there.reduce(0, +) / Float(there.count)
}

private func meanWithZeros(_ seen: [Float?]) -> Float {
    seen.compactMap(\.self).reduce(0, +) / Float(seen.count)
}

private let window: [(String, TestModel.Attribute)] = [
    ("kernel_shape", .integers([3, 2])), ("strides", .integers([2, 1])), ("pads", .integers([1, 0, 0, 1])),
]

let windowCases: [Case] = [
    Case("Conv with unlike pads and strides", [3, 6, 7]) { model in
        let weight = model.constant([4, 3, 3, 2], weights([4, 3, 3, 2]).values)
        model.node("Conv", ["x", weight, model.constant([4], [1, 2, 3, 4])], window, output: "y")
    } _: {
        convolved($0, weights([4, 3, 3, 2]), bias: [1, 2, 3, 4], pads: [1, 0, 0, 1], strides: [2, 1])
    },
    Case("Conv with dilations and groups", [4, 9, 8]) { model in
        model.node(
            "Conv", ["x", model.constant([6, 2, 3, 2], weights([6, 2, 3, 2]).values)],
            [("dilations", .integers([2, 3])), ("group", .integer(2)), ("pads", .integers([2, 1, 2, 1]))],
            output: "y")
    } _: {
        convolved($0, weights([6, 2, 3, 2]), pads: [2, 1, 2, 1], dilations: [2, 3], groups: 2)
    },
    Case("Conv of each channel, padded to the same size below", [8, 5, 6]) { model in
        model.node(
            "Conv", ["x", model.constant([8, 1, 3, 3], weights([8, 1, 3, 3]).values)],
            [("auto_pad", .text("SAME_UPPER")), ("strides", .integers([2, 2])), ("group", .integer(8))],
            output: "y")
    } _: {
        convolved($0, weights([8, 1, 3, 3]), pads: [1, 0, 1, 1], strides: [2, 2], groups: 8)
    },
    Case("Conv padded to the same size above", [2, 5, 6]) { model in
        model.node(
            "Conv", ["x", model.constant([3, 2, 2, 2], weights([3, 2, 2, 2]).values)],
            [("auto_pad", .text("SAME_LOWER"))], output: "y")
    } _: {
        convolved($0, weights([3, 2, 2, 2]), pads: [1, 1, 0, 0])
    },
    Case("MaxPool with unlike pads", [3, 6, 7]) { model in
        model.node("MaxPool", ["x"], window, output: "y")
    } _: {
        pooled($0, [3, 2], [1, 0], [2, 1], size: [3, 7]) { $0.compactMap(\.self).max() ?? 0 }
    },
    Case("MaxPool up to the last pixel", [3, 6, 6]) { model in
        model.node(
            "MaxPool", ["x"],
            [
                ("kernel_shape", .integers([3, 3])), ("strides", .integers([2, 2])), ("ceil_mode", .integer(1)),
            ],
            output: "y")
    } _: {
        pooled($0, [3, 3], [0, 0], [2, 2], size: [3, 3]) { $0.compactMap(\.self).max() ?? 0 }
    },
    Case("AveragePool over pixels that exist", [3, 6, 7]) { model in
        model.node("AveragePool", ["x"], window, output: "y")
    } _: {
        pooled($0, [3, 2], [1, 0], [2, 1], size: [3, 7], mean)
    },
    Case("AveragePool over zeros too", [3, 6, 7]) { model in
        model.node("AveragePool", ["x"], window + [("count_include_pad", .integer(1))], output: "y")
    } _: {
        pooled($0, [3, 2], [1, 0], [2, 1], size: [3, 7], meanWithZeros)
    },
    Case("AveragePool over zeros, up to the last pixel", [2, 4, 4]) { model in
        model.node(
            "AveragePool", ["x"],
            [
                ("kernel_shape", .integers([2, 2])), ("strides", .integers([2, 2])),
                ("pads", .integers([1, 1, 0, 0])), ("ceil_mode", .integer(1)),
                ("count_include_pad", .integer(1)),
            ], output: "y")
    } _: { x in
        // Rows −1…4: the last window holds row 3 alone, and what lies beyond is not counted.
        pooled(x, [2, 2], [1, 1], [2, 2], size: [3, 3]) { seen in seen.compactMap(\.self).reduce(0, +) }.scaled
        {
            let rows = $0[1] == 2 ? 1 : 2, columns = $0[2] == 2 ? 1 : 2
            return 1 / Float(rows * columns)
        }
    },
    Case("GlobalAveragePool and GlobalMaxPool", [3, 4, 5]) { model in
        let mean = model.node("GlobalAveragePool")
        model.node("Concat", [mean, model.node("GlobalMaxPool")], [("axis", .integer(1))], output: "y")
    } _: { x in
        Grid([6, 1, 1]) { index in
            let plane = x.values[index[0] % 3 * 20..<(index[0] % 3 + 1) * 20]
            return index[0] < 3 ? plane.reduce(0, +) / 20 : plane.max() ?? 0
        }
    },
    Case("activations, sums and slopes at the end of convolutions", [8, 6, 6]) { model in
        let weight = model.constant([8, 8, 3, 3], weights([8, 8, 3, 3]).values.map { $0 / 8 })
        let first = model.node("Conv", ["x", weight], [("pads", .integers([1, 1, 1, 1]))])
        let bent = model.node("PRelu", [first, model.constant([8, 1, 1], [Float](repeating: 0.25, count: 8))])
        let second = model.node("Conv", [bent, weight], [("pads", .integers([1, 1, 1, 1]))])
        model.node("HardSigmoid", [model.node("Add", [second, bent])], output: "y")
    } _: { x in
        let weight = weights([8, 8, 3, 3]).map { $0 / 8 }
        let bent = convolved(x, weight, pads: [1, 1, 1, 1]).map { $0 < 0 ? $0 / 4 : $0 }
        let second = convolved(bent, weight, pads: [1, 1, 1, 1])
        return Grid(bent.shape) { min(max((second[$0] + bent[$0]) * 0.2 + 0.5, 0), 1) }
    },
]

extension Grid {
    fileprivate func scaled(_ factor: ([Int]) -> Float) -> Grid { Grid(shape) { self[$0] * factor($0) } }
}
