import Files
import Glibc

/// The bytes of a file or of standard input, one after the other; memory: one block, and what came since the mark.
///
/// Owned by one reader at a time.
final class ByteStream {
    private static let blockSize = 1 << 16
    private static let longestPatience: Int32 = 200

    /// What errors call it.
    let name: String
    private let descriptor: Int32
    /// What the descriptor belongs to, where it is not standard input.
    private let file: InputFile?
    private let shouldStop: @Sendable () -> Bool
    private var block: [UInt8] = []
    private var position = 0
    /// Where `rewind` goes back to.
    private var mark = 0
    private var hasEnded = false
    /// When waiting for more bytes is given up, with `.notYet`.
    var deadline: ContinuousClock.Instant?

    /// Opens the file or pipe at `path`; `-` is standard input.
    ///
    /// - Parameter shouldStop: asked a few times a second while there is nothing to read.
    init(_ path: String, shouldStop: @escaping @Sendable () -> Bool) throws(ManifestError) {
        self.shouldStop = shouldStop
        if path == "-" {
            (name, descriptor, file) = ("standard input", STDIN_FILENO, nil)
            return
        }
        let file: InputFile
        do throws(FileError) { file = try InputFile(path, admitting: .filesAndStreams) } catch {
            switch error {
            case .missing: throw .missing(manifest: path)
            case .system(_, _, let code): throw .unreadable(manifest: path, reason: Self.text(of: code))
            default: throw .unreadable(manifest: path, reason: error.reason)
            }
        }
        (name, descriptor, self.file) = (path, file.descriptor, file)
    }

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

    /// Keeps what is read from here on, so that `rewind` comes back to here.
    func setMark() { mark = position }

    /// Goes back to the mark.
    func rewind() { position = mark }

    /// Takes the mark that some programs begin UTF-8 files with.
    func skipByteOrderMark() throws(ManifestError) {
        // A pipe may bring less than three bytes at once.
        while block.count < 3, !hasEnded, block.elementsEqual([0xEF, 0xBB, 0xBF].prefix(block.count)) {
            block += try read()
        }
        if block.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    private func refill() throws(ManifestError) {
        guard !hasEnded else { return }
        let bytes = try read()
        block.removeFirst(mark)
        position -= mark
        mark = 0
        block += bytes
    }

    private func read() throws(ManifestError) -> [UInt8] {
        while true {
            // Also where there is always more, as of a file of nothing but line ends.
            if let deadline, deadline + .seconds(1) <= .now { throw .notYet }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            // Also looked at after a signal, which ends the waiting early.
            if unsafe poll(&waiting, 1, patience) <= 0 {
                if let deadline, deadline <= .now { throw .notYet }
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

    /// Milliseconds to wait at once.
    private var patience: Int32 {
        guard let deadline else { return Self.longestPatience }
        let left = (deadline - .now) / .milliseconds(1)
        return Int32(max(0, min(left.rounded(.up), Double(Self.longestPatience))))
    }

    private static func text(of code: Int32) -> String {
        // `strerror` returns a constant of the C library for every number the kernel gives.
        unsafe String(cString: strerror(code)).lowercased()
    }
}
