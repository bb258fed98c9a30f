internal import COneDNN

extension Compiler {
    /// oneDNN's convolutions take `prelu` as an ending only in its slowest form, so it is an operation of its own.
    mutating func prelu(
        _ name: String, _ slopes: [Float], _ source: Int, _ shape: TensorShape, inPlace: Bool
    ) throws(NetworkError) -> Tensor {
        let source = try tensor(source, for: name)
        let axes = [1, shape.channels] + shape.sizes.dropFirst().map { _ in 1 }
        let free = try Descriptor(axes, free: true, layer: name)
        var operation = dnnl_prelu_desc_t()
        let status = unsafe source.descriptor.withRaw { data in
            unsafe free.withRaw { weights in
                unsafe dnnl_prelu_forward_desc_init(&operation, dnnl_forward_inference, data, weights)
            }
        }
        try check(status, "prelu", layer: name)
        let primitive = try unsafe Primitive(
            &operation, "prelu", ending: Ending(), engine: engine, layer: name)
        let wanted = try primitive.descriptor(dnnl_query_weights_md)
        let weight = try constant("\(name).slope", slopes, axes, as: wanted)
        let target = inPlace ? source : newTensor(source.descriptor)
        let arguments = [
            Program.Argument(kind: DNNL_ARG_SRC, descriptor: source.descriptor, place: source.place),
            Program.Argument(kind: DNNL_ARG_WEIGHTS, descriptor: wanted, place: .constant(weight)),
            Program.Argument(kind: DNNL_ARG_DST, descriptor: target.descriptor, place: target.place),
        ]
        append(primitive, arguments, layer: name)
        return target
    }

    mutating func activate(
        _ name: String, _ activation: Activation, _ source: Int
    ) throws(NetworkError) -> Tensor {
        let source = try tensor(source, for: name)
        let steps = activation.steps
        guard let first = steps.first else {
            throw .badGraph(layer: name, reason: "its activation is no operation of oneDNN's")
        }
        var operation = dnnl_eltwise_desc_t()
        let status = unsafe source.descriptor.withRaw {
            unsafe dnnl_eltwise_forward_desc_init(
                &operation, dnnl_forward_inference, first.kind, $0, first.alpha, first.beta)
        }
        try check(status, "activation", layer: name)
        let rest: Activation? =
            if case .hardSigmoid = activation { .clip(0, 1) } else { nil }
        let primitive = try unsafe Primitive(
            &operation, "activation", ending: Ending(activation: rest), engine: engine, layer: name)
        let target = newTensor(source.descriptor)
        run(primitive, [(DNNL_ARG_SRC, source), (DNNL_ARG_DST, target)], layer: name)
        return target
    }
}

extension Activation {
    /// The functions of oneDNN's that do it, one after the other; none for what oneDNN lacks.
    var steps: [(kind: dnnl_alg_kind_t, alpha: Float, beta: Float)] {
        switch self {
        case .relu(let slope): [(dnnl_eltwise_relu, slope, 0)]
        case .clip(let low, let high): [(dnnl_eltwise_clip, low, high)]
        case .sigmoid: [(dnnl_eltwise_logistic, 0, 0)]
        case .hardSigmoid(let alpha, let beta): [(dnnl_eltwise_linear, alpha, beta), (dnnl_eltwise_clip, 0, 1)]
        case .hardSwish: [(dnnl_eltwise_hardswish, 0, 0)]
        case .swish(let alpha): [(dnnl_eltwise_swish, alpha, 0)]
        case .elu(let alpha): [(dnnl_eltwise_elu, alpha, 0)]
        case .gelu: [(dnnl_eltwise_gelu_erf, 0, 0)]
        case .tanhGelu: [(dnnl_eltwise_gelu_tanh, 0, 0)]
        case .tanh: [(dnnl_eltwise_tanh, 0, 0)]
        case .exp: [(dnnl_eltwise_exp, 0, 0)]
        case .log: [(dnnl_eltwise_log, 0, 0)]
        case .squareRoot: [(dnnl_eltwise_sqrt, 0, 0)]
        case .absolute: [(dnnl_eltwise_abs, 0, 0)]
        case .softplus: [(dnnl_eltwise_soft_relu, 0, 0)]
        case .mish: [(dnnl_eltwise_mish, 0, 0)]
        case .linear(let scale, let shift): [(dnnl_eltwise_linear, scale, shift)]
        case .power(let exponent): [(dnnl_eltwise_pow, 1, exponent)]
        case .erf: []
        }
    }

    /// Whether it can be the end of another operation.
    var canEnd: Bool { !steps.isEmpty }
}
