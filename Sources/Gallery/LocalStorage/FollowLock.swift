import Glibc

/// Lets one thread at a time bring an index up to date.
///
/// A thread locks it before its transaction begins and unlocks it inside the transaction, which a closure cannot express.
/// No thread waits for it inside a transaction, so the holder may begin one. It is a POSIX mutex because the thread
/// sanitizer sees those.
@safe final class FollowLock: @unchecked Sendable {
    // Unchecked and safe: the memory lives exactly as long as the object, and is the mutex's alone.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() { unsafe pthread_mutex_init(mutex, nil) }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    func lock() { unsafe pthread_mutex_lock(mutex) }

    func unlock() { unsafe pthread_mutex_unlock(mutex) }
}
