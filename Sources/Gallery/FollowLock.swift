import Glibc

/// Lets one thread at a time bring an index up to date.
///
/// Locked before a transaction begins, and given back inside it: a closure cannot say that. Nobody waits for it inside
/// a transaction, so whoever holds it may begin one. A POSIX mutex, which the thread sanitizer sees.
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
