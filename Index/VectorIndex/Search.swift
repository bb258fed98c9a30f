internal import CSearchKernels

extension VectorIndex {
    /// The nearest neighbours of each probe, best first.
    ///
    /// `probes` is row-major, m × `dimension`, of length 1 each (within 1 %); the answer has one list a probe,
    /// each of min(`k`, `count`) neighbours by descending similarity, ties by ascending id. `k` is 1…10,000. An
    /// empty index gives empty lists. The same probe gets the same answer, bit for bit, whatever the batch, the
    /// number of threads or the instruction set.
    ///
    /// `threads` is how many threads may compute, this one included. Exact search is O(m · count · dimension).
    /// Throws `badCount`, `badLoss`, `badThreads`, `wrongDimension`, `notFinite` or `notUnit`.
    public func search(
        probes: [Float], k: Int, mode: SearchMode, threads: Int = 1
    ) throws(IndexError) -> [[Neighbour]] {
        guard (1...Self.mostNeighbours).contains(k) else { throw .badCount(k: k) }
        if case .maxSearchLoss(let loss) = mode, !(0...1).contains(loss) { throw .badLoss(loss) }
        guard threads >= 1 else { throw .badThreads(threads) }
        guard probes.count.isMultiple(of: dimension) else {
            throw .wrongDimension(floats: probes.count, vectors: 0, dimension: dimension)
        }
        return try unsafe probes.withUnsafeBufferPointer { buffer throws(IndexError) in
            try unsafe Self.checkRows(buffer, dimension: dimension)
            let state = snapshot
            let probeCount = buffer.count / dimension
            guard let start = buffer.baseAddress, state.count > 0 else {
                return Array(repeating: [], count: probeCount)
            }
            let kept = min(k, state.count)
            // The heaps of one batch stay within a few megabytes.
            let batch = max(1, min(256, (1 << 18) / kept))
            var answers: [[Neighbour]] = []
            answers.reserveCapacity(probeCount)
            for first in stride(from: 0, to: probeCount, by: batch) {
                let some = unsafe ProbeBatch(
                    start: start + first * dimension, count: min(batch, probeCount - first),
                    dimension: dimension)
                let scan = Scan(snapshot: state, kernel: kernel, kept: kept, mode: mode)
                answers += scan.run(some, threads: threads)
            }
            return answers
        }
    }
}

/// Probes that are searched together.
///
/// The memory is the caller's and outlives the batch.
@safe struct ProbeBatch: @unchecked Sendable {
    // Unchecked: the floats are only read, and safe: their memory outlives the search that lends them.
    let pointers: [UnsafePointer<Float>]

    init(start: UnsafePointer<Float>, count: Int, dimension: Int) {
        unsafe pointers = (0..<count).map { unsafe start + $0 * dimension }
    }

    private init(pointers: [UnsafePointer<Float>]) { unsafe self.pointers = pointers }

    var count: Int { unsafe pointers.count }

    /// The probes of one range.
    subscript(range: Range<Int>) -> ProbeBatch { unsafe ProbeBatch(pointers: Array(pointers[range])) }
}
