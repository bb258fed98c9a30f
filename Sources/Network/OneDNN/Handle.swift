package import COneDNN
internal import Glibc
internal import Synchronization

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
///
/// libgomp, on which oneDNN runs, ends the process if it cannot make a thread. A caller that asks for more than one first
/// tries, by `MakeableThreads`, whether they can be made.
package func withThreads<R>(_ threads: Int, _ body: () throws(NetworkError) -> R) throws(NetworkError) -> R {
    let before = omp_get_max_threads()
    omp_set_num_threads(Int32(threads))
    defer { omp_set_num_threads(before) }
    return try threads > 1 ? ThreadShortage.watching(body) : body()
}

/// The end of the process by libgomp, for want of a thread that could still be made when it was tried.
private enum ThreadShortage {
    /// Threads that run something of oneDNN's on several threads.
    private static let inside = Mutex<Set<UInt>>([])

    /// libgomp calls `exit` on the thread that wanted others; nothing else does within `body`.
    private static let watch: Void = {
        _ = atexit {
            guard ThreadShortage.inside.withLock({ $0.contains(UInt(pthread_self())) }) else { return }
            let text =
                "error: cannot make a thread for the network's layers; lower the number of threads, or raise "
                + "the limit on processes and threads (ulimit -u, or the container's pids limit), and try again\n"
            _ = unsafe Array(text.utf8).withUnsafeBytes {
                unsafe write(STDERR_FILENO, $0.baseAddress, $0.count)
            }
            // At once, since other threads are at work. 75 is what sysexits.h has for "try again".
            _exit(75)
        }
    }()

    static func watching<R>(_ body: () throws(NetworkError) -> R) throws(NetworkError) -> R {
        _ = watch
        let thread = UInt(pthread_self())
        _ = inside.withLock { $0.insert(thread) }
        defer { _ = inside.withLock { $0.remove(thread) } }
        return try body()
    }
}
