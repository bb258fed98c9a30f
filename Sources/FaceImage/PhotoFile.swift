import Glibc

/// The bytes of a photo as they are stored, not decoded yet.
public struct PhotoFile: Sendable, Equatable {
    /// What errors call this photo.
    public let name: String
    /// The whole file; never empty.
    public let bytes: [UInt8]

    /// Reads `source` to its end.
    ///
    /// A file's size is checked before anything of it is read; of a pipe no more is read than the limit and
    /// one byte. A file that grows meanwhile is read to the end it has then.
    ///
    /// - Parameters:
    ///   - source: a path, or standard input.
    ///   - limits: of which `bytes` counts here.
    ///   - shouldStop: asked while a pipe gives nothing; true ends the reading within a second.
    /// - Throws: `PhotoError.missing`, `.notReadable`, `.isFolder`, `.notAFile`, `.unreadable`, `.empty`,
    ///   `.tooManyBytes` or `.stopped`.
    public init(
        _ source: PhotoSource, limits: DecodeLimits = .standard, shouldStop: () -> Bool = { false }
    ) throws(PhotoError) {
        name = source.name
        switch source {
        case .path(let path):
            bytes = try FileReader(path: path, name: name).read(limit: limits.bytes, shouldStop: shouldStop)
        case .bytes(let given, _):
            guard given.count <= limits.bytes else {
                throw .tooManyBytes(name: name, bytes: given.count, limit: limits.bytes)
            }
            bytes = given
        case .standardInput:
            bytes = try FileReader(standardInputAs: name).read(limit: limits.bytes, shouldStop: shouldStop)
        }
        if bytes.isEmpty { throw .empty(name: name) }
    }
}

/// An open file descriptor, and whether it is this value's to close.
private struct FileReader: ~Copyable {
    private let descriptor: Int32
    private let owned: Bool
    private let name: String
    /// Bytes of a regular file from here to its end; nil for anything else.
    private let size: Int?

    init(path: String, name: String) throws(PhotoError) {
        // An interior NUL would silently name another file.
        guard !path.isEmpty, !path.utf8.contains(0) else { throw .missing(name: name) }
        // Not blocking: a pipe without a writer would hold the caller for ever.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT, ENOTDIR: throw .missing(name: name)
            case EACCES, EPERM: throw .notReadable(name: name)
            case ENXIO, ENODEV: throw .notAFile(name: name)
            default: throw .unreadable(name: name, reason: systemReason(errno))
            }
        }
        var facts = stat()
        let failed = unsafe fstat(descriptor, &facts) != 0
        let kind = facts.st_mode & S_IFMT
        guard !failed, kind == S_IFREG else {
            close(descriptor)
            throw kind == S_IFDIR ? .isFolder(name: name) : .notAFile(name: name)
        }
        self.descriptor = descriptor
        owned = true
        self.name = name
        size = Int(facts.st_size)
    }

    init(standardInputAs name: String) throws(PhotoError) {
        var facts = stat()
        guard unsafe fstat(STDIN_FILENO, &facts) == 0 else {
            throw .unreadable(name: name, reason: systemReason(errno))
        }
        guard facts.st_mode & S_IFMT != S_IFDIR else { throw .isFolder(name: name) }
        descriptor = STDIN_FILENO
        owned = false
        self.name = name
        // A redirected file may already have been read in part.
        let position = lseek(STDIN_FILENO, 0, SEEK_CUR)
        size = facts.st_mode & S_IFMT == S_IFREG && position >= 0 ? max(0, Int(facts.st_size) - position) : nil
    }

    deinit { if owned { close(descriptor) } }

    func read(limit: Int, shouldStop: () -> Bool) throws(PhotoError) -> [UInt8] {
        if let size, size > limit { throw .tooManyBytes(name: name, bytes: size, limit: limit) }
        // One byte more than expected: a file that grew meanwhile, or a pipe beyond the limit, shows.
        var block = size.map { min($0, Int.max - 1) + 1 } ?? 1 << 16
        var bytes: [UInt8] = []
        while true {
            // Never more than the limit and one byte in all.
            let rest = limit - bytes.count
            let wanted = rest < block ? rest + 1 : block
            let start = bytes.count
            bytes.append(contentsOf: repeatElement(0, count: wanted))
            let got = try fill(&bytes, from: start, shouldStop)
            bytes.removeLast(wanted - got)
            if bytes.count > limit { throw .tooManyBytes(name: name, bytes: nil, limit: limit) }
            if got < wanted { return bytes }
            block = max(block, bytes.count)
        }
    }

    /// Reads until `bytes` is full from `start` on, or the end is reached; returns how many came.
    private func fill(
        _ bytes: inout [UInt8], from start: Int, _ shouldStop: () -> Bool
    ) throws(PhotoError) -> Int {
        var position = start
        while position < bytes.count {
            // A pipe may give nothing for ever; a regular file never waits.
            if size == nil { try waitForBytes(shouldStop) }
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[position...])
                return unsafe Glibc.read(descriptor, rest.baseAddress, rest.count)
            }
            if got == 0 { break }
            if got < 0 {
                if errno == EINTR || errno == EAGAIN { continue }
                throw .unreadable(name: name, reason: systemReason(errno))
            }
            position += got
        }
        return position - start
    }

    /// Returns when there is something to read, an end or an error.
    private func waitForBytes(_ shouldStop: () -> Bool) throws(PhotoError) {
        while true {
            if shouldStop() { throw .stopped(name: name) }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if unsafe poll(&waiting, 1, 200) > 0 { return }
        }
    }
}

/// The system's words for an error number, in lower case.
func systemReason(_ number: Int32) -> String {
    // `strerror` returns a constant of the C library for every number the kernel gives.
    unsafe String(cString: strerror(number)).lowercased()
}
