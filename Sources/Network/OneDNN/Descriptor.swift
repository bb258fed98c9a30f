package import COneDNN

/// Type, shape and order in memory of an array.
package struct Descriptor: Sendable {
    private var raw: dnnl_memory_desc_t

    package init(raw: dnnl_memory_desc_t) { self.raw = raw }

    /// Float32 of this shape, row-major, or, if `free`, in whatever order an operation likes best.
    package init(_ shape: [Int], free: Bool = false, layer: String) throws(NetworkError) {
        if free {
            try self.init(shape, order: dnnl_format_tag_any, layer: layer)
        } else {
            try self.init(shape, steps: Self.steps(shape), layer: layer)
        }
    }

    /// Float32 of this shape, where `steps` says how far neighbours along each axis lie apart.
    init(_ shape: [Int], steps: [Int], layer: String) throws(NetworkError) {
        guard (1...8).contains(shape.count) else {
            throw .badGraph(layer: layer, reason: "arrays of \(shape.count) axes are not supported")
        }
        raw = dnnl_memory_desc_t()
        let status = unsafe dnnl_memory_desc_init_by_strides(
            &raw, Int32(shape.count), shape.map(Int64.init), dnnl_f32, steps.map(Int64.init))
        try check(status, "memory descriptor", layer: layer)
    }

    /// How far apart neighbours along each axis of a row-major array stand.
    static func steps(_ shape: [Int]) -> [Int] {
        var steps = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() { steps[axis] = steps[axis + 1] * shape[axis + 1] }
        return steps
    }

    /// Float32 of images × channels × rows × columns, a pixel's channels side by side.
    package init(interleaved shape: [Int], layer: String) throws(NetworkError) {
        try self.init(shape, order: dnnl_nhwc, layer: layer)
    }

    private init(_ shape: [Int], order: dnnl_format_tag_t, layer: String) throws(NetworkError) {
        raw = dnnl_memory_desc_t()
        let status = unsafe dnnl_memory_desc_init_by_tag(
            &raw, Int32(shape.count), shape.map(Int64.init), dnnl_f32, order)
        try check(status, "memory descriptor", layer: layer)
    }

    /// A larger array, in this one's order where a corner of it can hold this one, else row-major.
    package func enlarged(from shape: [Int], to larger: [Int], layer: String) throws(NetworkError) -> Descriptor
    {
        for order in [dnnl_nChw16c, dnnl_nChw8c, dnnl_nhwc] {
            let candidate = try Descriptor(larger, order: order, layer: layer)
            if try Descriptor(shape, order: order, layer: layer) == self, candidate.corner(shape) != nil {
                return candidate
            }
        }
        return try Descriptor(larger, layer: layer)
    }

    /// Sizes of the axes.
    var sizes: [Int] {
        unsafe withUnsafeBytes(of: raw.dims) { all in
            unsafe all.bindMemory(to: Int64.self).prefix(Int(raw.ndims)).map(Int.init)
        }
    }

    package var bytes: Int { unsafe withRaw { unsafe dnnl_memory_desc_get_size($0) } }

    /// The corner of this array that has `shape`; nil if the order in memory does not allow one.
    package func corner(_ shape: [Int]) -> Descriptor? {
        part(shape, at: [Int](repeating: 0, count: shape.count))
    }

    /// The part of this array that has `shape` and begins at `offsets`; nil if the order in memory allows none.
    func part(_ shape: [Int], at offsets: [Int]) -> Descriptor? {
        var part = dnnl_memory_desc_t()
        let status = unsafe withRaw {
            unsafe dnnl_memory_desc_init_submemory(&part, $0, shape.map(Int64.init), offsets.map(Int64.init))
        }
        return status == dnnl_success ? Descriptor(raw: part) : nil
    }

    package func withRaw<R>(_ body: (UnsafePointer<dnnl_memory_desc_t>) -> R) -> R {
        unsafe withUnsafePointer(to: raw) { unsafe body($0) }
    }

    package static func == (left: Descriptor, right: Descriptor) -> Bool {
        unsafe left.withRaw { l in unsafe right.withRaw { r in unsafe dnnl_memory_desc_equal(l, r) != 0 } }
    }
    package static func != (left: Descriptor, right: Descriptor) -> Bool { !(left == right) }
}

/// What is done to the result of an operation before it is written.
package struct Ending: Sendable {
    /// Add it to what is there.
    package var sum = false
    /// Then a function of each number.
    var activation: Activation?

    package init(sum: Bool = false) { self.sum = sum }

    init(sum: Bool = false, activation: Activation?) {
        self.sum = sum
        self.activation = activation
    }
}

/// An operation chosen for given arrays, and the primitive that does it.
package struct Primitive: Sendable {
    package let handle: Handle
    private let description: Handle

    /// - Parameters:
    ///   - operation: an operation descriptor of oneDNN's, read during the call.
    ///   - forward: for a backward pass, what it is the backward pass of.
    package init(
        _ operation: UnsafeRawPointer, _ call: String, ending: Ending, engine: Handle, layer: String,
        forward: Primitive? = nil
    ) throws(NetworkError) {
        let attributes = try Self.attributes(ending, layer: layer)
        try unsafe self.init(call, engine: engine, layer: layer) {
            unsafe dnnl_primitive_desc_create(
                $0, operation, attributes.raw, engine.raw, forward?.description.raw)
        }
    }

    /// Copies between two orders in memory; `ending.sum` adds instead.
    package init(
        from: Descriptor, to: Descriptor, ending: Ending = Ending(), engine: Handle, layer: String
    ) throws(NetworkError) {
        let attributes = try Self.attributes(ending, layer: layer)
        try unsafe self.init("reorder", engine: engine, layer: layer) { made in
            unsafe from.withRaw { source in
                unsafe to.withRaw { target in
                    unsafe dnnl_reorder_primitive_desc_create(
                        made, source, engine.raw, target, engine.raw, attributes.raw)
                }
            }
        }
    }

    private init(
        _ call: String, engine: Handle, layer: String,
        describe: (UnsafeMutablePointer<OpaquePointer?>) -> dnnl_status_t
    ) throws(NetworkError) {
        let description = try unsafe Handle(
            call, layer: layer, engine: engine, destroy: { unsafe dnnl_primitive_desc_destroy($0) },
            make: describe)
        self.description = description
        handle = try unsafe Handle(
            call, layer: layer, engine: engine, destroy: { unsafe dnnl_primitive_destroy($0) }
        ) {
            unsafe dnnl_primitive_create($0, description.raw)
        }
    }

    /// The array the operation wants as its `what`.
    package func descriptor(_ what: dnnl_query_t) throws(NetworkError) -> Descriptor {
        guard let found = unsafe dnnl_primitive_desc_query_md(description.raw, what, 0) else {
            throw .refused(call: "query", layer: "input", status: -1)
        }
        return unsafe Descriptor(raw: found.pointee)
    }

    /// Bytes of working memory the operation needs while it runs.
    package var scratch: Int {
        let found = unsafe dnnl_primitive_desc_query_md(description.raw, dnnl_query_scratchpad_md, 0)
        return unsafe found.map { unsafe dnnl_memory_desc_get_size($0) } ?? 0
    }

    private static func attributes(_ ending: Ending, layer: String) throws(NetworkError) -> Handle {
        let attributes = try unsafe Handle(
            "attributes", layer: layer, destroy: { unsafe dnnl_primitive_attr_destroy($0) },
            make: { unsafe dnnl_primitive_attr_create($0) })
        // Working memory of the caller's is what lets one primitive run in several threads at once.
        try check(
            unsafe dnnl_primitive_attr_set_scratchpad_mode(attributes.raw, dnnl_scratchpad_mode_user),
            "scratchpad mode", layer: layer)
        let ends = try unsafe Handle(
            "post-ops", layer: layer, destroy: { unsafe dnnl_post_ops_destroy($0) },
            make: { unsafe dnnl_post_ops_create($0) })
        if ending.sum { try check(unsafe dnnl_post_ops_append_sum(ends.raw, 1), "sum", layer: layer) }
        for (kind, alpha, beta) in ending.activation?.steps ?? [] {
            try check(
                unsafe dnnl_post_ops_append_eltwise(ends.raw, 1, kind, alpha, beta), "activation", layer: layer)
        }
        try check(unsafe dnnl_primitive_attr_set_post_ops(attributes.raw, ends.raw), "post-ops", layer: layer)
        return attributes
    }
}
