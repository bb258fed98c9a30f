internal import Glibc

/// An open directory: what makes a rename in it durable.
struct Directory: ~Copyable {
    private let path: String
    private let descriptor: Int32

    init(_ path: String) throws(StoreError) {
        self.path = path
        descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 {
            throw errno == ENOTDIR
                ? .alreadyExists(path: path) : StoreError(status: errno, path: path, doing: "opening")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Waits for an exclusive lock, which goes with the descriptor.
    func lock() throws(StoreError) { try lock(LOCK_EX) }

    /// Waits for a lock that others may share.
    func lockShared() throws(StoreError) { try lock(LOCK_SH) }

    private func lock(_ kind: Int32) throws(StoreError) {
        while flock(descriptor, kind) != 0 {
            if errno != EINTR { throw StoreError(status: errno, path: path, doing: "locking") }
        }
    }

    /// Gives the lock up, which is kept until here.
    consuming func release() {}

    func synchronise() throws(StoreError) {
        // Some file systems cannot sync a directory, and say so: nothing more can be done there.
        if fsync(descriptor) != 0, errno != EINVAL {
            throw StoreError(status: errno, path: path, doing: "syncing")
        }
    }

    /// Names in the directory, without `.` and `..`.
    static func names(in path: String) throws(StoreError) -> [String] {
        guard let stream = unsafe opendir(path) else {
            throw StoreError(status: errno, path: path, doing: "listing")
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
