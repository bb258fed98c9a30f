internal import Synchronization

/// The vectors that are in no list: all of a small index, the latest additions of a large one.
///
/// A value: a state holds one, the writer makes the next from it. Rows are numbered from 0 in order of addition and
/// keep their number when one is removed.
struct LooseRows: Sendable {
    /// Rows `first ..< first + count` lie at the start of `chunk`.
    struct Part: Sendable {
        let chunk: LooseChunk
        let first: Int
        var count: Int
        var largestStep: Float
    }

    let dimension: Int
    private(set) var parts: [Part] = []

    /// Rows that were added, removed ones included.
    private(set) var count = 0

    private(set) var removed: RemovedRows?
    private let directory = LooseDirectory()

    init(dimension: Int) { self.dimension = dimension }

    /// Rows that are answers.
    var liveCount: Int { count - (removed?.count ?? 0) }

    /// Memory taken, in bytes, with room for rows to come.
    var byteCount: Int { parts.reduce((removed?.capacity ?? 0) / 8) { $0 + $1.chunk.byteCount } }

    /// Adds rows behind the last.
    ///
    /// O(rows), without copying those that are there.
    mutating func append(
        ids: UnsafeBufferPointer<Int64>, vectors: UnsafeBufferPointer<Float>
    ) throws(IndexError) {
        guard var nextID = ids.baseAddress, var nextVector = vectors.baseAddress else { return }
        directory.forget(from: count)
        var left = ids.count
        while left > 0 {
            if parts.last.map({ $0.count == $0.chunk.capacity }) ?? true {
                // As much again as there is, so that few chunks hold many rows and a small index stays small.
                let capacity = max(left, min(max(count, 64), 1 << 16))
                let chunk = try LooseChunk(capacity: capacity, dimension: dimension)
                parts.append(Part(chunk: chunk, first: count, count: 0, largestStep: 0))
            }
            let last = parts.count - 1
            let part = parts[last]
            let some = min(left, part.chunk.capacity - part.count)
            let step = unsafe part.chunk.append(
                after: part.count, ids: nextID, vectors: nextVector, count: some)
            parts[last].count += some
            parts[last].largestStep = max(part.largestStep, step)
            count += some
            left -= some
            unsafe nextID += some
            unsafe nextVector += some * dimension
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
        guard let row = directory.row(of: id, in: self), row < count, self.id(at: row) == id,
            !isRemoved(row)
        else { return nil }
        return row
    }

    private func id(at row: Int) -> Int64? {
        guard let part = parts.last(where: { $0.first <= row }) else { return nil }
        return unsafe part.chunk.ids[row - part.first]
    }

    /// The vector of a live `id`, good while this value is kept.
    func vector(of id: Int64) -> UnsafePointer<Float>? {
        guard let row = row(of: id), let part = parts.last(where: { $0.first <= row }) else { return nil }
        return unsafe part.chunk.vectors + (row - part.first) * dimension
    }

    func isRemoved(_ row: Int) -> Bool { removed?.contains(row) ?? false }

    /// Every row that is an answer: its number, its id and its vector, which is good while this value is kept.
    func forEach<E: Error>(_ body: (Int, Int64, UnsafePointer<Float>) throws(E) -> Void) throws(E) {
        for part in parts {
            for at in 0..<part.count where !isRemoved(part.first + at) {
                try unsafe body(part.first + at, part.chunk.ids[at], part.chunk.vectors + at * dimension)
            }
        }
    }
}

/// Where the ids of loose rows are, filled when somebody asks: adding alone never needs it.
///
/// All states that follow from one another share it, so it may also know rows of an addition that failed: the caller
/// must compare the id at the row.
private final class LooseDirectory: Sendable {
    private struct Rows {
        var indexed = 0
        var rows: [Int64: Int] = [:]
    }

    private let state = Mutex(Rows())

    /// Rows from `count` on are about to be written; what a failed addition left there is no longer known.
    func forget(from count: Int) { state.withLock { $0.indexed = min($0.indexed, count) } }

    /// The last row that `id` was added at, removed or not.
    func row(of id: Int64, in loose: LooseRows) -> Int? {
        state.withLock { state in
            for part in loose.parts where part.first + part.count > state.indexed {
                for at in max(0, state.indexed - part.first)..<part.count {
                    unsafe state.rows[part.chunk.ids[at]] = part.first + at
                }
            }
            state.indexed = max(state.indexed, loose.count)
            return state.rows[id]
        }
    }
}

/// The vectors of loose rows, and behind them those of another source.
struct LayeredSource: VectorSource {
    let loose: LooseRows
    let source: any VectorSource

    func reading(_ body: (any VectorReader) throws(IndexError) -> Void) throws(IndexError) {
        guard loose.count > 0 else { return try source.reading(body) }
        try source.reading { reader throws(IndexError) in
            try body(LayeredReader(loose: loose, reader: reader))
        }
    }

    private struct LayeredReader: VectorReader {
        let loose: LooseRows
        let reader: any VectorReader

        func vector(of id: Int64) -> UnsafePointer<Float>? {
            unsafe loose.vector(of: id) ?? reader.vector(of: id)
        }

        func forget() { reader.forget() }
    }
}
