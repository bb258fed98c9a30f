internal import COneDNN
internal import Network

extension Tape {
    mutating func convolve(_ index: Int, _ window: Window, groups: Int, bias: Bool) throws(NetworkError) {
        let node = graph.nodes[index]
        let source = node.inputs[0]
        let (from, to) = (graph.nodes[source].shape, node.shape)
        var shape = [to.channels, from.channels / groups, window.height, window.width]
        if groups > 1 { shape = [groups, shape[0] / groups] + shape[1...] }
        let plan = try Convolution(
            axes(from), shape, bias ? to.channels : nil, axes(to), window, engine: engine, layer: node.name)

        let forward = try plan.forward()
        let input = try value(source, as: try forward.descriptor(dnnl_query_src_md), for: node.name)
        let weight = try weight("\(node.name).weight", shape, as: try forward.descriptor(dnnl_query_weights_md))
        let output = newTensor(try forward.descriptor(dnnl_query_dst_md))
        var arguments = [argument(DNNL_ARG_SRC, input), weight, argument(DNNL_ARG_DST, output)]
        if bias {
            arguments.append(
                argument(DNNL_ARG_BIAS, try parameters.value("\(node.name).bias", [to.channels])))
        }
        run(forward, arguments, layer: node.name)
        set(index, output)

        note { tape throws(NetworkError) in
            if !tape.isFrozen(index) {
                let gradient = try tape.gradient(index)
                try tape.differentiateWeights(plan, index, source, gradient, forward, shape: shape, bias: bias)
            }
            if tape.isTrained(source) {
                let backward = try plan.backwardData(forward)
                let given = try tape.gradient(
                    index, as: try backward.descriptor(dnnl_query_diff_dst_md), for: node.name)
                let weight = try tape.weight(
                    "\(node.name).weight", shape, as: try backward.descriptor(dnnl_query_weights_md))
                let target = tape.newTensor(try backward.descriptor(dnnl_query_diff_src_md))
                tape.run(
                    backward,
                    [
                        argument(DNNL_ARG_DIFF_DST, given), weight,
                        argument(DNNL_ARG_DIFF_SRC, target),
                    ], layer: node.name)
                try tape.contribute(source, target)
            }
        }
    }

    private mutating func differentiateWeights(
        _ plan: Convolution, _ index: Int, _ source: Int, _ gradient: Tensor, _ forward: Primitive,
        shape: [Int], bias: Bool
    ) throws(NetworkError) {
        let name = graph.nodes[index].name
        let backward = try plan.backwardWeights(forward)
        let input = try value(source, as: try backward.descriptor(dnnl_query_src_md), for: name)
        let given = try reordered(gradient, try backward.descriptor(dnnl_query_diff_dst_md), layer: name)
        var biasGradient: [Program.Argument] = []
        if bias {
            biasGradient.append(
                argument(DNNL_ARG_DIFF_BIAS, try parameters.gradient("\(name).bias", [shape.filters])))
        }
        try run(
            backward, [argument(DNNL_ARG_SRC, input), argument(DNNL_ARG_DIFF_DST, given)] + biasGradient,
            weightGradient: "\(name).weight", shape, layer: name)
    }
}

extension [Int] {
    /// Filters of a convolution's weights, whose first axis may be groups.
    fileprivate var filters: Int { count == 5 ? self[0] * self[1] : self[0] }
}

/// The three passes of one convolution, each in the orders in memory that oneDNN likes best for it.
private struct Convolution {
    let source: Descriptor
    let weights: Descriptor
    let bias: Descriptor?
    let target: Descriptor
    let stride: [Int64]
    /// Pixels between those of a window, and zeros around the planes.
    let gaps: [Int64], before: [Int64], after: [Int64]
    let engine: Handle
    let layer: String

    init(
        _ source: [Int], _ weights: [Int], _ bias: Int?, _ target: [Int], _ window: Window, engine: Handle,
        layer: String
    ) throws(NetworkError) {
        self.source = try Descriptor(source, free: true, layer: layer)
        self.weights = try Descriptor(weights, free: true, layer: layer)
        self.target = try Descriptor(target, free: true, layer: layer)
        if let bias { self.bias = try Descriptor([bias], layer: layer) } else { self.bias = nil }
        (stride, before, after) = (window.step.list, window.before.list, window.after.list)
        gaps = window.gaps
        self.engine = engine
        self.layer = layer
    }

    func forward() throws(NetworkError) -> Primitive {
        var operation = dnnl_convolution_desc_t()
        let status = unsafe source.withRaw { source in
            unsafe weights.withRaw { weights in
                unsafe target.withRaw { target in
                    unsafe withBias { bias in
                        unsafe dnnl_dilated_convolution_forward_desc_init(
                            &operation, dnnl_forward_training, dnnl_convolution_direct, source, weights, bias,
                            target, stride, gaps, before,
                            after)
                    }
                }
            }
        }
        return try primitive(&operation, status, nil)
    }

    func backwardData(_ forward: Primitive) throws(NetworkError) -> Primitive {
        var operation = dnnl_convolution_desc_t()
        let status = unsafe source.withRaw { source in
            unsafe weights.withRaw { weights in
                unsafe target.withRaw { target in
                    unsafe dnnl_dilated_convolution_backward_data_desc_init(
                        &operation, dnnl_convolution_direct, source, weights, target, stride, gaps, before,
                        after)
                }
            }
        }
        return try primitive(&operation, status, forward)
    }

    func backwardWeights(_ forward: Primitive) throws(NetworkError) -> Primitive {
        var operation = dnnl_convolution_desc_t()
        let status = unsafe source.withRaw { source in
            unsafe weights.withRaw { weights in
                unsafe target.withRaw { target in
                    unsafe withBias { bias in
                        unsafe dnnl_dilated_convolution_backward_weights_desc_init(
                            &operation, dnnl_convolution_direct, source, weights, bias, target, stride, gaps,
                            before,
                            after)
                    }
                }
            }
        }
        return try primitive(&operation, status, forward)
    }

    private func withBias(
        _ body: (UnsafePointer<dnnl_memory_desc_t>?) -> dnnl_status_t
    ) -> dnnl_status_t {
        guard let bias else { return body(nil) }
        return unsafe bias.withRaw { unsafe body($0) }
    }

    private func primitive(
        _ operation: inout dnnl_convolution_desc_t, _ status: dnnl_status_t, _ forward: Primitive?
    ) throws(NetworkError) -> Primitive {
        try check(status, "convolution", layer: layer)
        return try unsafe Primitive(
            &operation, "convolution", ending: Ending(), engine: engine, layer: layer, forward: forward)
    }
}
