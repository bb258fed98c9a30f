internal import CLMDB
internal import Files
internal import Glibc

/// Says, through `LockWaiting`, that a writer waits for LMDB's lock of all processes, which has no bound.
///
/// A thread that is started when somebody writes first and listens; if it cannot be started, nothing is said. A write
/// costs a mutex and at most one wake-up of that thread in two seconds.
///
/// Sendable because every field is touched under `mutex` only, which lives as long as the process. A POSIX mutex rather
/// than `Mutex`, because the thread waits for a condition with a deadline.
@safe
final class WriterWait: @unchecked Sendable {
    static let shared = WriterWait()
    private static let patience = 2

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let begun = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var waiting: [Int: (path: String, since: ContinuousClock.Instant)] = [:]
    private var number = 0
    private var hasThread = false
    private var isIdle = false

    private init() {
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(begun, nil)
    }

    /// Runs a call that may wait for the lock of the gallery at `path`.
    func during<Result>(_ path: String, _ call: () -> Result) -> Result {
        guard LockWaiting.hasListener else { return call() }
        let ticket = begin(path)
        defer { end(ticket) }
        return call()
    }

    private func begin(_ path: String) -> Int {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        number += 1
        waiting[number] = (path, .now)
        if !hasThread {
            var thread = pthread_t()
            let status = unsafe pthread_create(
                &thread, nil,
                { _ in
                    WriterWait.shared.watch()
                    return nil
                }, nil)
            hasThread = status == 0
            if hasThread { pthread_detach(thread) }
        } else if isIdle {
            unsafe pthread_cond_signal(begun)
        }
        return number
    }

    private func end(_ ticket: Int) {
        unsafe pthread_mutex_lock(mutex)
        waiting[ticket] = nil
        unsafe pthread_mutex_unlock(mutex)
    }

    private func watch() {
        unsafe pthread_mutex_lock(mutex)
        while true {
            while waiting.isEmpty {
                isIdle = true
                unsafe pthread_cond_wait(begun, mutex)
                isIdle = false
            }
            var deadline = timespec()
            unsafe clock_gettime(CLOCK_REALTIME, &deadline)
            deadline.tv_sec += Self.patience
            while unsafe pthread_cond_timedwait(begun, mutex, &deadline) == 0 {}
            for (ticket, wait) in waiting where ContinuousClock.now - wait.since >= .seconds(Self.patience) {
                LockWaiting.tell("waiting for another process that writes to \(wait.path)")
                // Once is enough.
                waiting[ticket] = nil
            }
        }
    }
}
