internal import COneDNN
internal import Network

extension Tape {
    mutating func rectify(_ index: Int) throws(NetworkError) {
        let node = graph.nodes[index]
        let source = node.inputs[0]
        let input = try value(source)
        if rectifiesItself(source) {
            set(index, input)
            note { tape throws(NetworkError) in try tape.contribute(source, try tape.gradient(index)) }
            return
        }
        var operation = dnnl_eltwise_desc_t()
        // Undone from its output, so that its input need not be kept.
        let status = unsafe input.descriptor.withRaw {
            unsafe dnnl_eltwise_forward_desc_init(
                &operation, dnnl_forward_training, dnnl_eltwise_relu_use_dst_for_bwd, $0, 0, 0)
        }
        try check(status, "relu", layer: node.name)
        let forward = try unsafe Primitive(
            &operation, "relu", ending: Ending(), engine: engine, layer: node.name)
        let output = newTensor(input.descriptor)
        run(forward, [argument(DNNL_ARG_SRC, input), argument(DNNL_ARG_DST, output)], layer: node.name)
        set(index, output)

        note { tape throws(NetworkError) in
            guard tape.isTrained(source) else { return }
            let given = try tape.gradient(index, as: output.descriptor, for: node.name)
            var operation = dnnl_eltwise_desc_t()
            let status = unsafe output.descriptor.withRaw {
                unsafe dnnl_eltwise_backward_desc_init(
                    &operation, dnnl_eltwise_relu_use_dst_for_bwd, $0, $0, 0, 0)
            }
            try check(status, "relu", layer: node.name)
            let backward = try unsafe Primitive(
                &operation, "relu", ending: Ending(), engine: tape.engine, layer: node.name, forward: forward)
            let target = tape.newTensor(output.descriptor)
            tape.run(
                backward,
                [
                    argument(DNNL_ARG_DST, output), argument(DNNL_ARG_DIFF_DST, given),
                    argument(DNNL_ARG_DIFF_SRC, target),
                ],
                layer: node.name)
            try tape.contribute(source, target)
        }
    }

    mutating func rectifyWithSlope(_ index: Int) throws(NetworkError) {
        let node = graph.nodes[index]
        let source = node.inputs[0]
        let input = try value(source)
        let shape = [1, node.shape.channels, 1, 1]
        let name = "\(node.name).slope"
        // In an order of oneDNN's choice: row-major slopes are left to its plain loops, fifty times as slow.
        let free = try Descriptor(shape, free: true, layer: node.name)
        var operation = dnnl_prelu_desc_t()
        let status = unsafe input.descriptor.withRaw { data in
            unsafe free.withRaw { slope in
                unsafe dnnl_prelu_forward_desc_init(&operation, dnnl_forward_training, data, slope)
            }
        }
        try check(status, "prelu", layer: node.name)
        let forward = try unsafe Primitive(
            &operation, "prelu", ending: Ending(), engine: engine, layer: node.name)
        let slope = try weight(name, shape, as: try forward.descriptor(dnnl_query_weights_md))
        let output = newTensor(input.descriptor)
        run(
            forward, [argument(DNNL_ARG_SRC, input), slope, argument(DNNL_ARG_DST, output)], layer: node.name)
        set(index, output)

        note { tape throws(NetworkError) in
            let given = try tape.gradient(index, as: input.descriptor, for: node.name)
            var operation = dnnl_prelu_desc_t()
            let status = unsafe input.descriptor.withRaw { data in
                unsafe free.withRaw { slope in
                    unsafe dnnl_prelu_backward_desc_init(&operation, data, slope, data, slope)
                }
            }
            try check(status, "prelu", layer: node.name)
            let backward = try unsafe Primitive(
                &operation, "prelu", ending: Ending(), engine: tape.engine, layer: node.name, forward: forward)
            let slope = try tape.weight(name, shape, as: try backward.descriptor(dnnl_query_weights_md))
            let target = tape.newTensor(input.descriptor)
            try tape.run(
                backward,
                [
                    slope, argument(DNNL_ARG_SRC, input), argument(DNNL_ARG_DIFF_DST, given),
                    argument(DNNL_ARG_DIFF_SRC, target),
                ], weightGradient: name, shape, layer: node.name)
            if tape.isTrained(source) { try tape.contribute(source, target) }
        }
    }

    /// Multiplies by numbers that the caller draws before each forward pass.
    mutating func drop(_ index: Int, rate: Float) throws(NetworkError) {
        let node = graph.nodes[index]
        let source = node.inputs[0]
        let input = try value(source)
        let mask = newTensor(input.descriptor)
        masks.append(Mask(buffer: mask.buffer, rate: rate))
        set(index, try combined(dnnl_binary_mul, input, mask, layer: node.name))
        note { tape throws(NetworkError) in
            guard tape.isTrained(source) else { return }
            let given = try tape.gradient(index, as: input.descriptor, for: node.name)
            try tape.contribute(
                source, try tape.combined(dnnl_binary_mul, given, mask, layer: node.name))
        }
    }

    mutating func add(_ index: Int) throws(NetworkError) {
        let node = graph.nodes[index]
        let left = try enlarged(node.inputs[0], to: node.shape, for: node.name)
        let right = try reordered(
            try enlarged(node.inputs[1], to: node.shape, for: node.name), left.descriptor, layer: node.name)
        set(index, try combined(dnnl_binary_add, left, right, layer: node.name))
        note { tape throws(NetworkError) in
            for source in node.inputs where tape.isTrained(source) {
                let gradient = try tape.gradient(index)
                let part = try tape.cornered(gradient, tape.graph.nodes[source].shape, node.shape, node.name)
                try tape.contribute(source, part)
            }
        }
    }

    /// The same numbers under another shape: row-major, both are the same bytes.
    mutating func reshape(_ index: Int) throws(NetworkError) {
        let node = graph.nodes[index]
        let source = node.inputs[0]
        let from = graph.nodes[source].shape
        guard axes(from).dropFirst().reduce(1, *) == from.count,
            axes(node.shape).dropFirst().reduce(1, *) == node.shape.count
        else {
            throw .badGraph(
                layer: node.name, reason: "training does not know the gradient from \(from) to \(node.shape)")
        }
        let (before, after) = (
            try Descriptor(axes(from), layer: node.name), try Descriptor(axes(node.shape), layer: node.name)
        )
        let input = try value(source, as: before, for: node.name)
        set(index, Tensor(descriptor: after, buffer: input.buffer))
        note { tape throws(NetworkError) in
            guard tape.isTrained(source) else { return }
            let given = try tape.gradient(index, as: after, for: node.name)
            try tape.contribute(source, Tensor(descriptor: before, buffer: given.buffer))
        }
    }

    /// A value with zeros at the end of each axis, up to `shape`.
    private mutating func enlarged(
        _ source: Int, to shape: TensorShape, for layer: String
    ) throws(NetworkError) -> Tensor {
        let tensor = try value(source)
        let from = graph.nodes[source].shape
        if from == shape { return tensor }
        let layout = try tensor.descriptor.enlarged(from: axes(from), to: axes(shape), layer: layer)
        guard let corner = layout.corner(axes(from)) else {
            throw .badGraph(layer: layer, reason: "\(from) does not fit into a corner of \(shape)")
        }
        let whole = newTensor(layout)
        clear(whole)
        try copy(
            argument(DNNL_ARG_SRC, tensor),
            argument(DNNL_ARG_DST, Tensor(descriptor: corner, buffer: whole.buffer)), layer: layer)
        return whole
    }

    /// The part of a gradient that belongs to a smaller input of a sum.
    private mutating func cornered(
        _ gradient: Tensor, _ small: TensorShape, _ large: TensorShape, _ layer: String
    ) throws(NetworkError) -> Tensor {
        if small == large { return gradient }
        var whole = gradient
        var corner = whole.descriptor.corner(axes(small))
        if corner == nil {
            whole = try reordered(gradient, try Descriptor(axes(large), layer: layer), layer: layer)
            corner = whole.descriptor.corner(axes(small))
        }
        guard let corner else {
            throw .badGraph(layer: layer, reason: "\(small) is no corner of \(large)")
        }
        let target = newTensor(try Descriptor(axes(small), layer: layer))
        try copy(
            argument(DNNL_ARG_SRC, Tensor(descriptor: corner, buffer: whole.buffer)),
            argument(DNNL_ARG_DST, target), layer: layer)
        return target
    }
}
