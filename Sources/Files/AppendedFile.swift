internal import Glibc

/// A file that lines are added to at its end.
package enum AppendedFile {
    /// Adds bytes to a regular file, which is made, for its owner alone, where it is missing.
    ///
    /// A symbolic link at the end of the path is refused.
    /// - Throws: `.wrongKind`, `.system`.
    package static func append(_ bytes: [UInt8], to path: String) throws(FileError) {
        let opened = unsafe open(
            path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            let failure = errno
            if let kind = try? FileStatus.of(path, followingLinks: false)?.kind, kind != .regularFile {
                throw .wrongKind(path: path, found: kind, wanted: .regularFile)
            }
            throw .system(path: path, doing: .writing, code: failure)
        }
        defer { close(opened) }
        let kind = try FileStatus.of(descriptor: opened, path: path).kind
        guard kind == .regularFile else { throw .wrongKind(path: path, found: kind, wanted: .regularFile) }
        try write(bytes, to: opened, path: path)
    }

    /// Writes all bytes where an open file stands.
    package static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(FileError) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { all in
                unsafe Glibc.write(descriptor, all.baseAddress.map { unsafe $0 + done }, all.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw .system(path: path, doing: .writing, code: count < 0 ? errno : ENOSPC)
            }
            done += count
        }
    }
}

/// A stream that is there to be written to: a pipe, a terminal, a device.
package enum StreamOutput {
    /// Opens it; the caller closes the descriptor.
    ///
    /// Opening a named pipe waits until somebody reads it.
    /// - Throws: `.wrongKind` for a file or a folder, `.system`.
    package static func open(_ path: String) throws(FileError) -> Int32 {
        let opened = unsafe Glibc.open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
        guard opened >= 0 else { throw .system(path: path, doing: .writing, code: errno) }
        do throws(FileError) {
            let kind = try FileStatus.of(descriptor: opened, path: path).kind
            guard kind != .regularFile, kind != .folder else {
                throw .wrongKind(path: path, found: kind, wanted: .namedPipe)
            }
            return opened
        } catch {
            close(opened)
            throw error
        }
    }
}
