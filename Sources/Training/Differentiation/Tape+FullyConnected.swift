internal import COneDNN
internal import Network

extension Tape {
    mutating func connect(_ index: Int, bias: Bool) throws(NetworkError) {
        let node = graph.nodes[index]
        let source = node.inputs[0]
        let from = graph.nodes[source].shape
        let outputs = node.shape.channels
        let shape = [outputs, from.channels, from.height, from.width]
        let plan = try InnerProduct(
            axes(from), shape, bias ? outputs : nil, [batch, outputs], engine: engine, layer: node.name)
        // Row-major n × c and n × c × 1 × 1 are the same bytes; other layers expect four axes.
        let plain = try Descriptor(axes(node.shape), layer: node.name)

        let forward = try plan.forward()
        let input = try value(source, as: try forward.descriptor(dnnl_query_src_md), for: node.name)
        let weight = try weight("\(node.name).weight", shape, as: try forward.descriptor(dnnl_query_weights_md))
        let output = newTensor(plan.target)
        var arguments = [argument(DNNL_ARG_SRC, input), weight, argument(DNNL_ARG_DST, output)]
        if bias {
            arguments.append(argument(DNNL_ARG_BIAS, try parameters.value("\(node.name).bias", [outputs])))
        }
        run(forward, arguments, layer: node.name)
        set(index, Tensor(descriptor: plain, buffer: output.buffer))

        note { tape throws(NetworkError) in
            var given = try tape.gradient(index, as: plain, for: node.name)
            given.descriptor = plan.target
            if !tape.isFrozen(index) {
                let weights = try plan.backwardWeights(forward)
                let input = try tape.value(
                    source, as: try weights.descriptor(dnnl_query_src_md), for: node.name)
                var biasGradient: [Program.Argument] = []
                if bias {
                    let gradient = try tape.parameters.gradient("\(node.name).bias", [outputs])
                    biasGradient = [argument(DNNL_ARG_DIFF_BIAS, gradient)]
                }
                try tape.run(
                    weights,
                    [argument(DNNL_ARG_SRC, input), argument(DNNL_ARG_DIFF_DST, given)] + biasGradient,
                    weightGradient: "\(node.name).weight", shape, layer: node.name)
            }
            guard tape.isTrained(source) else { return }
            let data = try plan.backwardData(forward)
            let weight = try tape.weight(
                "\(node.name).weight", shape, as: try data.descriptor(dnnl_query_weights_md))
            let target = tape.newTensor(try data.descriptor(dnnl_query_diff_src_md))
            tape.run(
                data,
                [argument(DNNL_ARG_DIFF_DST, given), weight, argument(DNNL_ARG_DIFF_SRC, target)],
                layer: node.name)
            try tape.contribute(source, target)
        }
    }
}

/// The three passes of one fully connected layer.
private struct InnerProduct {
    let source: Descriptor
    let weights: Descriptor
    let bias: Descriptor?
    /// Row-major.
    let target: Descriptor
    let engine: Handle
    let layer: String

    init(
        _ source: [Int], _ weights: [Int], _ bias: Int?, _ target: [Int], engine: Handle, layer: String
    ) throws(NetworkError) {
        self.source = try Descriptor(source, free: true, layer: layer)
        self.weights = try Descriptor(weights, free: true, layer: layer)
        self.target = try Descriptor(target, layer: layer)
        if let bias { self.bias = try Descriptor([bias], layer: layer) } else { self.bias = nil }
        self.engine = engine
        self.layer = layer
    }

    func forward() throws(NetworkError) -> Primitive {
        try unsafe make(nil) { operation, source, weights, bias, target in
            unsafe dnnl_inner_product_forward_desc_init(
                operation, dnnl_forward_training, source, weights, bias, target)
        }
    }

    func backwardData(_ forward: Primitive) throws(NetworkError) -> Primitive {
        try unsafe make(forward) { operation, source, weights, _, target in
            unsafe dnnl_inner_product_backward_data_desc_init(operation, source, weights, target)
        }
    }

    func backwardWeights(_ forward: Primitive) throws(NetworkError) -> Primitive {
        try unsafe make(forward) { operation, source, weights, bias, target in
            unsafe dnnl_inner_product_backward_weights_desc_init(operation, source, weights, bias, target)
        }
    }

    private typealias Pointer = UnsafePointer<dnnl_memory_desc_t>

    private func make(
        _ forward: Primitive?,
        _ describe: (UnsafeMutablePointer<dnnl_inner_product_desc_t>, Pointer, Pointer, Pointer?, Pointer) ->
            dnnl_status_t
    ) throws(NetworkError) -> Primitive {
        var operation = dnnl_inner_product_desc_t()
        let status = unsafe source.withRaw { source in
            unsafe weights.withRaw { weights in
                unsafe target.withRaw { target in
                    guard let bias else { return unsafe describe(&operation, source, weights, nil, target) }
                    return unsafe bias.withRaw { unsafe describe(&operation, source, weights, $0, target) }
                }
            }
        }
        try check(status, "fully connected", layer: layer)
        return try unsafe Primitive(
            &operation, "fully connected", ending: Ending(), engine: engine, layer: layer, forward: forward)
    }
}
