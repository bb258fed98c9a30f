internal import Glibc

/// The system does not allow a further thread.
public struct ThreadError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The system's error number.
    public let code: Int32

    package init(code: Int32) { self.code = code }

    /// What failed, and what to do.
    public var description: String {
        "cannot create a thread: \(unsafe String(cString: strerror(code))); end other programs, or raise the limit on "
            + "processes and threads (ulimit -u, or the container's pids limit), and try again"
    }
}

/// Threads that run one body each until it returns.
///
/// Threads of their own rather than tasks: decoding and waiting would block the few threads that tasks share. And
/// neither Foundation's threads nor Dispatch's, which end the process, or wait for ever, where none can be made.
package struct Threads: ~Copyable {
    private var threads: [pthread_t] = []

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts `count` threads, or as many as the system gives, at least one.
    ///
    /// - Throws: where it gives none; nothing runs then.
    package init(_ count: Int, _ run: @escaping @Sendable () -> Void) throws(ThreadError) {
        var status: Int32 = 0
        for _ in 0..<count {
            var thread = pthread_t()
            let body = unsafe Unmanaged.passRetained(Body(run))
            status = unsafe pthread_create(
                &thread, nil,
                { argument in
                    // The pointer is the body retained above, given to this thread alone.
                    if let argument = unsafe argument {
                        unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                    }
                    return nil
                }, body.toOpaque())
            guard status == 0 else {
                unsafe body.release()
                break
            }
            threads.append(thread)
        }
        if threads.isEmpty { throw ThreadError(code: status) }
    }

    /// How many were made.
    package var count: Int { threads.count }

    /// Waits for all of them to return.
    package mutating func join() {
        for thread in threads { pthread_join(thread, nil) }
        threads = []
    }

    /// Leaves them to themselves: for a process that is about to end while they cannot be stopped.
    package mutating func leave() {
        for thread in threads { pthread_detach(thread) }
        threads = []
    }

    /// Waits for all of them to return; their owner has asked them to.
    deinit { for thread in threads { pthread_join(thread, nil) } }
}
