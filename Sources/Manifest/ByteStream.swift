import Glibc

/// The bytes of a file or of standard input, one after the other; memory: one block.
///
/// Owned by one reader at a time.
final class ByteStream {
    private static let blockSize = 1 << 16

    /// What errors call it.
    let name: String
    private let descriptor: Int32
    private let isOwned: Bool
    private let shouldStop: @Sendable () -> Bool
    private var block: [UInt8] = []
    private var position = 0
    private var hasEnded = false

    /// Opens the file at `path`; `-` is standard input.
    ///
    /// - Parameter shouldStop: asked a few times a second while there is nothing to read.
    init(_ path: String, shouldStop: @escaping @Sendable () -> Bool) throws(ManifestError) {
        self.shouldStop = shouldStop
        if path == "-" {
            (name, descriptor, isOwned) = ("standard input", STDIN_FILENO, false)
            return
        }
        let descriptor = path.utf8.contains(0) ? -1 : unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else {
            if path.utf8.contains(0) || errno == ENOENT || errno == ENOTDIR { throw .missing(manifest: path) }
            throw .unreadable(manifest: path, reason: Self.text(of: errno))
        }
        (name, self.descriptor, isOwned) = (path, descriptor, true)
    }

    deinit { if isOwned { close(descriptor) } }

    /// The next byte without taking it; nil at the end.
    func peek() throws(ManifestError) -> UInt8? {
        if position == block.count { try refill() }
        return position < block.count ? block[position] : nil
    }

    /// Takes the next byte; nil at the end.
    func next() throws(ManifestError) -> UInt8? {
        if position == block.count { try refill() }
        guard position < block.count else { return nil }
        position += 1
        return block[position - 1]
    }

    /// Takes the mark that some programs begin UTF-8 files with.
    func skipByteOrderMark() throws(ManifestError) {
        if position == block.count { try refill() }
        // A pipe may bring less than three bytes at once.
        while block.count < 3, !hasEnded, block.elementsEqual([0xEF, 0xBB, 0xBF].prefix(block.count)) {
            block += try read()
        }
        if block.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    private func refill() throws(ManifestError) {
        guard !hasEnded else { return }
        block = try read()
        position = 0
    }

    private func read() throws(ManifestError) -> [UInt8] {
        while true {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            // Also asked after a signal, which ends the waiting early.
            if unsafe poll(&waiting, 1, 200) <= 0 {
                if shouldStop() { throw .stopped }
                continue
            }
            var failure: Int32 = 0
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.blockSize) { buffer, count in
                let got = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                failure = got < 0 ? errno : 0
                count = max(got, 0)
            }
            if failure == EINTR || failure == EAGAIN { continue }
            guard failure == 0 else { throw .unreadable(manifest: name, reason: Self.text(of: failure)) }
            hasEnded = bytes.isEmpty
            return bytes
        }
    }

    private static func text(of code: Int32) -> String {
        // `strerror` returns a constant of the C library for every number the kernel gives.
        unsafe String(cString: strerror(code)).lowercased()
    }
}
