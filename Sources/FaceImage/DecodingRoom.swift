internal import Glibc

/// Memory that decoders share: each waits for what its photo needs before it allocates.
///
/// Who came first goes first, so that a large photo is not passed by small ones for ever. What needs more than there
/// is decodes alone. Sendable because its state is touched under `mutex` only.
@safe
package final class DecodingRoom: @unchecked Sendable {
    /// The room of this process: 1 GiB.
    package static let shared = DecodingRoom(bytes: 1 << 30)

    /// Bytes there are for all photos in decoding together.
    package let bytes: Int
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var free: Int
    /// Numbers of those who wait, the first one's first.
    private var waiting: [UInt64] = []
    private var nextNumber: UInt64 = 0

    package init(bytes: Int) {
        (self.bytes, free) = (bytes, bytes)
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// How many wait.
    package var waitingCount: Int { locked { waiting.count } }

    /// Bytes that nobody holds.
    package var freeBytes: Int { locked { free } }

    /// Runs `body` once there are `needed` bytes; nil, without `body`, where `shouldStop` says so before.
    package func with<Result, Failure: Error>(
        _ needed: Int, shouldStop: () -> Bool, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard let taken = take(needed, shouldStop) else { return nil }
        defer {
            locked {
                free += taken
                unsafe pthread_cond_broadcast(condition)
            }
        }
        return try body()
    }

    private func take(_ needed: Int, _ shouldStop: () -> Bool) -> Int? {
        let needed = min(max(0, needed), bytes)
        let number = locked { () -> UInt64 in
            nextNumber += 1
            waiting.append(nextNumber)
            return nextNumber
        }
        while true {
            let isGranted = locked { () -> Bool in
                if grant(needed, to: number) { return true }
                waitAWhile()
                return grant(needed, to: number)
            }
            if isGranted { return needed }
            // Asked outside the lock: the caller's own locks may be behind the question.
            if shouldStop() {
                locked {
                    waiting.removeAll { $0 == number }
                    // The next one may be the first now.
                    unsafe pthread_cond_broadcast(condition)
                }
                return nil
            }
        }
    }

    /// Takes the bytes if it is this one's turn; under the lock.
    private func grant(_ needed: Int, to number: UInt64) -> Bool {
        guard waiting.first == number, needed <= free else { return false }
        waiting.removeFirst()
        free -= needed
        unsafe pthread_cond_broadcast(condition)
        return true
    }

    /// Runs `body` alone.
    private func locked<Result>(_ body: () -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Waits until something is given back, or for a tenth of a second, after which a wish to stop is looked for.
    private func waitAWhile() {
        var end = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &end)
        end.tv_nsec += 100_000_000
        if end.tv_nsec >= 1_000_000_000 {
            end.tv_sec += 1
            end.tv_nsec -= 1_000_000_000
        }
        unsafe pthread_cond_timedwait(condition, mutex, &end)
    }
}
