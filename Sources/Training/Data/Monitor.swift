internal import Glibc

/// State under a lock, with a condition to wait for.
///
/// Sendable because `state` is touched under `mutex` only. POSIX rather than `Mutex`, which has no condition and
/// which the thread sanitizer does not see.
@safe
package final class Monitor<State>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var state: State

    package init(_ state: sending State) {
        self.state = state
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Runs `body` under the lock and wakes all waiting threads.
    package func update<Result>(_ body: (inout State) -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer {
            unsafe pthread_cond_broadcast(condition)
            unsafe pthread_mutex_unlock(mutex)
        }
        return body(&state)
    }

    /// Runs `body` alone, now and after each update, until it gives a value.
    package func wait<Result>(_ body: (inout State) -> Result?) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer {
            unsafe pthread_cond_broadcast(condition)
            unsafe pthread_mutex_unlock(mutex)
        }
        while true {
            if let result = body(&state) { return result }
            unsafe pthread_cond_wait(condition, mutex)
        }
    }
}

extension Monitor {
    /// The same, but nil where no update of the next `seconds` gives a value.
    package func wait<Result>(atMost seconds: Double, _ body: (inout State) -> Result?) -> Result? {
        var end = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &end)
        let nanoseconds = Double(end.tv_nsec) + seconds * 1e9
        end.tv_sec += Int(nanoseconds / 1e9)
        end.tv_nsec = Int(nanoseconds.truncatingRemainder(dividingBy: 1e9))
        unsafe pthread_mutex_lock(mutex)
        defer {
            unsafe pthread_cond_broadcast(condition)
            unsafe pthread_mutex_unlock(mutex)
        }
        while true {
            if let result = body(&state) { return result }
            if unsafe pthread_cond_timedwait(condition, mutex, &end) != 0 { return body(&state) }
        }
    }
}

/// Threads that run one body each until it returns.
///
/// Threads of their own rather than tasks: decoding and waiting would block the few threads that tasks share.
package struct Threads: ~Copyable {
    private var threads: [pthread_t] = []

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts `count` threads, or as many as the system gives, at least one.
    ///
    /// - Throws: `noThread` where it gives none.
    package init(_ count: Int, _ run: @escaping @Sendable () -> Void) throws(TrainingError) {
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
        if threads.isEmpty { throw .noThread(reason: unsafe String(cString: strerror(status))) }
    }

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
