internal import Synchronization

extension VectorIndex {
    /// From so many vectors on a rebuild makes lists; fewer are compared one and all.
    public static let listsFrom = 20_000

    /// Whether a rebuild would make searches faster or give memory back.
    ///
    /// So when 20,000 vectors are in no list and there are no lists, when additions exceed a quarter of the
    /// lists, or when three rows in ten are removed (and more than 1,000 are). O(1).
    public var needsRebuild: Bool { snapshot.needsRebuild }

    /// Rebuilds if `needsRebuild`; returns whether it did.
    @discardableResult
    public func rebuildIfNeeded(threads: Int = 1) throws(IndexError) -> Bool {
        guard threads >= 1 else { throw .badThreads(threads) }
        guard needsRebuild else { return false }
        try rebuild(threads: threads)
        return true
    }

    /// Builds everything anew from what can be found: lists from 20,000 vectors on, one block of memory below.
    ///
    /// Searches, additions and removals go on meanwhile; what they change is carried over at the end. Exact
    /// answers stay the same. Memory for a second copy of the vectors is needed until it returns.
    /// O(count^1.5 · dimension).
    public func rebuild(threads: Int = 1) throws(IndexError) {
        guard threads >= 1 else { throw .badThreads(threads) }
        try maintenance.withLock { _ throws(IndexError) in
            let old = snapshot
            let fresh =
                old.count < Self.listsFrom ? old.gathered() : try BaseBuilder(old, threads: threads).snapshot()
            writing { current in current = fresh.catchingUp(from: old, to: current) }
        }
    }
}

extension Snapshot {
    var needsRebuild: Bool {
        if removedCount > 1_000 && removedCount * 10 > (base?.rowCount ?? 0) * 3 + tail.count * 3 {
            return true
        }
        guard let base else { return tail.liveCount >= VectorIndex.listsFrom }
        return tail.liveCount * 4 > base.rowCount
    }

    /// The same answers in one block without removed rows.
    func gathered() -> Snapshot {
        var tail = Tail(dimension: dimension)
        unsafe forEach { id, floats in
            var id = id
            unsafe withUnsafePointer(to: &id) { pointer in
                unsafe tail.append(ids: UnsafeBufferPointer(start: pointer, count: 1), rows: floats)
            }
        }
        return Snapshot(tail: tail)
    }

    /// This state, made from `old`, with what has happened between `old` and `current`.
    func catchingUp(from old: Snapshot, to current: Snapshot) -> Snapshot {
        var next = self
        var gone: [Int64] = []
        if let base = old.base, current.baseRemoved !== old.baseRemoved {
            for row in 0..<base.rowCount
            where current.baseRemoved?.contains(row) ?? false && !(old.baseRemoved?.contains(row) ?? false) {
                gone.append(base.id(at: row))
            }
        }
        if current.tail.removed !== old.tail.removed {
            for row in 0..<old.tail.count where current.tail.isRemoved(row) && !old.tail.isRemoved(row) {
                unsafe gone.append(current.tail.pointers(to: row).id.pointee)
            }
        }
        // Removed before additions are carried over: an id may have come back since.
        _ = next.remove(ids: gone)
        for row in old.tail.count..<current.tail.count where !current.tail.isRemoved(row) {
            let place = unsafe current.tail.pointers(to: row)
            unsafe next.tail.append(
                ids: UnsafeBufferPointer(start: place.id, count: 1),
                rows: UnsafeBufferPointer(start: place.floats, count: dimension))
        }
        next.position = current.position
        return next
    }
}
