extension GraphOperation {
    /// How many inputs it takes; nil for any number.
    var inputCount: Int? {
        switch self {
        case .constant: 0
        case .combination, .matrixProduct: 2
        case .concatenation: nil
        default: 1
        }
    }

    /// The tensors it needs, for an input shape.
    func parameters(input: TensorShape) -> [(name: String, shape: [Int])] {
        switch self {
        case .constant(let shape): [("value", shape.sizes)]
        case .layerNormalization(let axis, _):
            ["scale", "shift"].map { ($0, Array(input.sizes[axis...])) }
        case .instanceNormalization: ["scale", "shift"].map { ($0, [input.channels]) }
        default: []
        }
    }

    /// The shape of the output, or why it cannot take these inputs.
    func outputShape(of inputs: [TensorShape]) -> Result<TensorShape, Misfit> {
        if case .constant(let shape) = self {
            return shape.count > 0 ? .success(shape) : .failure("the shape \(shape) is empty")
        }
        guard let input = inputs.first else { return .failure("it has no inputs") }
        let rank = input.sizes.count
        switch self {
        case .constant, .activation: return .success(input)
        case .instanceNormalization:
            return input.isPlanes ? .success(input) : .failure("its input is no planes")
        case .softmax(let axis, _), .layerNormalization(let axis, _), .unitLength(let axis, _):
            return (0..<rank).contains(axis)
                ? .success(input) : .failure("axis \(axis) is outside the \(rank) of \(input)")
        case .combination: return Self.spread(input, inputs[1])
        case .averageWithPadding(let window):
            guard input.isPlanes, let (height, width) = window.output(of: input) else {
                return .failure("a \(window.height)×\(window.width) window does not fit into \(input)")
            }
            return .success(TensorShape(channels: input.channels, height: height, width: width))
        case .reshape(let wanted): return Self.reshaped(input, to: wanted)
        case .transpose(let order):
            guard order.sorted() == Array(0..<rank) else {
                return .failure("\(order) is no order of \(rank) axes")
            }
            return .success(TensorShape(order.map { input.sizes[$0] }))
        case .concatenation(let axis): return Self.joined(inputs, along: axis)
        case .slice(let axis, let start, let step, let count):
            guard input.sizes.indices.contains(axis), step != 0 else {
                return .failure("axis \(axis) is not there")
            }
            let size = input.sizes[axis]
            let count = count ?? (size - start + step - 1) / step
            let (reach, overflow) = (count - 1).multipliedReportingOverflow(by: step)
            guard count > 0, !overflow, (0..<size).contains(start), abs(reach) < size,
                (0..<size).contains(start + reach)
            else { return .failure("\(count) values from \(start) by \(step) are not in an axis of \(size)") }
            var shape = input
            shape.sizes[axis] = count
            return .success(shape)
        case .padding(let before, let after, let border):
            guard before.count == rank, after.count == rank else { return .failure("it pads other axes") }
            var shape = input
            for axis in 0..<rank {
                let room = border == .reflection ? input.sizes[axis] - 1 : 1 << 20
                guard (0...room).contains(before[axis]), (0...room).contains(after[axis]) else {
                    return .failure("it pads axis \(axis) of \(input) by \(before[axis]) and \(after[axis])")
                }
                shape.sizes[axis] += before[axis] + after[axis]
            }
            return .success(shape)
        case .resize(let resizing):
            guard input.isPlanes, let size = resizing.size(of: input) else {
                return .failure("it cannot resize \(input)")
            }
            return .success(TensorShape(channels: input.channels, height: size.rows, width: size.columns))
        case .reduction(_, let axes, let keeps):
            guard axes.allSatisfy({ (0..<rank).contains($0) }) else {
                return .failure("\(axes) are outside \(input)")
            }
            if keeps {
                return .success(TensorShape((0..<rank).map { axes.contains($0) ? 1 : input.sizes[$0] }))
            }
            return .success(TensorShape((0..<rank).filter { !axes.contains($0) }.map { input.sizes[$0] }))
        case .matrixProduct: return Self.product(input, inputs[1])
        }
    }

    private static func spread(_ left: TensorShape, _ right: TensorShape) -> Result<TensorShape, Misfit> {
        let rank = max(left.sizes.count, right.sizes.count)
        var sizes: [Int] = []
        for (one, other) in zip(left.aligned(rank), right.aligned(rank)) {
            guard one == other || one == 1 || other == 1 else {
                return .failure("\(left) and \(right) do not fit together")
            }
            sizes.append(max(one, other))
        }
        return .success(TensorShape(sizes))
    }

    private static func reshaped(_ input: TensorShape, to wanted: [Int]) -> Result<TensorShape, Misfit> {
        let misfit = Misfit("\(input) cannot be reshaped to \(wanted)")
        var sizes = wanted
        for axis in sizes.indices where sizes[axis] == 0 {
            guard input.sizes.indices.contains(axis) else { return .failure(misfit) }
            sizes[axis] = input.sizes[axis]
        }
        var known = 1
        for size in sizes where size != -1 {
            let (product, overflow) = known.multipliedReportingOverflow(by: size)
            guard size > 0, !overflow else { return .failure(misfit) }
            known = product
        }
        let open = sizes.indices.filter { sizes[$0] == -1 }
        if let axis = open.first { sizes[axis] = input.count / known }
        guard open.count < 2, sizes.reduce(1, *) == input.count else { return .failure(misfit) }
        return .success(TensorShape(sizes))
    }

    private static func joined(_ inputs: [TensorShape], along axis: Int) -> Result<TensorShape, Misfit> {
        var result = inputs[0]
        guard result.sizes.indices.contains(axis) else { return .failure("axis \(axis) is not there") }
        for shape in inputs.dropFirst() {
            var alike = shape
            guard shape.sizes.count == result.sizes.count else {
                return .failure("\(inputs[0]) and \(shape) differ")
            }
            alike.sizes[axis] = inputs[0].sizes[axis]
            guard alike == inputs[0] else { return .failure("\(inputs[0]) and \(shape) differ") }
            result.sizes[axis] += shape.sizes[axis]
        }
        return .success(result)
    }

    private static func product(_ left: TensorShape, _ right: TensorShape) -> Result<TensorShape, Misfit> {
        let (a, b) = (left.sizes, right.sizes)
        guard a.count >= 2, b.count >= 2, a[a.count - 1] == b[b.count - 2] else {
            return .failure("matrices of \(left) and \(right) cannot be multiplied")
        }
        switch spread(TensorShape(Array(a.dropLast(2))), TensorShape(Array(b.dropLast(2)))) {
        case .failure(let misfit): return .failure(misfit)
        case .success(let outer): return .success(TensorShape(outer.sizes + [a[a.count - 2], b[b.count - 1]]))
        }
    }
}

extension TensorShape {
    /// The sizes with 1s in front, so that there are `rank`.
    func aligned(_ rank: Int) -> [Int] { [Int](repeating: 1, count: rank - sizes.count) + sizes }
}

extension GraphOperation.Resizing {
    /// Rows and columns of the result; nil if there would be none.
    func size(of input: TensorShape) -> Extent? {
        if let size { return size.rows > 0 && size.columns > 0 ? size : nil }
        let (rows, columns) = (Float(input.height) * rowScale, Float(input.width) * columnScale)
        guard rows.isFinite, columns.isFinite, (1...65536).contains(rows), (1...65536).contains(columns) else {
            return nil
        }
        return Extent(rows: Int(rows.rounded(.down)), columns: Int(columns.rounded(.down)))
    }
}
