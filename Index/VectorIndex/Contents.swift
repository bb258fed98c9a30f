extension VectorIndex {
    /// Whether a vector is in the index under `id`.
    ///
    /// O(log count).
    public func contains(_ id: Int64) -> Bool { snapshot.contains(id) }

    /// The vector added under `id`, or nil if there is none.
    ///
    /// O(log count + dimension).
    public func vector(of id: Int64) -> [Float]? { snapshot.vector(of: id) }

    /// Visits every vector of this moment, in no promised order.
    ///
    /// O(count).
    ///
    /// The buffer holds `dimension` numbers and is valid until `body` returns.
    public func forEach(_ body: (Int64, UnsafeBufferPointer<Float>) throws -> Void) rethrows {
        try unsafe snapshot.forEach(body)
    }
}

extension Snapshot {
    func contains(_ id: Int64) -> Bool { tail.row(of: id) != nil }

    func vector(of id: Int64) -> [Float]? {
        guard let row = tail.row(of: id) else { return nil }
        return unsafe Array(UnsafeBufferPointer(start: tail.pointers(to: row).floats, count: tail.dimension))
    }

    func forEach(_ body: (Int64, UnsafeBufferPointer<Float>) throws -> Void) rethrows {
        for part in tail.parts {
            for at in 0..<part.count where !tail.isRemoved(part.first + at) {
                let floats = unsafe UnsafeBufferPointer(
                    start: UnsafePointer(part.chunk.rows + at * tail.dimension), count: tail.dimension)
                try unsafe body(part.chunk.ids[at], floats)
            }
        }
    }

    /// Removes what there is of `ids` and says how many that was.
    mutating func remove(ids: [Int64]) -> Int {
        let rows = Set(ids.compactMap { tail.row(of: $0) })
        tail.remove(rows: Array(rows))
        return rows.count
    }
}
