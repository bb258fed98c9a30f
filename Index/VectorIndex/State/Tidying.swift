extension IndexState {
    /// Loose rows that get lists of their own; fewer are compared as quickly as lists are chosen.
    static let mostLooseRows = 2_048

    /// The same while much is added at once: a sixteenth of what is in lists, which a search compares about as quickly
    /// as it reads those, and no more than a few hundred bytes of memory each allow.
    var mostLooseRowsOfMany: Int { min(max(Self.mostLooseRows, listedCount / 16), 1 << 17) }

    /// Parts are put together when the earlier is less than so many times the size of the later: each row is copied a
    /// few times in all, and there are never many parts.
    private static let growth = 24

    /// The same vectors, with lists for loose rows that have become many, and without removed rows that take much
    /// room.
    ///
    /// A new state, so that one that throws half-way leaves nothing behind.
    func tidied(
        kernel: Kernel, mostLoose: Int = Self.mostLooseRows, threads: Int = 1
    ) throws(IndexError) -> IndexState {
        guard let quantizer else { return self }
        var next = self
        if next.loose.count >= mostLoose {
            try next.sealLooseRows(quantizer, kernel: kernel, threads: threads)
        }
        for (number, part) in next.segments.enumerated() {
            guard let removed = part.removed, removed.count > 1_000 || removed.count == part.segment.rowCount,
                removed.count * 5 > part.segment.rowCount
            else { continue }
            let copy = try SegmentWriter.merged([part], quantizer: quantizer)
            next.segments[number] = copy.map { SegmentPart(segment: $0, removed: nil) } ?? part
        }
        next.segments.removeAll { $0.liveCount == 0 }
        assert(next.count == count, "tidying changed the number of vectors")
        return next
    }

    /// The same vectors, without a row of those that were removed.
    func withoutRemovedRows() throws(IndexError) -> IndexState {
        guard removedCount > 0 else { return self }
        var next = self
        if let quantizer {
            next.segments = []
            for part in segments where part.liveCount > 0 {
                guard part.liveCount < part.segment.rowCount,
                    let copy = try SegmentWriter.merged([part], quantizer: quantizer)
                else {
                    next.segments.append(part)
                    continue
                }
                next.segments.append(SegmentPart(segment: copy, removed: nil))
            }
        }
        next.loose = try loose.withoutRemovedRows()
        assert(next.count == count && next.removedCount == 0, "a removed row was kept, or a vector lost")
        return next
    }

    private mutating func sealLooseRows(
        _ quantizer: Quantizer, kernel: Kernel, threads: Int
    ) throws(IndexError) {
        var ids: [Int64] = []
        ids.reserveCapacity(loose.liveCount)
        unsafe loose.forEach { _, id, _ in ids.append(id) }
        ids.sort()
        if !ids.isEmpty {
            let segment = try SegmentBuilder(quantizer: quantizer, kernel: kernel, threads: threads)
                .segment(of: ids, from: LayeredSource(loose: loose, source: VectorTable(dimension: dimension)))
            segments.append(SegmentPart(segment: segment, removed: nil))
        }
        loose = LooseRows(dimension: dimension)
        while segments.count > 1,
            segments[segments.count - 2].liveCount < Self.growth * segments[segments.count - 1].liveCount
        {
            let merged = try SegmentWriter.merged(Array(segments.suffix(2)), quantizer: quantizer)
            segments.removeLast(2)
            if let merged { segments.append(SegmentPart(segment: merged, removed: nil)) }
        }
    }
}

extension LooseRows {
    /// The rows that are answers, in memory of their own.
    fileprivate func withoutRemovedRows() throws(IndexError) -> LooseRows {
        guard liveCount < count else { return self }
        var kept = LooseRows(dimension: dimension)
        try unsafe forEach { _, id, vector throws(IndexError) in try unsafe kept.append(id: id, vector: vector)
        }
        return kept
    }
}
