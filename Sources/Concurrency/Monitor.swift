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
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        // A clock that nobody sets: waiting neither ends early nor lasts longer where the time of day is changed.
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
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
        defer { unlockAndWake() }
        return body(&state)
    }

    /// Runs `body` alone, now and after each update, until it gives a value.
    package func wait<Result>(_ body: (inout State) -> Result?) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unlockAndWake() }
        while true {
            // An access of its own each time. One that lasted while the thread waits would tell the optimiser that
            // nobody else changes the state, and what another thread did would never be seen.
            if let result = body(&state) { return result }
            unsafe pthread_cond_wait(condition, mutex)
        }
    }

    /// The same, but nil if no update of the next `seconds` gives a value.
    package func wait<Result>(atMost seconds: Double, _ body: (inout State) -> Result?) -> Result? {
        var end = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &end)
        let nanoseconds = Double(end.tv_nsec) + seconds * 1e9
        end.tv_sec += Int(nanoseconds / 1e9)
        end.tv_nsec = Int(nanoseconds.truncatingRemainder(dividingBy: 1e9))
        unsafe pthread_mutex_lock(mutex)
        defer { unlockAndWake() }
        while true {
            if let result = body(&state) { return result }
            if unsafe pthread_cond_timedwait(condition, mutex, &end) != 0 { return body(&state) }
        }
    }

    private func unlockAndWake() {
        unsafe pthread_cond_broadcast(condition)
        unsafe pthread_mutex_unlock(mutex)
    }
}
