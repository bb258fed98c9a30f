/// Operations that move the numbers of constants, and change none.
extension ConstantOperation {
    func reshaped() throws(OnnxError) -> OnnxTensor {
        let tensor = try input(0)
        guard let wanted = try integers("shape", input: 1) else {
            throw node.unsupported("its shape is missing")
        }
        let keepsZeros = try node.integer("allowzero") == 1
        return tensor.reshaped(
            try node.shape(of: tensor.shape, reshapedTo: wanted, keepsZeros: keepsZeros))
    }

    func flattened() throws(OnnxError) -> OnnxTensor {
        let tensor = try input(0)
        let given = try node.integer("axis") ?? 1
        let axis = given < 0 ? given + tensor.shape.count : given
        guard (0...tensor.shape.count).contains(axis) else {
            throw node.unsupported("axis \(given) is outside")
        }
        return tensor.reshaped([
            tensor.shape[..<axis].reduce(1, *), tensor.shape[axis...].reduce(1, *),
        ])
    }

    func squeezed() throws(OnnxError) -> OnnxTensor {
        let tensor = try input(0)
        var axes = Set<Int>()
        for given in try integers("axes", input: 1) ?? [] {
            axes.insert(try axis(given, rank: tensor.shape.count))
        }
        let all = axes.isEmpty
        let kept = tensor.shape.indices.filter { all ? tensor.shape[$0] != 1 : !axes.contains($0) }
        let shape = kept.map { tensor.shape[$0] }
        guard shape.reduce(1, *) == tensor.count else {
            throw node.unsupported("it drops an axis of several numbers")
        }
        return tensor.reshaped(shape)
    }

    func unsqueezed() throws(OnnxError) -> OnnxTensor {
        let tensor = try input(0)
        let given = try integers("axes", input: 1) ?? []
        let rank = tensor.shape.count + given.count
        var axes: [Int] = []
        for one in given { axes.append(try axis(one, rank: rank)) }
        guard Set(axes).count == axes.count, rank <= 8 else { throw node.unsupported("its axes are \(given)") }
        var rest = tensor.shape[...]
        let shape = (0..<rank).map { axes.contains($0) ? 1 : rest.removeFirst() }
        return tensor.reshaped(shape)
    }

    func transposed() throws(OnnxError) -> OnnxTensor {
        let tensor = try input(0)
        let rank = tensor.shape.count
        let order = try node.integers("perm") ?? Array((0..<rank).reversed())
        guard order.sorted() == Array(0..<rank) else { throw node.unsupported("its order of axes is \(order)") }
        let steps = Self.steps(tensor.shape)
        return walk(tensor, shape: order.map { tensor.shape[$0] }, steps: order.map { steps[$0] }, from: 0)
    }

    func gathered() throws(OnnxError) -> OnnxTensor {
        let tensor = try input(0)
        guard let indices = optional(1)?.integers, let shape = optional(1)?.shape else {
            throw node.unsupported("its indices are not integers")
        }
        let axis = try axis(try node.integer("axis") ?? 0, rank: tensor.shape.count)
        guard tensor.shape.indices.contains(axis) else {
            throw node.unsupported("it looks into a single number")
        }
        let (size, inner) = (tensor.shape[axis], tensor.shape[(axis + 1)...].reduce(1, *))
        let outer = tensor.shape[..<axis].reduce(1, *)
        var places: [Int] = []
        let result = Array(tensor.shape[..<axis]) + shape + Array(tensor.shape[(axis + 1)...])
        places.reserveCapacity(try count(of: result))
        for block in 0..<outer {
            for given in indices {
                let index = given < 0 ? given + size : given
                guard (0..<size).contains(index) else {
                    throw node.unsupported("index \(given) is outside \(size)")
                }
                let start = (block * size + index) * inner
                places += start..<start + inner
            }
        }
        return tensor.gathered(shape: result, places)
    }

    func sliced() throws(OnnxError) -> OnnxTensor {
        let tensor = try input(0)
        var (steps, shape, from) = (Self.steps(tensor.shape), tensor.shape, 0)
        for part in try node.slices(of: tensor.shape, { index in optional(index)?.integers }) {
            from += part.start * steps[part.axis]
            steps[part.axis] *= part.step
            shape[part.axis] = part.count
        }
        return walk(tensor, shape: shape, steps: steps, from: from)
    }

    func concatenated() throws(OnnxError) -> OnnxTensor {
        var parts: [OnnxTensor] = []
        for index in inputs.indices { parts.append(try input(index)) }
        guard let first = parts.first else { throw node.unsupported("it has no inputs") }
        let axis = try axis(try node.integer("axis") ?? 0, rank: first.shape.count)
        guard
            parts.allSatisfy({ part in
                part.shape.count == first.shape.count && part.isFloat == first.isFloat
                    && part.shape.indices.allSatisfy { $0 == axis || part.shape[$0] == first.shape[$0] }
            })
        else { throw node.unsupported("its inputs do not fit together") }
        var shape = first.shape
        shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
        _ = try count(of: shape)
        let outer = shape[..<axis].reduce(1, *)
        func joined<Number>(_ lists: [[Number]]) -> [Number] {
            (0..<outer).flatMap { block in
                lists.flatMap { list in list[block * (list.count / outer)..<(block + 1) * (list.count / outer)]
                }
            }
        }
        guard outer > 0 else { return OnnxTensor(shape: shape, values: .floats([])) }
        if first.isFloat { return OnnxTensor(shape: shape, values: .floats(joined(parts.map(\.floats)))) }
        return OnnxTensor(shape: shape, values: .integers(joined(parts.map { $0.integers ?? [] })))
    }

    func expanded() throws(OnnxError) -> OnnxTensor {
        let tensor = try input(0)
        guard let wanted = optional(1)?.integers else { throw node.unsupported("its shape is missing") }
        let shape = try broadcast(tensor.shape, wanted)
        _ = try count(of: shape)
        return walk(tensor, shape: shape, steps: Self.steps(tensor.shape, spreadOver: shape), from: 0)
    }

    /// The shape that two shapes spread to.
    func broadcast(_ left: [Int], _ right: [Int]) throws(OnnxError) -> [Int] {
        let rank = max(left.count, right.count)
        var shape: [Int] = []
        for axis in 0..<rank {
            let (one, other) = (
                axis + left.count - rank >= 0 ? left[axis + left.count - rank] : 1,
                axis + right.count - rank >= 0 ? right[axis + right.count - rank] : 1
            )
            guard one == other || one == 1 || other == 1 else {
                throw node.unsupported("shapes \(left) and \(right) do not fit together")
            }
            shape.append(one == 1 ? other : one)
        }
        return shape
    }

    /// How far apart neighbours along each axis stand.
    static func steps(_ shape: [Int]) -> [Int] {
        var steps = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() { steps[axis] = steps[axis + 1] * shape[axis + 1] }
        return steps
    }

    /// The same in a larger shape, over which the values are spread: 0 along axes of one value.
    static func steps(_ shape: [Int], spreadOver larger: [Int]) -> [Int] {
        let own = steps(shape)
        let missing = larger.count - shape.count
        return larger.indices.map { $0 < missing || shape[$0 - missing] == 1 ? 0 : own[$0 - missing] }
    }

    /// Numbers at regular places of a tensor.
    func walk(_ tensor: OnnxTensor, shape: [Int], steps: [Int], from: Int) -> OnnxTensor {
        tensor.gathered(shape: shape, Self.places(shape: shape, steps: steps, from: from))
    }

    static func places(shape: [Int], steps: [Int], from: Int) -> [Int] {
        let count = shape.reduce(1, *)
        guard count > 0 else { return [] }
        var places: [Int] = []
        places.reserveCapacity(count)
        var index = [Int](repeating: 0, count: shape.count)
        var place = from
        for _ in 0..<count {
            places.append(place)
            for axis in shape.indices.reversed() {
                index[axis] += 1
                place += steps[axis]
                if index[axis] < shape[axis] { break }
                place -= steps[axis] * shape[axis]
                index[axis] = 0
            }
        }
        return places
    }
}
