import CSearchKernels
import Synchronization

/// The vectors that are in no list: all of a small index, the additions since the lists of a large one.
///
/// A value: a snapshot holds one, the writer makes the next from it. Rows are numbered from 0 in order of
/// addition and keep their number when one is removed.
struct Tail: Sendable {
    /// Rows `first ..< first + count` of the tail lie at the start of `chunk`.
    struct Part: Sendable {
        let chunk: TailChunk
        let first: Int
        var count: Int
    }

    let dimension: Int
    private(set) var parts: [Part] = []

    /// Rows that were added, removed ones included.
    private(set) var count = 0

    private(set) var removed: RemovedRows?
    private let directory = TailDirectory()

    init(dimension: Int) { self.dimension = dimension }

    /// A tail whose first rows are those of a full chunk.
    init(full chunk: TailChunk, dimension: Int) {
        self.dimension = dimension
        parts = [Part(chunk: chunk, first: 0, count: chunk.capacity)]
        count = chunk.capacity
    }

    /// Rows that are answers.
    var liveCount: Int { count - (removed?.count ?? 0) }

    /// The removed bits, if there are any, long enough for every row.
    var removedWords: UnsafePointer<UInt64>? { unsafe removed?.words }

    /// Adds rows behind the last.
    ///
    /// O(rows), without copying those that are there.
    mutating func append(ids: UnsafeBufferPointer<Int64>, rows: UnsafeBufferPointer<Float>) {
        guard var nextID = ids.baseAddress, var nextRow = rows.baseAddress else { return }
        var left = ids.count
        while left > 0 {
            if parts.last.map({ $0.count == $0.chunk.capacity }) ?? true {
                // As much again as there is, so that few chunks hold many rows and a small index stays small.
                let capacity = max(left, min(max(count, 64), 1 << 16))
                parts.append(
                    Part(chunk: TailChunk(capacity: capacity, dimension: dimension), first: count, count: 0))
            }
            let last = parts.count - 1
            let part = parts[last]
            let some = min(left, part.chunk.capacity - part.count)
            unsafe part.chunk.append(after: part.count, ids: nextID, rows: nextRow, count: some)
            parts[last].count += some
            count += some
            left -= some
            unsafe nextID += some
            unsafe nextRow += some * dimension
        }
        if let bits = removed, bits.capacity < count {
            removed = RemovedRows(earlier: bits, capacity: 2 * count, removing: [])
        }
    }

    /// Marks rows as removed; each is below `count`.
    mutating func remove(rows: [Int]) {
        guard !rows.isEmpty else { return }
        removed = RemovedRows(earlier: removed, capacity: count, removing: rows)
    }

    /// The row of a live `id`.
    ///
    /// O(1), but for the first time after additions: O(additions).
    func row(of id: Int64) -> Int? {
        guard let row = directory.row(of: id, in: self), row < count, !isRemoved(row) else { return nil }
        return row
    }

    /// Whether `row` is removed.
    func isRemoved(_ row: Int) -> Bool { removed?.contains(row) ?? false }

    /// The id and the floats of `row`, valid while the tail is kept.
    func pointers(to row: Int) -> (id: UnsafePointer<Int64>, floats: UnsafePointer<Float>) {
        var low = 0
        var high = parts.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if parts[middle].first <= row { low = middle } else { high = middle - 1 }
        }
        let part = parts[low]
        let at = row - part.first
        precondition(at >= 0 && at < part.count)
        return unsafe (part.chunk.ids + at, part.chunk.rows + at * dimension)
    }
}

/// Where the ids of a tail are, filled when somebody asks: adding alone never needs it.
private final class TailDirectory: Sendable {
    private struct Rows {
        var indexed = 0
        var rows: [Int64: Int] = [:]
    }

    private let state = Mutex(Rows())

    /// The last row that `id` was added at, removed or not.
    func row(of id: Int64, in tail: Tail) -> Int? {
        state.withLock { state in
            for part in tail.parts where part.first + part.count > state.indexed {
                for at in max(0, state.indexed - part.first)..<part.count {
                    unsafe state.rows[part.chunk.ids[at]] = part.first + at
                }
            }
            state.indexed = max(state.indexed, tail.count)
            return state.rows[id]
        }
    }
}

extension Tail {
    /// Memory taken, in bytes, with room for rows to come.
    var bytes: Int {
        parts.reduce((removed?.capacity ?? 0) / 8) {
            $0 + TailChunk.byteCount(rows: $1.chunk.capacity, dimension: dimension)
        }
    }
}

extension Tail {
    /// Rows of a part that are answers, as ranges inside its chunk.
    func liveRuns(of part: Part) -> [Range<Int>] {
        guard let removed, removed.count > 0 else { return [0..<part.count] }
        var runs: [Range<Int>] = []
        var start = 0
        for at in 0..<part.count where removed.contains(part.first + at) {
            if start < at { runs.append(start..<at) }
            start = at + 1
        }
        if start < part.count { runs.append(start..<part.count) }
        return runs
    }
}
