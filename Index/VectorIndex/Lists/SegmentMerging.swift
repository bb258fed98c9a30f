internal import CSearchKernels

/// A segment with the rows of it that are no longer answers.
struct SegmentPart: Sendable {
    let segment: Segment
    var removed: RemovedRows?

    /// Rows that are answers.
    var liveCount: Int { segment.rowCount - (removed?.count ?? 0) }

    func isRemoved(_ row: Int) -> Bool { removed?.contains(row) ?? false }
}

extension SegmentWriter {
    /// One segment of all rows of `parts` that are answers; codes and bytes are copied, not made again.
    ///
    /// Nil if there are none. O(rows · dimension).
    static func merged(_ parts: [SegmentPart], quantizer: Quantizer) throws(IndexError) -> Segment? {
        var rowsOfLists = [Int](repeating: 0, count: quantizer.listCount)
        for part in parts { part.forEachRow { list, _ in rowsOfLists[list] += 1 } }
        guard rowsOfLists.contains(where: { $0 > 0 }) else { return nil }
        let writer = try SegmentWriter(quantizer, rowsOfLists: rowsOfLists)
        var next = (0..<quantizer.listCount).map { unsafe writer.lists[$0].first_row }
        var facts = ListFacts(listCount: quantizer.listCount)
        unsafe facts.lists.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            var sink = unsafe csk_row_sink(
                lists: writer.lists, blocks: writer.blocks, rows: writer.rows, ids: writer.ids, facts: start,
                code_error: 0)
            for part in parts {
                let segment = part.segment
                var source = unsafe csk_segment(
                    lists: segment.lists, blocks: segment.blocks, rows: segment.rows, removed: nil)
                part.forEachRow { list, row in
                    unsafe csk_copy_row(
                        quantizer.table, &source, UInt32(list), UInt32(row), &sink, next[list], segment.ids[row]
                    )
                    next[list] += 1
                }
            }
        }
        var codeError = 0.0
        for part in parts {
            let segment = part.segment
            codeError += segment.codeError * Double(part.liveCount) / Double(max(segment.rowCount, 1))
            for list in 0..<quantizer.listCount {
                let own = unsafe segment.lists[list]
                // What was removed may have been the worst: a bound stays a bound.
                facts.lists[list].reach = max(facts.lists[list].reach, own.reach)
                facts.lists[list].error = max(facts.lists[list].error, own.error)
                facts.lists[list].squares += Double(own.spread * own.spread) * Double(own.row_count)
            }
        }
        for list in 0..<quantizer.listCount {
            let before = parts.reduce(0) { unsafe $0 + Int($1.segment.lists[list].row_count) }
            facts.lists[list].squares *= Double(rowsOfLists[list]) / Double(max(before, 1))
        }
        try writer.sortDirectory()
        return try writer.finished(facts: facts.lists, codeError: codeError)
    }
}

extension SegmentPart {
    /// Every row that is an answer, with its list, in the segment's order.
    func forEachRow(_ body: (_ list: Int, _ row: Int) -> Void) {
        for list in 0..<segment.listCount {
            let own = unsafe segment.lists[list]
            for row in Int(own.first_row)..<Int(own.first_row) + Int(own.row_count) where !isRemoved(row) {
                body(list, row)
            }
        }
    }
}
