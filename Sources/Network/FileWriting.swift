internal import Glibc

/// Puts `bytes` in the place of `path`, so that the old content or the new is there, never a part.
///
/// They are written aside, synced and renamed; `mode` is the file's, whatever the umask.
/// - Throws: `cannotWrite` with the system's reason; what was at `path` is untouched then.
package func replaceFile(_ path: String, with bytes: [UInt8], mode: UInt32 = 0o644) throws(NetworkError) {
    let aside = "\(path).\(getpid()).new"
    do throws(NetworkError) {
        try writeFile(aside, bytes, mode: mode, for: path)
        guard unsafe rename(aside, path) == 0 else { throw cannotWrite(path) }
    } catch {
        _ = unsafe unlink(aside)
        throw error
    }
    syncFolder(of: path)
}

/// Makes a folder whose parent is there; one that is there already is left as it is.
package func makeFolder(_ path: String, mode: UInt32 = 0o755) throws(NetworkError) {
    if unsafe mkdir(path, mode) == 0 { return }
    guard errno == EEXIST else { throw cannotWrite(path) }
    var facts = stat()
    guard unsafe stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else {
        throw .cannotWrite(path: path, reason: "it is there and not a folder")
    }
}

private func writeFile(_ aside: String, _ bytes: [UInt8], mode: UInt32, for path: String) throws(NetworkError) {
    let descriptor = unsafe open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw cannotWrite(path) }
    defer { close(descriptor) }
    try writeAll(bytes, to: descriptor, for: path)
    // The umask may be narrower than who shares a network wishes.
    guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else { throw cannotWrite(path) }
}

/// Writes all of `bytes` where the descriptor stands.
///
/// - Throws: `cannotWrite` of `path` with the system's reason.
package func writeAll(_ bytes: [UInt8], to descriptor: Int32, for path: String) throws(NetworkError) {
    var done = 0
    while done < bytes.count {
        let count = unsafe bytes.withUnsafeBytes { all in
            unsafe write(descriptor, all.baseAddress.map { unsafe $0 + done }, all.count - done)
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw cannotWrite(path) }
        done += count
    }
}

private func syncFolder(of path: String) {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let descriptor = unsafe open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
}

private func cannotWrite(_ path: String) -> NetworkError {
    .cannotWrite(path: path, reason: unsafe String(cString: strerror(errno)))
}
