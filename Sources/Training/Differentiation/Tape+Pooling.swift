internal import COneDNN
internal import Network

extension Tape {
    mutating func pool(_ index: Int, _ kind: dnnl_alg_kind_t, _ window: Window) throws(NetworkError) {
        let node = graph.nodes[index]
        let source = node.inputs[0]
        let input = try value(source)
        let kernel = [Int64(window.height), Int64(window.width)]
        let (stride, before, after) = (window.step.list, window.before.list, window.after.list)
        let free = try Descriptor(axes(node.shape), free: true, layer: node.name)
        var operation = dnnl_pooling_desc_t()
        let status = unsafe input.descriptor.withRaw { source in
            unsafe free.withRaw { target in
                unsafe dnnl_pooling_forward_desc_init(
                    &operation, dnnl_forward_training, kind, source, target, stride, kernel, before, after)
            }
        }
        try check(status, "pooling", layer: node.name)
        let forward = try unsafe Primitive(
            &operation, "pooling", ending: Ending(), engine: engine, layer: node.name)
        let output = newTensor(try forward.descriptor(dnnl_query_dst_md))
        var winners: [Program.Argument] = []
        if kind == dnnl_pooling_max {
            winners = [argument(DNNL_ARG_WORKSPACE, newTensor(try forward.descriptor(dnnl_query_workspace_md)))]
        }
        run(
            forward, [argument(DNNL_ARG_SRC, input), argument(DNNL_ARG_DST, output)] + winners, layer: node.name
        )
        set(index, output)

        note { tape throws(NetworkError) in
            guard tape.isTrained(source) else { return }
            let given = try tape.gradient(index, as: output.descriptor, for: node.name)
            var operation = dnnl_pooling_desc_t()
            let status = unsafe input.descriptor.withRaw { source in
                unsafe output.descriptor.withRaw { target in
                    unsafe dnnl_pooling_backward_desc_init(
                        &operation, kind, source, target, stride, kernel, before, after)
                }
            }
            try check(status, "pooling", layer: node.name)
            let backward = try unsafe Primitive(
                &operation, "pooling", ending: Ending(), engine: tape.engine, layer: node.name,
                forward: forward)
            let target = tape.newTensor(input.descriptor)
            tape.run(
                backward, [argument(DNNL_ARG_DIFF_DST, given), argument(DNNL_ARG_DIFF_SRC, target)] + winners,
                layer: node.name)
            try tape.contribute(source, target)
        }
    }
}
