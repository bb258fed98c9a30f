import FoundationEssentials
import Glibc
import TemplateStore

/// JSON Lines on standard input, `{"subject": …, "embedding": […]}` each.
///
/// Memory: one block and one line. A line that cannot be used is refused by its number.
final class JSONLinesInput: TemplateInput {
    private struct Line: Decodable {
        let subject: String
        let embedding: [Float]
    }

    private static let blockSize = 1 << 20
    /// Longer than any line that can be used.
    private static let longestLine = 1 << 20

    let origin = "stdin"
    let total: Int? = nil
    private let dimension: Int
    private let descriptor: Int32
    private var pending: [UInt8] = []
    private var start = 0
    private var hasEnded = false
    /// Lines begun so far.
    private var line = 0

    /// Reads what a descriptor gives.
    init(dimension: Int, descriptor: Int32 = STDIN_FILENO) {
        self.dimension = dimension
        self.descriptor = descriptor
    }

    func fill(_ batch: inout TemplateBatch, limit: Int, refuse: (Int, String) -> Void) throws -> Int {
        var count = 0
        let decoder = JSONDecoder()
        // What a slow program has written so far is handed over before more of it is waited for.
        while count < limit, count == 0 || hasLine || hasMoreAtOnce, let text = try nextLine() {
            line += 1
            guard let text else {
                refuse(line, "is longer than \(Self.longestLine) bytes")
                count += 1
                continue
            }
            // A blank line parts nothing from nothing.
            if text.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            count += 1
            guard let item = try? decoder.decode(Line.self, from: Data(text)) else {
                refuse(line, "is no JSON object with a subject and an embedding")
                continue
            }
            guard item.embedding.count == dimension else {
                refuse(
                    line,
                    "its embedding has \(item.embedding.count) numbers, the gallery's templates have \(dimension)"
                )
                continue
            }
            let name = Array(item.subject.utf8)
            do throws(StoreError) {
                try unsafe name.withUnsafeBufferPointer { name throws(StoreError) in
                    try unsafe item.embedding.withUnsafeBufferPointer { floats throws(StoreError) in
                        try unsafe batch.append(
                            template: floats, subject: UnsafeRawBufferPointer(name), row: line)
                    }
                }
            } catch { refuse(line, error.reasonOfRow) }
        }
        return count
    }

    /// Whether a whole line has been read already.
    private var hasLine: Bool { pending[start...].contains(0x0A) }

    /// Whether reading would not have to wait.
    private var hasMoreAtOnce: Bool {
        guard !hasEnded else { return true }
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&wanted, 1, 0) > 0
    }

    /// The next line without its end; `.some(nil)` for one that is too long, nil at the end.
    private func nextLine() throws -> ArraySlice<UInt8>?? {
        var isTooLong = false
        while true {
            if let end = pending[start...].firstIndex(of: 0x0A) {
                defer { start = end + 1 }
                return isTooLong ? .some(nil) : pending[start..<end]
            }
            if hasEnded {
                guard start < pending.count || isTooLong else { return nil }
                defer { start = pending.count }
                return isTooLong ? .some(nil) : pending[start...]
            }
            pending.removeFirst(start)
            start = 0
            if pending.count > Self.longestLine {
                isTooLong = true
                pending.removeAll(keepingCapacity: true)
            }
            try readMore()
        }
    }

    private func readMore() throws {
        let before = pending.count
        pending.append(contentsOf: repeatElement(0, count: Self.blockSize))
        var got = 0
        repeat {
            got = unsafe pending.withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress.map { unsafe $0 + before }, Self.blockSize)
            }
        } while got < 0 && errno == EINTR
        pending.removeLast(Self.blockSize - max(got, 0))
        guard got >= 0 else {
            throw CommandFailure(
                "cannot read standard input: \(unsafe String(cString: strerror(errno)))", .inputOutput)
        }
        hasEnded = got == 0
    }
}
