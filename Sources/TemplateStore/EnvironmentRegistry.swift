internal import Glibc

/// The environments open in this process.
///
/// LMDB forbids a process to open one environment twice: closing the second would drop the locks of the first.
///
/// Sendable because `entries` is touched under `mutex` only. A POSIX mutex rather than `Mutex`: the thread
/// sanitizer sees it, and so can vouch for what the store does under it.
@safe
final class EnvironmentRegistry: @unchecked Sendable {
    static let shared = EnvironmentRegistry()

    private struct Entry {
        let environment: Environment
        var users: Int
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var entries: [FileIdentity: Entry] = [:]

    private init() { unsafe pthread_mutex_init(mutex, nil) }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    /// The environment of the gallery directory `path`, opened unless the process has it open; pair with `release`.
    func acquire(
        path: String, readOnly: Bool, mapSize: Int?, tolerant: Bool
    ) throws(StoreError) -> (FileIdentity, Environment) {
        // While a compaction exchanges the data file nobody opens it; where there is no such lock there is nothing
        // that exchanges. Before the mutex, so that other galleries need not wait.
        guard let directory = try? Directory(path) else {
            return try acquireUnlocked(
                path: path, readOnly: readOnly, mapSize: mapSize, tolerant: tolerant)
        }
        try? directory.lockShared()
        let acquired = try acquireUnlocked(
            path: path, readOnly: readOnly, mapSize: mapSize, tolerant: tolerant)
        directory.release()
        return acquired
    }

    private func acquireUnlocked(
        path: String, readOnly: Bool, mapSize: Int?, tolerant: Bool
    ) throws(StoreError) -> (FileIdentity, Environment) {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        let file = try DataFile(inDirectory: path)
        let identity = try file.identity()
        if let entry = entries[identity] {
            guard readOnly || !entry.environment.isReadOnly else {
                throw .permission(path: path, doing: "opening for writing")
            }
            entries[identity]?.users += 1
            return (identity, entry.environment)
        }
        let environment = try Environment(
            path: path, file: file, readOnly: readOnly, mapSize: mapSize, tolerant: tolerant)
        entries[identity] = Entry(environment: environment, users: 1)
        return (identity, environment)
    }

    /// Whether the process has an environment open.
    func hasOpen(_ identity: FileIdentity) -> Bool {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return entries[identity] != nil
    }

    /// Gives back one `acquire`; the last one closes the environment.
    func release(_ identity: FileIdentity) {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        guard let entry = entries[identity] else { return }
        if entry.users > 1 {
            entries[identity]?.users -= 1
        } else {
            entries[identity] = nil
            entry.environment.close()
        }
    }
}
