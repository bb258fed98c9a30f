import Concurrency
import GalleryModel
import Synchronization

/// Rows of an input that are read and checked, and those that cannot be enrolled.
struct Parcel: Sendable {
    var batch: TemplateBatch
    var refused: [RefusedRow]
}

/// Reads an input parcel by parcel, on a thread of its own or when it is asked.
final class TemplateRows: Sendable {
    private let input: Mutex<any TemplateInput>
    private let dimension: Int
    private let limit: Int

    init(_ input: sending any TemplateInput, dimension: Int, limit: Int) {
        self.input = Mutex(input)
        (self.dimension, self.limit) = (dimension, limit)
    }

    /// Reads the whole input into `queue` on a thread of its own; false where none can be made.
    func begin(into queue: BoundedQueue<Result<Parcel, any Error>>) -> Bool {
        let thread = try? Threads(1) { [self] in
            do {
                while let parcel = try read() {
                    guard queue.put(.success(parcel)) else { break }
                }
            } catch { _ = queue.put(.failure(error)) }
            queue.end()
        }
        guard var thread else { return false }
        thread.leave()
        return true
    }

    /// The next rows, if their input has some within so many seconds.
    func next(within seconds: Double) -> BoundedQueue<Result<Parcel, any Error>>.Taken {
        guard input.withLock({ $0.hasMore(within: seconds) }) else { return .nothingYet }
        do { return try read().map { .next(.success($0)) } ?? .ended } catch { return .next(.failure(error)) }
    }

    /// The next rows; nil behind the last.
    private func read() throws -> Parcel? {
        try input.withLock { input in
            var batch = try TemplateBatch(
                dimension: dimension, origin: input.origin, capacity: input.total == nil ? 0 : limit)
            var refused: [RefusedRow] = []
            let rows = try input.fill(&batch, limit: limit) { refused.append($0) }
            return rows > 0 ? Parcel(batch: batch, refused: refused) : nil
        }
    }
}
