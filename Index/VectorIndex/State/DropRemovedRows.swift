internal import CSearchKernels
internal import Synchronization

extension VectorIndex {
    /// Takes what is left of removed vectors out of the index, so that the next `save` writes nothing of them.
    ///
    /// `remove` only marks rows; here every part with such rows is copied without them: ids, codes, bytes and, outside
    /// of lists, vectors. The files of before stay until `save` has replaced and deleted them.
    ///
    /// Nothing is trained for it, with one exception. Of the vectors that an index was trained on, its tables keep the
    /// centres of lists (each the mean of the training vectors of its list) and code values (each the mean of many
    /// residuals in a few directions). A list of one vector, or of equal vectors, has that vector as its centre. So
    /// where vectors in lists were removed since the training, every centre is compared with the vectors that are
    /// left: if one is not near the mean of at least 16 vectors, the index is trained again. What remains of a removed
    /// vector is then its share in means of many.
    ///
    /// Searches go on meanwhile; additions and removals wait while parts are copied. O(count · dimension), or the time
    /// of `rebuild` if it is trained again. Throws `badThreads`, `noMemory`, and what `rebuild` throws; then the
    /// index holds what it held.
    public func dropRemovedRows(threads: Int = 1) throws(IndexError) {
        guard threads >= 1 else { throw .badThreads(threads) }
        try maintenance.withLock { _ throws(IndexError) in
            try update { state throws(IndexError) in state = try state.withoutRemovedRows() }
            guard state.hasLostRows, state.hasCentreOfItsOwn else { return }
            try rebuildAlone(threads: threads)
            // What was removed while the index was trained.
            try update { state throws(IndexError) in state = try state.withoutRemovedRows() }
        }
    }
}

extension IndexState {
    /// A mean of fewer vectors may tell of one of them.
    private static let fewestVectors = 16
    /// How far a centre may be from the mean of the vectors that are left: a cosine of about 0.97 between unit vectors.
    private static let furthest: Float = 0.25

    /// Whether a centre of a list is not near the mean of vectors of any list, so that it may tell of vectors that are
    /// gone.
    ///
    /// O(count · dimension + lists · dimension²), for a state without removed rows.
    var hasCentreOfItsOwn: Bool {
        guard let quantizer else { return false }
        let (means, isLarge) = meansOfLists(quantizer)
        let large = isLarge.indices.filter { isLarge[$0] }
        return (0..<quantizer.listCount).contains { list in
            func isNear(_ other: Int) -> Bool {
                var squares: Float = 0
                for axis in 0..<dimension {
                    let apart =
                        unsafe quantizer.centroids[list * dimension + axis] - means[other * dimension + axis]
                    squares += apart * apart
                }
                return squares <= Self.furthest * Self.furthest
            }
            return !(isLarge[list] && isNear(list)) && !large.contains(where: isNear)
        }
    }

    /// The mean of the vectors of each list as its rows tell it, row-major, and whether those are enough.
    private func meansOfLists(_ quantizer: Quantizer) -> (means: [Float], isLarge: [Bool]) {
        let table = unsafe quantizer.table.pointee
        var means: [Float] = []
        means.reserveCapacity(quantizer.listCount * dimension)
        var isLarge: [Bool] = []
        for list in 0..<quantizer.listCount {
            var sums = [UInt64](repeating: 0, count: dimension)
            var count = 0
            for part in segments {
                let own = unsafe part.segment.lists[list]
                unsafe csk_add_bytes(
                    part.segment.rows + Int(own.first_row) * dimension, Int(own.row_count), dimension, &sums)
                count += Int(own.row_count)
            }
            // The mean residual along the quantizer's axes, and from there back to the vectors' own.
            let turned = sums.map { sum in
                count == 0 ? 0 : (Float(Double(sum) / Double(count)) - 128) * quantizer.shape.rowStep
            }
            for axis in 0..<dimension {
                var sum = unsafe table.centroids[list * dimension + axis]
                for other in 0..<dimension {
                    unsafe sum += turned[other] * table.probe_axes[other * dimension + axis]
                }
                means.append(sum)
            }
            isLarge.append(count >= Self.fewestVectors)
        }
        return (means, isLarge)
    }
}
