internal import CSearchKernels

/// What is wrong with one id of an index.
public enum Disagreement: Equatable, Sendable {
    /// The source has no vector of it.
    case missing
    /// What the index keeps of it is not what its vector gives.
    case different
}

extension VectorIndex {
    /// Compares everything the index keeps with the vectors of its source, and tells of each id that is wrong.
    ///
    /// Codes and bytes are made again for it. O(count · dimension²).
    /// - Parameter other: read in the place of the index's own source.
    public func forEachDisagreement(
        with other: (any VectorSource)? = nil, _ body: (Int64, Disagreement) -> Void
    ) throws(IndexError) {
        let state = state
        try (other ?? source).reading { reader throws(IndexError) in
            unsafe state.loose.forEach { _, id, vector in
                guard let own = unsafe reader.vector(of: id) else { return body(id, .missing) }
                let isEqual = (0..<dimension).allSatisfy { unsafe own[$0].bitPattern == vector[$0].bitPattern }
                if !isEqual { body(id, .different) }
            }
            guard let quantizer = state.quantizer else { return }
            guard let encoder = unsafe csk_encoder_new(quantizer.table) else { throw .noMemory(bytes: 1 << 20) }
            defer { unsafe csk_encoder_free(encoder) }
            for part in state.segments {
                let segment = part.segment
                var rows = unsafe csk_segment(
                    lists: segment.lists, blocks: segment.blocks, rows: segment.rows, removed: nil)
                part.forEachRow { list, row in
                    let id = unsafe segment.ids[row]
                    guard let vector = unsafe reader.vector(of: id) else { return body(id, .missing) }
                    let agrees = unsafe csk_agrees(
                        kernel.table, quantizer.table, encoder, &rows, vector, UInt32(list), UInt32(row))
                    if agrees == 0 { body(id, .different) }
                }
            }
        }
    }
}
