internal import Glibc

/// The bytes of a regular file of at most `limit` bytes.
package func readFile(_ path: String, limit: Int) throws(NetworkError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(path: path, reason: systemReason()) }
    defer { close(descriptor) }
    var facts = stat()
    guard unsafe fstat(descriptor, &facts) == 0 else { throw .unreadable(path: path, reason: systemReason()) }
    guard facts.st_mode & S_IFMT == S_IFREG else { throw .unreadable(path: path, reason: "it is not a file") }
    let size = Int(facts.st_size)
    guard size <= limit else {
        throw .unreadable(path: path, reason: "it has \(size) bytes; \(limit) are the most that make sense")
    }
    var failure: String?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        while count < size {
            guard let start = buffer.baseAddress else { return }
            let got = unsafe read(descriptor, start + count, size - count)
            if got < 0 && errno == EINTR { continue }
            if got < 0 { failure = systemReason() }
            if got <= 0 { return }
            count += got
        }
    }
    if let failure { throw .unreadable(path: path, reason: failure) }
    return bytes
}

private func systemReason() -> String { unsafe String(cString: strerror(errno)) }
