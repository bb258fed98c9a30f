internal import COneDNN

/// Operations of imported networks.
extension Compiler {
    /// A function of two arrays; the right one may have one number along an axis where the left has several.
    mutating func binary(
        _ name: String, _ kind: dnnl_alg_kind_t, _ left: Tensor, _ right: Tensor, _ ending: Ending
    ) throws(NetworkError) -> Tensor {
        var operation = dnnl_binary_desc_t()
        let status = unsafe left.descriptor.withRaw { l in
            unsafe right.descriptor.withRaw { r in unsafe dnnl_binary_desc_init(&operation, kind, l, r, l) }
        }
        try check(status, "combination", layer: name)
        let primitive = try unsafe Primitive(
            &operation, "combination", ending: ending, engine: engine, layer: name)
        let target = newTensor(left.descriptor)
        run(primitive, [(DNNL_ARG_SRC_0, left), (DNNL_ARG_SRC_1, right), (DNNL_ARG_DST, target)], layer: name)
        return target
    }

    mutating func add(
        _ name: String, _ left: Int, _ right: Int, _ activation: Activation?
    ) throws(NetworkError) -> Tensor {
        let left = try tensor(left, for: name)
        let right = try tensor(right, as: left.descriptor, for: name)
        return try binary(name, dnnl_binary_add, left, right, Ending(activation: activation))
    }

    mutating func combine(
        _ name: String, _ combination: Combination, _ left: Int, _ right: Int, _ plan: Plan,
        _ activation: Activation?
    ) throws(NetworkError) -> Tensor {
        let kind =
            switch combination {
            case .add: dnnl_binary_add
            case .subtract: dnnl_binary_sub
            case .multiply: dnnl_binary_mul
            case .divide: dnnl_binary_div
            case .minimum: dnnl_binary_min
            case .maximum: dnnl_binary_max
            }
        var (one, other) = (try tensor(left, for: name), try tensor(right, for: name))
        let shapes = (plan.shapes[left], plan.shapes[right])
        if shapes.0 == shapes.1, plan.constants[right] == nil {
            other = try tensor(right, as: one.descriptor, for: name)
        } else {
            // A spread operand is read row by row, so both are.
            one = try tensor(left, as: try Descriptor(axes(shapes.0), layer: name), for: name)
            let batch = plan.constants[right] == nil ? batch : 1
            other = try tensor(right, as: try Descriptor([batch] + shapes.1.sizes, layer: name), for: name)
            let aligned = [batch] + shapes.1.aligned(shapes.0.sizes.count)
            other.descriptor = try Descriptor(aligned, layer: name)
        }
        return try binary(name, kind, one, other, Ending(activation: activation))
    }

    /// A factor and a summand per channel.
    mutating func affine(
        _ name: String, _ scale: [Float], _ shift: [Float], _ source: Int, _ shape: TensorShape
    ) throws(NetworkError) -> Tensor {
        let axes = [1, shape.channels] + shape.sizes.dropFirst().map { _ in 1 }
        let plain = try Descriptor(axes, layer: name)
        let source = try tensor(source, as: try Descriptor(self.axes(shape), layer: name), for: name)
        let factors = try constant("\(name).scale", scale, axes, as: plain)
        let summands = try constant("\(name).shift", shift, axes, as: plain)
        let scaled = try binary(
            name, dnnl_binary_mul, source, Tensor(descriptor: plain, place: .constant(factors)), Ending())
        return try binary(
            name, dnnl_binary_add, scaled, Tensor(descriptor: plain, place: .constant(summands)), Ending())
    }

    /// A constant as an operand, row-major, for a batch of one.
    mutating func constant(_ value: Int, _ shape: TensorShape, _ numbers: [Float]) throws(NetworkError)
        -> Tensor
    {
        let axes = [1] + shape.sizes
        let plain = try Descriptor(axes, layer: "constant")
        let memory = try constant("constant \(value)", numbers, axes, as: plain)
        return Tensor(descriptor: plain, place: .constant(memory))
    }

    /// Scales the pixels of the input where they lie.
    mutating func scale(
        _ input: Tensor, _ shape: TensorShape, _ scaling: (scale: [Float], shift: [Float])
    ) throws(NetworkError) {
        let buffer = try input.buffer("input")
        append(
            .compute(
                .scalePixels(scaling.scale, scaling.shift), from: buffer, input: shape.count, to: buffer,
                output: shape.count))
    }

    /// Axes in another order: a copy into an array whose steps are those of the result.
    mutating func transpose(
        _ name: String, _ order: [Int], _ source: Int, _ from: TensorShape, _ to: TensorShape
    ) throws(NetworkError) -> Tensor {
        let source = try tensor(source, for: name)
        let target = newTensor(try Descriptor(axes(to), layer: name))
        let steps = Descriptor.steps(axes(to))
        var own = steps
        for (place, axis) in order.enumerated() { own[axis + 1] = steps[place + 1] }
        let view = Tensor(descriptor: try Descriptor(axes(from), steps: own, layer: name), place: target.place)
        let copy = try Primitive(from: source.descriptor, to: view.descriptor, engine: engine, layer: name)
        run(copy, [(DNNL_ARG_SRC, source), (DNNL_ARG_DST, view)], layer: name)
        return target
    }

    /// Values one after the other along an axis.
    mutating func concatenate(
        _ name: String, _ values: [Int], _ axis: Int, _ to: TensorShape
    ) throws(NetworkError) -> Tensor {
        let target = newTensor(try Descriptor(axes(to), layer: name))
        var start = 0
        for value in values {
            let source = try tensor(value, for: name)
            let sizes = source.descriptor.sizes
            var offsets = [Int](repeating: 0, count: sizes.count)
            offsets[axis + 1] = start
            start += sizes[axis + 1]
            guard let part = target.descriptor.part(sizes, at: offsets) else {
                throw .badGraph(layer: name, reason: "a part does not fit into the whole")
            }
            let copy = try Primitive(from: source.descriptor, to: part, engine: engine, layer: name)
            run(
                copy, [(DNNL_ARG_SRC, source), (DNNL_ARG_DST, Tensor(descriptor: part, place: target.place))],
                layer: name)
        }
        return target
    }

    mutating func resample(
        _ name: String, _ isLinear: Bool, _ source: Int, _ to: TensorShape
    ) throws(NetworkError) -> Tensor {
        let source = try tensor(source, for: name)
        let free = try Descriptor(axes(to), free: true, layer: name)
        var operation = dnnl_resampling_desc_t()
        let kind = isLinear ? dnnl_resampling_linear : dnnl_resampling_nearest
        let status = unsafe source.descriptor.withRaw { source in
            unsafe free.withRaw { target in
                unsafe dnnl_resampling_forward_desc_init(
                    &operation, dnnl_forward_inference, kind, nil, source, target)
            }
        }
        try check(status, "resampling", layer: name)
        let primitive = try unsafe Primitive(
            &operation, "resampling", ending: Ending(), engine: engine, layer: name)
        let target = newTensor(try primitive.descriptor(dnnl_query_dst_md))
        run(primitive, [(DNNL_ARG_SRC, source), (DNNL_ARG_DST, target)], layer: name)
        return target
    }

    /// Products of the matrices in the last two axes; the others are spread where one input has a single one.
    mutating func multiply(
        _ name: String, _ left: Int, _ right: Int, _ plan: Plan, _ to: TensorShape
    ) throws(NetworkError) -> Tensor {
        let rank = to.sizes.count
        func operand(_ value: Int, _ compiler: inout Compiler) throws(NetworkError) -> Tensor {
            let (shape, count) = (plan.shapes[value], plan.constants[value] == nil ? compiler.batch : 1)
            let own = try Descriptor([count] + shape.sizes, layer: name)
            var tensor = try compiler.tensor(value, as: own, for: name)
            tensor.descriptor = try Descriptor([count] + shape.aligned(rank), layer: name)
            return tensor
        }
        let (one, other) = (try operand(left, &self), try operand(right, &self))
        let target = newTensor(try Descriptor(axes(to), layer: name))
        var operation = dnnl_matmul_desc_t()
        let status = unsafe one.descriptor.withRaw { l in
            unsafe other.descriptor.withRaw { r in
                unsafe target.descriptor.withRaw { t in unsafe dnnl_matmul_desc_init(&operation, l, r, nil, t) }
            }
        }
        try check(status, "matrix product", layer: name)
        let primitive = try unsafe Primitive(
            &operation, "matrix product", ending: Ending(), engine: engine, layer: name)
        run(
            primitive, [(DNNL_ARG_SRC, one), (DNNL_ARG_WEIGHTS, other), (DNNL_ARG_DST, target)], layer: name)
        return target
    }

    mutating func compute(
        _ name: String, _ kernel: Kernel, _ source: Int, _ from: TensorShape, _ to: TensorShape
    ) throws(NetworkError) -> Tensor {
        let source = try tensor(source, as: try Descriptor(axes(from), layer: name), for: name)
        let target = newTensor(try Descriptor(axes(to), layer: name))
        append(
            .compute(
                kernel, from: try source.buffer(name), input: from.count, to: try target.buffer(name),
                output: to.count))
        return target
    }
}
