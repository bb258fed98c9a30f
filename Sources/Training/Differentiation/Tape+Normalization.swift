internal import COneDNN
internal import Network

extension Tape {
    /// Whether node `index` normalises and applies the `relu` that alone reads it.
    func rectifiesItself(_ index: Int) -> Bool {
        switch graph.nodes[index].layer {
        case .affine, .batchNormalization:
            if let reader = onlyReader(index) { return graph.nodes[reader].layer == .relu }
            return false
        default: return false
        }
    }

    /// Batch normalisation (Ioffe and Szegedy, 2015), or, without `statistics`, a fixed mean 0 and variance 1.
    ///
    /// A frozen layer normalises with its running statistics.
    mutating func normalize(_ index: Int, epsilon: Float, statistics measured: Bool) throws(NetworkError) {
        let node = graph.nodes[index]
        let source = node.inputs[0]
        let input = try value(source)
        let data = input.descriptor
        let channels = node.shape.channels
        let rectified = rectifiesItself(index)
        var flags = dnnl_use_scale.rawValue | dnnl_use_shift.rawValue
        let isFixed = isFrozen(index)
        if !measured || isFixed { flags |= dnnl_use_global_stats.rawValue }
        if rectified { flags |= dnnl_fuse_norm_relu.rawValue }

        var operation = dnnl_batch_normalization_desc_t()
        let status = unsafe data.withRaw {
            unsafe dnnl_batch_normalization_forward_desc_init(
                &operation, dnnl_forward_training, $0, epsilon, flags)
        }
        try check(status, "batch normalisation", layer: node.name)
        let forward = try unsafe Primitive(
            &operation, "batch normalisation", ending: Ending(), engine: engine, layer: node.name)
        let scale = try parameters.value("\(node.name).scale", [channels])
        let shift = try parameters.value("\(node.name).shift", [channels])
        let numbers = try Descriptor([channels], layer: node.name)
        let moments: [Program.Argument]
        if measured, isFixed {
            moments = [
                argument(DNNL_ARG_MEAN, try parameters.value("\(node.name).mean", [channels])),
                argument(DNNL_ARG_VARIANCE, try parameters.value("\(node.name).variance", [channels])),
            ]
        } else {
            let (mean, variance) = (newTensor(numbers), newTensor(numbers))
            moments = [argument(DNNL_ARG_MEAN, mean), argument(DNNL_ARG_VARIANCE, variance)]
            try follow(index, mean, variance, measured: measured)
        }
        let output = newTensor(data)
        var signs: [Program.Argument] = []
        if rectified {
            signs = [argument(DNNL_ARG_WORKSPACE, newTensor(try forward.descriptor(dnnl_query_workspace_md)))]
        }
        run(
            forward,
            [argument(DNNL_ARG_SRC, input), argument(DNNL_ARG_DST, output)] + moments + signs + [
                argument(DNNL_ARG_SCALE, scale), argument(DNNL_ARG_SHIFT, shift),
            ], layer: node.name)
        set(index, output)

        note { tape throws(NetworkError) in
            let given = try tape.gradient(index, as: data, for: node.name)
            var operation = dnnl_batch_normalization_desc_t()
            let status = unsafe data.withRaw {
                unsafe dnnl_batch_normalization_backward_desc_init(
                    &operation, dnnl_backward, $0, $0, epsilon, flags)
            }
            try check(status, "batch normalisation", layer: node.name)
            let backward = try unsafe Primitive(
                &operation, "batch normalisation", ending: Ending(), engine: tape.engine, layer: node.name,
                forward: forward)
            let target = tape.newTensor(data)
            tape.run(
                backward,
                [
                    argument(DNNL_ARG_SRC, input), argument(DNNL_ARG_DIFF_DST, given),
                    argument(DNNL_ARG_DIFF_SRC, target),
                ] + moments
                    + signs + [
                        argument(DNNL_ARG_SCALE, scale), argument(DNNL_ARG_SHIFT, shift),
                        argument(
                            DNNL_ARG_DIFF_SCALE, try tape.parameters.gradient("\(node.name).scale", [channels])),
                        argument(
                            DNNL_ARG_DIFF_SHIFT, try tape.parameters.gradient("\(node.name).shift", [channels])),
                    ], layer: node.name)
            if tape.isTrained(source) { try tape.contribute(source, target) }
        }
    }

    /// Says where a batch's mean and variance come from: they are measured and followed, or fixed at 0 and 1.
    private mutating func follow(
        _ index: Int, _ mean: Tensor, _ variance: Tensor, measured: Bool
    ) throws(NetworkError) {
        let node = graph.nodes[index]
        guard measured else {
            constants += [(mean.buffer, 0), (variance.buffer, 1)]
            return
        }
        let count = Float(batch * node.shape.height * node.shape.width)
        // The variance of a sample underestimates that of what it was drawn from.
        let unbiased = count / max(count - 1, 1)
        statistics += [
            Statistic(buffer: mean.buffer, running: try parameters.range("\(node.name).mean"), factor: 1),
            Statistic(
                buffer: variance.buffer, running: try parameters.range("\(node.name).variance"),
                factor: unbiased),
        ]
    }
}
