internal import CSearchKernels

extension IndexState {
    /// Loose rows that get lists of their own; fewer are compared as quickly as lists are chosen.
    static let mostLooseRows = 2_048

    /// Parts are put together when the earlier is less than so many times the size of the later: each row is copied a
    /// few times in all, and there are never many parts.
    private static let growth = 24

    /// Gives lists to loose rows that have become many, and room back where much was removed.
    mutating func tidy(kernel: Kernel) throws(IndexError) {
        guard let quantizer else { return }
        if loose.count >= Self.mostLooseRows { try sealLooseRows(quantizer, kernel: kernel) }
        for (number, part) in segments.enumerated() {
            guard let removed = part.removed, removed.count > 1_000 || removed.count == part.segment.rowCount,
                removed.count * 5 > part.segment.rowCount
            else { continue }
            let copy = try SegmentWriter.merged([part], quantizer: quantizer)
            segments[number] = copy.map { SegmentPart(segment: $0, removed: nil) } ?? part
        }
        segments.removeAll { $0.liveCount == 0 }
    }

    private mutating func sealLooseRows(_ quantizer: Quantizer, kernel: Kernel) throws(IndexError) {
        var ids: [Int64] = []
        ids.reserveCapacity(loose.liveCount)
        unsafe loose.forEach { _, id, _ in ids.append(id) }
        ids.sort()
        if !ids.isEmpty {
            let segment = try SegmentBuilder(quantizer: quantizer, kernel: kernel, threads: 1)
                .segment(of: ids, from: LayeredSource(loose: loose, source: VectorTable(dimension: dimension)))
            segments.append(SegmentPart(segment: segment, removed: nil))
        }
        loose = LooseRows(dimension: dimension)
        while segments.count > 1,
            segments[segments.count - 2].liveCount < Self.growth * segments[segments.count - 1].liveCount
        {
            let last = Array(segments.suffix(2))
            segments.removeLast(2)
            if let merged = try SegmentWriter.merged(last, quantizer: quantizer) {
                segments.append(SegmentPart(segment: merged, removed: nil))
            }
        }
    }
}
