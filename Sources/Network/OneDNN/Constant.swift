internal import COneDNN

/// An array in memory, as oneDNN sees it.
package struct Memory: Sendable {
    package let handle: Handle
    package let descriptor: Descriptor

    /// What the array is in, if nobody else keeps that alive.
    private var owner: Pages?

    /// Memory from a shelf, not filled.
    init(
        _ descriptor: Descriptor, on shelf: inout Shelf, engine: Handle, layer: String
    ) throws(NetworkError) {
        let (pages, offset) = try shelf.place(descriptor.bytes, layer: layer)
        let bytes = unsafe pages.bytes(offset, descriptor.bytes)
        try unsafe self.init(descriptor, at: bytes.baseAddress, engine: engine, layer: layer)
        owner = pages
    }

    /// A view of bytes that outlive it; `start` is aligned to 64.
    package init(
        _ descriptor: Descriptor, at start: UnsafeMutableRawPointer?, engine: Handle, layer: String
    ) throws(NetworkError) {
        self.descriptor = descriptor
        handle = try unsafe Handle(
            "memory", layer: layer, engine: engine, destroy: { unsafe dnnl_memory_destroy($0) }
        ) {
            made in
            unsafe descriptor.withRaw { unsafe dnnl_memory_create(made, $0, engine.raw, start) }
        }
    }
}

/// Weights of one layer, row-major and in the orders that operations asked for.
struct Constant {
    private let plain: [Float]
    private let shape: [Int]
    private let layer: String
    private var made: [Memory] = []

    /// - Throws: `badGraph` when the values do not fill the shape.
    init(_ values: [Float], shape: [Int], layer: String) throws(NetworkError) {
        guard values.count == shape.reduce(1, *) else {
            throw .badGraph(layer: layer, reason: "its weights do not fill their shape")
        }
        plain = values
        self.shape = shape
        self.layer = layer
    }

    /// The weights in the order `wanted`; the second call for the same order costs nothing.
    mutating func memory(
        _ wanted: Descriptor, on shelf: inout Shelf, engine: Handle, stream: Handle
    ) throws(NetworkError) -> Memory {
        if let found = made.first(where: { $0.descriptor == wanted }) { return found }
        let target = try Memory(wanted, on: &shelf, engine: engine, layer: layer)
        let descriptor = try Descriptor(shape, layer: layer)
        var failure: NetworkError?
        // oneDNN takes pointers to what it only reads as mutable ones.
        unsafe plain.withUnsafeBytes { bytes in
            do throws(NetworkError) {
                let start = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
                let source = try unsafe Memory(descriptor, at: start, engine: engine, layer: layer)
                try copy(source, target, engine, stream)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        made.append(target)
        return target
    }

    private func copy(
        _ source: Memory, _ target: Memory, _ engine: Handle, _ stream: Handle
    ) throws(NetworkError) {
        let reorder = try Primitive(
            from: source.descriptor, to: target.descriptor, engine: engine, layer: layer)
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: max(reorder.scratch, 64), alignment: 64)
        defer { unsafe scratch.deallocate() }
        let working = try unsafe Memory(
            try Descriptor([scratch.count / 4], layer: layer), at: scratch.baseAddress, engine: engine,
            layer: layer)
        let arguments = unsafe [
            dnnl_exec_arg_t(arg: DNNL_ARG_SRC, memory: source.handle.raw),
            dnnl_exec_arg_t(arg: DNNL_ARG_DST, memory: target.handle.raw),
            dnnl_exec_arg_t(arg: DNNL_ARG_SCRATCHPAD, memory: working.handle.raw),
        ]
        try check(
            unsafe dnnl_primitive_execute(reorder.handle.raw, stream.raw, Int32(arguments.count), arguments),
            "reorder", layer: layer)
        try check(unsafe dnnl_stream_wait(stream.raw), "wait", layer: layer)
    }
}

/// The weights of a network, by tensor, and the memory they are in.
struct Constants {
    private var all: [String: Constant] = [:]
    private var shelf = Shelf()

    /// The tensor `name` in the order `wanted`; `values` are its own order, row-major.
    mutating func memory(
        _ name: String, _ values: [Float], shape: [Int], as wanted: Descriptor, engine: Handle, stream: Handle
    ) throws(NetworkError) -> Memory {
        let new = try Constant(values, shape: shape, layer: name)
        var constant = all[name] ?? new
        let memory = try constant.memory(wanted, on: &shelf, engine: engine, stream: stream)
        all[name] = constant
        return memory
    }
}
