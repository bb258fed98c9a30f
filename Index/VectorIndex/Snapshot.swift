internal import CFaiss

/// One consistent state of an index: what a search sees from its first to its last comparison.
struct Snapshot: Sendable {
    /// The lists of a large index.
    var base: Base?

    /// Which rows of the base are no longer answers.
    var baseRemoved: RemovedRows?

    var tail: Tail
    var position = IndexPosition(highestID: 0, removals: 0)

    init(base: Base? = nil, tail: Tail) {
        self.base = base
        self.tail = tail
    }

    var dimension: Int { tail.dimension }

    /// Rows of the base that are answers.
    var baseCount: Int { (base?.rowCount ?? 0) - (baseRemoved?.count ?? 0) }

    /// Removed rows that still take room.
    var removedCount: Int { (baseRemoved?.count ?? 0) + (tail.removed?.count ?? 0) }

    /// Vectors that are answers.
    var count: Int { baseCount + tail.liveCount }

    /// Where a live id is.
    enum Place {
        case base(row: Int)
        case tail(row: Int)
    }

    /// Where `id` is, or nil if it is not an answer.
    func place(of id: Int64) -> Place? {
        if let row = tail.row(of: id) { return .tail(row: row) }
        guard let row = base?.row(of: id), !(baseRemoved?.contains(row) ?? false) else { return nil }
        return .base(row: row)
    }

    func contains(_ id: Int64) -> Bool { place(of: id) != nil }

    func vector(of id: Int64) -> [Float]? {
        switch place(of: id) {
        case nil: nil
        case .base(let row): base?.vector(at: row)
        case .tail(let row):
            unsafe Array(UnsafeBufferPointer(start: tail.pointers(to: row).floats, count: dimension))
        }
    }

    /// Removes what there is of `ids` and says how many that was.
    mutating func remove(ids: some Sequence<Int64>) -> Int {
        var baseRows = Set<Int>()
        var tailRows = Set<Int>()
        for id in ids {
            switch place(of: id) {
            case nil: continue
            case .base(let row): baseRows.insert(row)
            case .tail(let row): tailRows.insert(row)
            }
        }
        if let base, !baseRows.isEmpty {
            baseRemoved = RemovedRows(earlier: baseRemoved, capacity: base.rowCount, removing: baseRows)
        }
        tail.remove(rows: Array(tailRows))
        return baseRows.count + tailRows.count
    }

    func forEach(_ body: (Int64, UnsafeBufferPointer<Float>) throws -> Void) rethrows {
        if let base {
            // A row of a mapped list has no alignment: it is lent from a copy.
            let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: dimension)
            defer { unsafe copy.deallocate() }
            let bytes = dimension * MemoryLayout<Float>.size
            for number in 0..<base.lists.count {
                let list = unsafe base.lists.list(number)
                guard let rows = unsafe list.rows, let ids = unsafe list.ids else { continue }
                for at in 0..<(unsafe list.count) where !isRemoved(baseRow: base.firstRows[number] + at) {
                    unsafe UnsafeMutableRawBufferPointer(copy).copyMemory(
                        from: UnsafeRawBufferPointer(start: rows + at * bytes, count: bytes))
                    let id = unsafe ids.loadUnaligned(
                        fromByteOffset: at * MemoryLayout<Int64>.size, as: Int64.self)
                    try unsafe body(id, UnsafeBufferPointer(copy))
                }
            }
        }
        for part in tail.parts {
            for at in 0..<part.count where !tail.isRemoved(part.first + at) {
                let floats = unsafe UnsafeBufferPointer(
                    start: part.chunk.rows + at * dimension, count: dimension)
                try unsafe body(part.chunk.ids[at], floats)
            }
        }
    }

    private func isRemoved(baseRow row: Int) -> Bool { baseRemoved?.contains(row) ?? false }
}
