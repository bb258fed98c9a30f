import Glibc
import Network
import TemplateStore

/// A directory in the making: written aside, and renamed when it is whole.
///
/// `TARGET.part` is made beside the target, locked, and removed with what an earlier attempt left. What it holds are
/// files at most one directory deep, 0600, synced.
struct SnapshotFolder: ~Copyable {
    static let store = "store/data.mdb"
    static let folders = ["store", "index", "network"]
    private static let blockSize = 1 << 20

    /// Where the directory will be.
    let target: String
    /// Where it is until then.
    let aside: String
    private let descriptor: Int32
    private var isPublished = false

    /// Whether a name is one that a snapshot's file may have.
    static func isName(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, folders.contains(String(parts[0])) else { return false }
        return !parts[1].isEmpty && !parts[1].hasPrefix(".") && !parts[1].utf8.contains(0)
    }

    /// Begins a directory.
    ///
    /// - Throws: `.store(.alreadyExists)` where the target is there and not an empty directory; `.store(.busy)` where
    ///   another process is making it.
    init(target: String) throws(GalleryError) {
        var path = target
        while path.hasSuffix("/"), path != "/" { path.removeLast() }
        let descriptor = try Self.begin(path, path + ".part")
        self.target = path
        self.descriptor = descriptor
        aside = path + ".part"
        clear()
    }

    /// Makes the directory aside, and locks it.
    private static func begin(_ path: String, _ aside: String) throws(GalleryError) -> Int32 {
        if let names = Self.names(in: path) {
            guard names.isEmpty else { throw .store(.alreadyExists(path: path)) }
        } else if unsafe access(path, F_OK) == 0 {
            throw .store(.alreadyExists(path: path))
        }
        if unsafe mkdir(aside, 0o700) != 0, errno != EEXIST {
            throw errno == ENOENT ? .store(.noParent(path: path)) : Self.failure(aside, "creating")
        }
        let descriptor = unsafe open(aside, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(aside, "opening") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .store(.busy(path: path, reason: "another process is making it"))
        }
        return descriptor
    }

    deinit {
        if descriptor >= 0 {
            if !isPublished {
                clear()
                unsafe rmdir(aside)
            }
            close(descriptor)
        }
    }

    private func clear() {
        for folder in Self.folders {
            for name in Self.names(in: "\(aside)/\(folder)") ?? [] {
                unsafe unlink("\(aside)/\(folder)/\(name)")
            }
            unsafe rmdir("\(aside)/\(folder)")
        }
        for name in Self.names(in: aside) ?? [] { unsafe unlink("\(aside)/\(name)") }
    }

    /// Names in a directory, without hidden ones; nil where there is none.
    static func names(in path: String) -> [String]? {
        guard let stream = unsafe opendir(path) else { return nil }
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

    /// Refuses to begin what the file system has no room for.
    func requireSpace(_ needed: Int) throws(GalleryError) {
        var system = statvfs()
        guard unsafe statvfs(aside, &system) == 0 else { throw Self.failure(aside, "examining") }
        let available = Int(clamping: UInt64(system.f_bavail) * UInt64(system.f_frsize))
        guard needed <= available else {
            throw .store(.notEnoughSpace(path: target, needed: needed, available: available))
        }
    }

    func makeFolder(_ name: String) throws(GalleryError) {
        guard unsafe mkdir("\(aside)/\(name)", 0o700) == 0 || errno == EEXIST else {
            throw Self.failure("\(aside)/\(name)", "creating")
        }
    }

    /// Copies what is left of an open file; returns its size and SHA-256.
    ///
    /// - Parameters:
    ///   - source: a descriptor, read from its place on.
    ///   - name: as `isName` has it, or a plain name.
    func copy(from source: Int32, _ path: String, to name: String) throws(GalleryError) -> (Int, String) {
        let to = "\(aside)/\(name)"
        let descriptor = unsafe open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(to, "creating") }
        defer { close(descriptor) }
        var digest = SHA256Stream()
        var size = 0
        var block = [UInt8](repeating: 0, count: Self.blockSize)
        while true {
            let got = unsafe block.withUnsafeMutableBytes { unsafe read(source, $0.baseAddress, $0.count) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw Self.failure(path, "reading") }
            if got == 0 { break }
            unsafe block.withUnsafeBytes { bytes in
                unsafe digest.add(UnsafeRawBufferPointer(rebasing: bytes[..<got]))
            }
            do throws(NetworkError) { try writeAll(Array(block[..<got]), to: descriptor, for: to) } catch {
                throw errno == ENOSPC ? .store(.noSpace(path: target)) : .network(error)
            }
            size += got
        }
        guard fsync(descriptor) == 0 else { throw Self.failure(to, "syncing") }
        return (size, digest.hex())
    }

    /// Size and SHA-256 of a file that is there.
    func digest(of name: String) throws(GalleryError) -> (Int, String) {
        let path = "\(aside)/\(name)"
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path, "opening") }
        defer { close(descriptor) }
        var digest = SHA256Stream()
        var size = 0
        var block = [UInt8](repeating: 0, count: Self.blockSize)
        while true {
            let got = unsafe block.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw Self.failure(path, "reading") }
            if got == 0 { return (size, digest.hex()) }
            unsafe block.withUnsafeBytes { bytes in
                unsafe digest.add(UnsafeRawBufferPointer(rebasing: bytes[..<got]))
            }
            size += got
        }
    }

    /// Writes a small file.
    func write(_ bytes: [UInt8], to name: String) throws(GalleryError) {
        try wrap { () throws(NetworkError) in try replaceFile("\(aside)/\(name)", with: bytes, mode: 0o600) }
    }

    /// Makes all names durable and gives the directory its own.
    mutating func publish() throws(GalleryError) {
        for folder in Self.folders where unsafe access("\(aside)/\(folder)", F_OK) == 0 {
            try Self.synchronise("\(aside)/\(folder)")
        }
        try Self.synchronise(aside)
        // An empty directory makes place; anything else is left as it is.
        guard unsafe rename(aside, target) == 0 else {
            throw errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR
                ? .store(.alreadyExists(path: target)) : Self.failure(target, "creating")
        }
        isPublished = true
        try Self.synchronise(target + "/..")
    }

    private static func synchronise(_ path: String) throws(GalleryError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "opening") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure(path, "syncing") }
    }

    static func failure(_ path: String, _ doing: String) -> GalleryError {
        switch errno {
        case EACCES, EPERM, EROFS: .store(.permission(path: path, doing: doing))
        case ENOSPC, EDQUOT: .store(.noSpace(path: path))
        default:
            .store(.io(path: path, doing: doing, reason: unsafe String(cString: strerror(errno))))
        }
    }
}
