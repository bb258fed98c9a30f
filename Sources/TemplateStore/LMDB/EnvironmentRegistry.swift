internal import Files
internal import GalleryModel
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
        let folder = try onFiles(path, "opening") { () throws(FileError) in try OpenFolder(path) }
        let owner = try onFiles(path, "opening") { () throws(FileError) in try folder.status().owner }
        let isTrusted = Owners.isTrusted(owner)
        guard isTrusted || readOnly else { throw .foreignOwner(path: path, owner: Owners.name(of: owner)) }
        // A compaction that replaces the data file holds this lock, so no process opens the file meanwhile. We lock
        // before we take the mutex, so that other galleries need not wait. A reader of another user's gallery takes no
        // lock, and notices if the file was replaced.
        if isTrusted {
            do throws(FileError) { try folder.lock(.shared) } catch {
                if case .locked = error { throw StoreError(error, path: path, doing: "locking") }
            }
        }
        defer { folder.unlock() }
        return try acquire(
            folder, path: path, access: !isTrusted ? .unlocked : readOnly ? .reading : .writing,
            mapSize: mapSize, tolerant: tolerant)
    }

    private func acquire(
        _ folder: OpenFolder, path: String, access: Environment.Access, mapSize: Int?, tolerant: Bool
    ) throws(StoreError) -> (FileIdentity, Environment) {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        let file = try DataFile(in: folder, path: path)
        let identity = try file.identity()
        if let entry = entries[identity] {
            guard access != .writing || !entry.environment.isReadOnly else {
                throw .permission(path: path, doing: "opening for writing")
            }
            entries[identity]?.users += 1
            return (identity, entry.environment)
        }
        let environment = try Environment(
            folder, file, path: path, access: access, mapSize: mapSize, tolerant: tolerant)
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
