package import COneDNN

/// One object of oneDNN's, and the only place that frees it.
///
/// oneDNN's engines, primitives and memories may be read by several threads at once; what is written while
/// running (streams, memories of values) belongs to one `Workspace`, which one call holds at a time.
@safe package final class Handle: @unchecked Sendable {
    /// Alive as long as this handle.
    package let raw: OpaquePointer
    private let destroy: @Sendable (OpaquePointer) -> dnnl_status_t
    private let engine: Handle?

    /// Takes what `make` writes.
    ///
    /// - Parameter engine: what the object was made with; it is freed no earlier.
    /// - Throws: `refused` with the name of the call.
    package init(
        _ call: String, layer: String, engine: Handle? = nil,
        destroy: @escaping @Sendable (OpaquePointer) -> dnnl_status_t,
        make: (UnsafeMutablePointer<OpaquePointer?>) -> dnnl_status_t
    ) throws(NetworkError) {
        var made: OpaquePointer?
        try unsafe check(make(&made), call, layer: layer)
        guard let made = unsafe made else { throw .refused(call: call, layer: layer, status: -1) }
        unsafe raw = made
        self.engine = engine
        unsafe self.destroy = destroy
    }

    deinit { _ = unsafe destroy(raw) }
}

/// - Throws: `refused` for any status but success.
package func check(_ status: dnnl_status_t, _ call: String, layer: String) throws(NetworkError) {
    if status != dnnl_success { throw .refused(call: call, layer: layer, status: Int(status.rawValue)) }
}

/// The processor, as oneDNN sees it.
package func makeEngine() throws(NetworkError) -> Handle {
    try unsafe Handle("engine", layer: "input", destroy: { unsafe dnnl_engine_destroy($0) }) {
        unsafe dnnl_engine_create($0, dnnl_cpu, 0)
    }
}

/// A queue of work; one thread's at a time.
package func makeStream(_ engine: Handle) throws(NetworkError) -> Handle {
    try unsafe Handle("stream", layer: "input", engine: engine, destroy: { unsafe dnnl_stream_destroy($0) }) {
        unsafe dnnl_stream_create($0, engine.raw, dnnl_stream_default_flags.rawValue)
    }
}

/// Runs `body` with oneDNN's thread count for the calling thread set to `threads`.
package func withThreads<R>(_ threads: Int, _ body: () throws(NetworkError) -> R) throws(NetworkError) -> R {
    let before = omp_get_max_threads()
    omp_set_num_threads(Int32(threads))
    defer { omp_set_num_threads(before) }
    return try body()
}
