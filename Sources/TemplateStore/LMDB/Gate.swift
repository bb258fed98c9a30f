internal import CLMDB  // its header and Glibc's both define timespec: either may be the one that Swift sees
internal import Glibc

/// Who is inside an environment: any number of transactions, or one thread that moves its memory map.
///
/// LMDB may only change the map while the process has no transaction of that environment. Readers pass
/// without waiting except during such a move. One writer at a time passes, the others wait.
///
/// A thread that waits to move the map goes first, but other threads wait for it only a bounded time: a thread inside
/// may be waiting for one of them, and would never leave.
///
/// Sendable although it holds raw memory: every field is touched under `mutex` only, and the memory
/// lives exactly as long as the object.
@safe
final class Gate: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var inside: [UInt: Int] = [:]
    private var writer: UInt?
    private var waitingMovers = 0
    private var moving = false
    /// Seconds that an entering thread gives those who wait to move the map.
    private let courtesy: Int

    /// - Parameter courtesy: seconds that an entering thread gives those who wait to move the map.
    init(courtesy: Int = 1) {
        self.courtesy = courtesy
        unsafe pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        // Not the time of day, which is set.
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(changed, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(changed)
        unsafe pthread_mutex_destroy(mutex)
        unsafe changed.deallocate()
        unsafe mutex.deallocate()
    }

    private static var thisThread: UInt { UInt(pthread_self()) }

    private func locked<T>(_ body: () -> T) -> T {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body()
    }

    private func wait() { unsafe pthread_cond_wait(changed, mutex) }

    /// Waits until something has changed or a time has come; false when it has come.
    private func wait(until end: timespec) -> Bool {
        var end = end
        return unsafe pthread_cond_timedwait(changed, mutex, &end) != ETIMEDOUT
    }

    /// Enters with a transaction.
    ///
    /// A thread already inside never waits for those who wait to move the map, or it would wait for itself.
    func enter() {
        let me = Self.thisThread
        locked {
            if waitingMovers > 0, inside[me] == nil {
                var end = timespec()
                unsafe clock_gettime(CLOCK_MONOTONIC, &end)
                end.tv_sec += courtesy
                while waitingMovers > 0, wait(until: end) {}
            }
            while moving { wait() }
            inside[me, default: 0] += 1
        }
    }

    /// Leaves with a transaction that has ended.
    func leave() {
        let me = Self.thisThread
        locked {
            let left = (inside[me] ?? 1) - 1
            inside[me] = left > 0 ? left : nil
            if inside.isEmpty || waitingMovers > 0 { unsafe pthread_cond_broadcast(changed) }
        }
    }

    /// Whether the calling thread has a transaction.
    var holdsThisThread: Bool {
        let me = Self.thisThread
        return locked { inside[me] != nil }
    }

    /// Becomes the process's only writer; false when this thread is inside already and would wait for itself.
    func becomeWriter() -> Bool {
        let me = Self.thisThread
        return locked {
            if writer == me || inside[me] != nil { return false }
            while writer != nil { wait() }
            writer = me
            return true
        }
    }

    /// Lets the next writer in.
    func resignWriter() {
        locked {
            writer = nil
            unsafe pthread_cond_broadcast(changed)
        }
    }

    /// Runs `body` while nobody is inside.
    ///
    /// The calling thread must not be inside.
    func move<T>(_ body: () -> T) -> T {
        locked {
            waitingMovers += 1
            while moving || !inside.isEmpty { wait() }
            waitingMovers -= 1
            moving = true
        }
        let result = body()
        locked {
            moving = false
            unsafe pthread_cond_broadcast(changed)
        }
        return result
    }
}
