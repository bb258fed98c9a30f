internal import COneDNN

extension Compiler {
    /// oneDNN's convolutions take `prelu` as an ending only in its slowest form, so it is an operation of its own.
    mutating func prelu(
        _ name: String, _ slopes: [Float], _ source: Int, _ shape: Shape, inPlace: Bool
    ) throws(NetworkError) -> Tensor {
        let source = try tensor(source, for: name)
        let axes = [1, shape.channels, 1, 1]
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
            Program.Argument(kind: DNNL_ARG_SRC, descriptor: source.descriptor, place: .buffer(source.buffer)),
            Program.Argument(kind: DNNL_ARG_WEIGHTS, descriptor: wanted, place: .constant(weight)),
            Program.Argument(kind: DNNL_ARG_DST, descriptor: target.descriptor, place: .buffer(target.buffer)),
        ]
        append(primitive, arguments, layer: name)
        return target
    }

    mutating func relu(_ name: String, _ source: Int) throws(NetworkError) -> Tensor {
        let source = try tensor(source, for: name)
        var operation = dnnl_eltwise_desc_t()
        let status = unsafe source.descriptor.withRaw {
            unsafe dnnl_eltwise_forward_desc_init(
                &operation, dnnl_forward_inference, dnnl_eltwise_relu, $0, 0, 0)
        }
        try check(status, "relu", layer: name)
        let primitive = try unsafe Primitive(
            &operation, "relu", ending: Ending(), engine: engine, layer: name)
        let target = newTensor(source.descriptor)
        run(primitive, [(DNNL_ARG_SRC, source), (DNNL_ARG_DST, target)], layer: name)
        return target
    }
}
