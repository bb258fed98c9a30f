private func resized(
    _ name: String, to size: [Int], _ attributes: [(String, String)],
    _ place: @escaping @Sendable (_ index: Int, _ from: Int, _ to: Int) -> Float,
    nearest: (@Sendable (Float) -> Float)? = nil
) -> Case {
    Case(name, [2, 3, 4]) { model in
        model.node(
            "Resize", ["x", "", "", model.list([1, 2] + size)],
            attributes.map { ($0.0, .text($0.1)) } + [("mode", .text(nearest == nil ? "linear" : "nearest"))],
            output: "y")
    } _: { x in
        Grid([2] + size) { index in
            let y = place(index[1], 3, size[0]), z = place(index[2], 4, size[1])
            if let nearest {
                return x[index[0], min(max(Int(nearest(y)), 0), 2), min(max(Int(nearest(z)), 0), 3)]
            }
            func between(_ at: Float, _ last: Int) -> (Int, Int, Float) {
                let at = min(max(at, 0), Float(last))
                return (Int(at), min(Int(at) + 1, last), at - Float(Int(at)))
            }
            let (top, bottom, down) = between(y, 2), (left, right, across) = between(z, 3)
            let upper = x[index[0], top, left] * (1 - across) + x[index[0], top, right] * across
            let lower = x[index[0], bottom, left] * (1 - across) + x[index[0], bottom, right] * across
            return upper * (1 - down) + lower * down
        }
    }
}

@Sendable private func half(_ index: Int, _ from: Int, _ to: Int) -> Float {
    (Float(index) + 0.5) * Float(from) / Float(to) - 0.5
}
@Sendable private func corners(_ index: Int, _ from: Int, _ to: Int) -> Float {
    Float(index * (from - 1)) / Float(to - 1)
}
@Sendable private func asymmetric(_ index: Int, _ from: Int, _ to: Int) -> Float {
    Float(index) * Float(from) / Float(to)
}

let resizingCases: [Case] = [
    resized("linear by centres", to: [6, 12], [], half),
    resized("linear by centres, smaller", to: [2, 3], [], half),
    resized(
        "linear by corners", to: [5, 7], [("coordinate_transformation_mode", "align_corners")], corners),
    resized("linear by edges", to: [6, 6], [("coordinate_transformation_mode", "asymmetric")], asymmetric),
    resized("nearest by centres", to: [6, 8], [], half, nearest: { ($0 - 0.5).rounded(.up) }),
    resized(
        "nearest by edges, below", to: [9, 8],
        [("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")], asymmetric,
        nearest: { $0.rounded(.down) }),
    resized(
        "nearest by edges, above", to: [5, 6],
        [("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "ceil")], asymmetric,
        nearest: { $0.rounded(.up) }),
    resized(
        "nearest by corners", to: [5, 7],
        [("coordinate_transformation_mode", "align_corners"), ("nearest_mode", "round_prefer_ceil")], corners,
        nearest: { ($0 + 0.5).rounded(.down) }),
    Case("twice as large by scales", [8, 3, 4]) { model in
        model.node(
            "Resize", ["x", "", model.constant([4], [1, 1, 2, 2])],
            [
                ("mode", .text("nearest")), ("coordinate_transformation_mode", .text("asymmetric")),
                ("nearest_mode", .text("floor")),
            ], output: "y")
    } _: { x in
        Grid([8, 6, 8]) { x[$0[0], $0[1] / 2, $0[2] / 2] }
    },
    Case("Upsample of older operator sets") { model in
        model.opset = 9
        model.node(
            "Upsample", ["x", model.constant([4], [1, 1, 2, 3])], [("mode", .text("nearest"))], output: "y")
    } _: { x in
        Grid([2, 6, 12]) { x[$0[0], $0[1] / 2, $0[2] / 3] }
    },
]
