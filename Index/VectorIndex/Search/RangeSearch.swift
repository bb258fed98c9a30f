internal import CSearchKernels
public import Concurrency

extension VectorIndex {
    /// Every vector whose similarity to a probe is `similarity` or more, best first, ties by ascending id.
    ///
    /// `probe` has `dimension` numbers and length 1 (within 1 %), `similarity` is a cosine, −1…1. Nothing is missed.
    /// O(count · dimension), and a look-up in the source for each answer. Throws `wrongDimension`, `notFinite`,
    /// `notUnit`, `source`, `noMemory`, or `cancelled` once `cancellation` is due.
    public func neighbours(
        of probe: [Float], from similarity: Float, cancellation: Cancellation? = nil
    ) throws(IndexError) -> [Neighbour] {
        try Self.checkShape(floats: probe.count, vectors: 1, dimension: dimension)
        let view = view
        var found: [Neighbour] = []
        try unsafe probe.withUnsafeBufferPointer { buffer throws(IndexError) in
            try unsafe Self.checkRows(buffer, dimension: dimension)
            guard let start = buffer.baseAddress else { return }
            let scratch = try unsafe scratches.take(view.view, count: 1)
            defer { scratches.giveBack(scratch) }
            try view.reading(source) { reader in
                var lookup = unsafe Lookup(view: view, reader: reader)
                unsafe withUnsafeMutablePointer(to: &lookup) { context in
                    var request = unsafe csk_request(
                        count: 1, pruning: nil, settles_ties: 1, vector: lookUp, context: context,
                        cancelled: cancellation?.flag)
                    var work = csk_work()
                    unsafe csk_search_range(
                        view.view, &request, scratch.raw, start, similarity,
                        { context, id, similarity in
                            guard let context = unsafe context else { return }
                            unsafe context.assumingMemoryBound(to: Lookup.self).pointee.found
                                .append(Neighbour(id: id, similarity: similarity))
                        }, &work)
                }
                found = unsafe lookup.found
            }
        }
        if cancellation?.isDue ?? false { throw .cancelled }
        return found.sorted()
    }
}
