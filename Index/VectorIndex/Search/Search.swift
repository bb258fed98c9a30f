internal import CSearchKernels
public import Concurrency
internal import Synchronization

extension VectorIndex {
    /// The nearest neighbours of each probe, best first.
    ///
    /// `probes` is row-major, m × `dimension`, of length 1 each (within 1 %); the answer has one list per probe,
    /// each of min(`k`, `count`) neighbours by descending similarity, ties by ascending id. `k` is 1…10,000. An
    /// empty index gives empty lists. The same probe gets the same answer, bit for bit, whatever the batch, the
    /// number of threads or the instruction set. Many probes in one call are searched list by list, which is faster
    /// than one after the other.
    ///
    /// `threads` is how many threads may compute, this one included; each takes a share of the probes. Exact search
    /// is O(m · count · dimension). Throws `badCount`, `badLoss`, `badThreads`, `wrongDimension`, `notFinite`,
    /// `notUnit`, `source`, or `cancelled` once `cancellation` is due.
    public func search(
        probes: [Float], k: Int, mode: IndexSearchMode, threads: Int = 1, cancellation: Cancellation? = nil
    ) throws(IndexError) -> [[Neighbour]] {
        try search(
            view, source, probes: probes, k: k, mode: mode, threads: threads, cancellation: cancellation)
    }

    /// The same in one state, with the vectors of a source.
    func search(
        _ view: SearchView, _ source: any VectorSource, probes: [Float], k: Int, mode: IndexSearchMode,
        threads: Int,
        cancellation: Cancellation?
    ) throws(IndexError) -> [[Neighbour]] {
        try unsafe probes.withUnsafeBufferPointer { buffer throws(IndexError) in
            let probeCount = try unsafe checkedCount(buffer, k: k, mode: mode, threads: threads)
            var answers = NeighbourTable(probes: probeCount, k: k)
            try unsafe search(
                view, source, buffer, k: k, mode: mode, threads: threads, cancellation, into: &answers)
            return answers.neighbours
        }
    }

    /// The nearest neighbours of each probe into memory of the caller's, without any allocation once warm.
    ///
    /// Probe p's answers are the first `counts[p]` of ids and similarities from p · `k` on; otherwise as
    /// `search(probes:k:mode:threads:cancellation:)` on one thread. The buffers hold m · `k` and m elements.
    public func search(
        probes: UnsafeBufferPointer<Float>, k: Int, mode: IndexSearchMode,
        ids: UnsafeMutableBufferPointer<Int64>,
        similarities: UnsafeMutableBufferPointer<Float>, counts: UnsafeMutableBufferPointer<Int>
    ) throws(IndexError) {
        let probeCount = try unsafe checkedCount(probes, k: k, mode: mode, threads: 1)
        guard ids.count >= probeCount * k, similarities.count >= probeCount * k, counts.count >= probeCount
        else {
            throw .wrongDimension(floats: min(ids.count, similarities.count), vectors: probeCount, dimension: k)
        }
        guard let start = probes.baseAddress, let id = ids.baseAddress,
            let similarity = similarities.baseAddress,
            let count = counts.baseAddress
        else { return }
        try unsafe run(view, source, start, probeCount, k, mode, nil, id, similarity, count)
    }

    private func checkedCount(
        _ probes: UnsafeBufferPointer<Float>, k: Int, mode: IndexSearchMode, threads: Int
    ) throws(IndexError) -> Int {
        guard (1...Self.mostNeighbours).contains(k) else { throw .badCount(k: k) }
        if case .maxSearchLoss(let loss) = mode, !(0...1).contains(loss) { throw .badLoss(loss) }
        guard threads >= 1 else { throw .badThreads(threads) }
        guard probes.count.isMultiple(of: dimension) else {
            throw .wrongDimension(floats: probes.count, vectors: 0, dimension: dimension)
        }
        try unsafe Self.checkRows(probes, dimension: dimension)
        return probes.count / dimension
    }

    private func search(
        _ view: SearchView, _ source: any VectorSource, _ probes: UnsafeBufferPointer<Float>, k: Int,
        mode: IndexSearchMode, threads: Int,
        _ cancellation: Cancellation?, into answers: inout NeighbourTable
    ) throws(IndexError) {
        guard let start = probes.baseAddress else { return }
        let probeCount = probes.count / dimension
        let shares = min(threads, probeCount)
        guard shares > 1 else {
            return try unsafe run(
                view, source, start, probeCount, k, mode, cancellation, answers.ids, answers.similarities,
                answers.counts)
        }
        let failure = Mutex<IndexError?>(nil)
        let job = unsafe SharedJob(probes: start, table: answers)
        inParallel(shares) { share in
            let first = probeCount * share / shares
            let last = probeCount * (share + 1) / shares
            do throws(IndexError) {
                try unsafe run(
                    view, source, job.probes + first * dimension, last - first, k, mode, cancellation,
                    job.table.ids + first * k, job.table.similarities + first * k, job.table.counts + first)
            } catch { failure.withLock { $0 = $0 ?? error } }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    private func run(
        _ view: SearchView, _ source: any VectorSource, _ probes: UnsafePointer<Float>, _ probeCount: Int,
        _ k: Int, _ mode: IndexSearchMode, _ cancellation: Cancellation?, _ ids: UnsafeMutablePointer<Int64>,
        _ similarities: UnsafeMutablePointer<Float>, _ counts: UnsafeMutablePointer<Int>
    ) throws(IndexError) {
        var work = csk_work()
        let calibration = view.state.calibration
        let pruning = calibration.pruning(for: mode)
        try unsafe run(
            view, probes, probeCount, k, pruning?.near, cancellation, ids, similarities, counts, &work,
            source: source)
        guard let pruning, pruning.far != pruning.near else { return }
        for probe in 0..<probeCount {
            let hasNear = unsafe counts[probe] > 0 && similarities[probe * k] >= calibration.nearFrom
            guard !hasNear else { continue }
            try unsafe run(
                view, probes + probe * dimension, 1, k, pruning.far, cancellation, ids + probe * k,
                similarities + probe * k, counts + probe, &work, source: source)
        }
    }

    /// Searches one share on this thread; without `pruning` everything is compared.
    ///
    /// The vectors are those of `source`, or of the index's own. With `forgetting` the source may give back the memory
    /// of vectors that were looked at. Without `settlingTies` any of many vectors that are about equally alike may be
    /// the answers.
    func run(
        _ view: SearchView, _ probes: UnsafePointer<Float>, _ probeCount: Int, _ k: Int, _ pruning: Pruning?,
        _ cancellation: Cancellation?, _ ids: UnsafeMutablePointer<Int64>,
        _ similarities: UnsafeMutablePointer<Float>, _ counts: UnsafeMutablePointer<Int>,
        _ work: UnsafeMutablePointer<csk_work>, source: (any VectorSource)? = nil, forgetting: Bool = false,
        settlingTies: Bool = true
    ) throws(IndexError) {
        let scratch = try unsafe scratches.take(view.view, count: k)
        defer { scratches.giveBack(scratch) }
        try view.reading(source ?? self.source) { reader in
            unsafe run(
                Lookup(view: view, reader: reader), scratch, probes, probeCount, k, pruning, settlingTies,
                cancellation, ids, similarities, counts, work)
            if forgetting { reader.forget() }
        }
        if cancellation?.isDue ?? false { throw .cancelled }
    }

    private func run(
        _ lookup: Lookup, _ scratch: Scratch, _ probes: UnsafePointer<Float>, _ probeCount: Int, _ k: Int,
        _ pruning: Pruning?, _ settlingTies: Bool, _ cancellation: Cancellation?,
        _ ids: UnsafeMutablePointer<Int64>, _ similarities: UnsafeMutablePointer<Float>,
        _ counts: UnsafeMutablePointer<Int>, _ work: UnsafeMutablePointer<csk_work>
    ) {
        var lookup = unsafe lookup
        var limits = pruning?.limits ?? csk_pruning()
        let view = unsafe lookup.view
        unsafe withUnsafeMutablePointer(to: &lookup) { context in
            unsafe withUnsafePointer(to: &limits) { limits in
                var request = unsafe csk_request(
                    count: k, pruning: pruning == nil ? nil : limits, settles_ties: settlingTies ? 1 : 0,
                    vector: lookUp, context: context,
                    cancelled: cancellation?.flag)
                for first in stride(from: 0, to: probeCount, by: Int(csk_most_probes)) {
                    // C looks at the flag alone; the caller finds that the deadline was over.
                    if cancellation?.isDue ?? false { return }
                    let some = min(Int(csk_most_probes), probeCount - first)
                    unsafe csk_search(
                        view.view, &request, scratch.raw, probes + first * dimension, some, ids + first * k,
                        similarities + first * k,
                        UnsafeMutableRawPointer(counts + first).assumingMemoryBound(to: Int.self),
                        work)
                }
            }
        }
    }
}

/// What C needs to find a vector, and room for what it finds.
@unsafe struct Lookup {
    let view: SearchView
    let reader: any VectorReader
    var found: [Neighbour] = []
}

extension SearchView {
    /// Lends a reader of the vectors of this state; where all are loose, the source is not asked for one.
    func reading(
        _ source: any VectorSource, _ body: (any VectorReader) -> Void
    ) throws(IndexError) {
        guard !state.segments.isEmpty else { return body(NoVectors()) }
        try source.reading { reader throws(IndexError) in body(reader) }
    }
}

/// For states whose vectors are all loose.
private struct NoVectors: VectorReader {
    func vector(of id: Int64) -> UnsafePointer<Float>? { nil }
}

/// The vector at a place, as C asks for it.
func lookUp(
    _ context: UnsafeMutableRawPointer?, _ place: csk_place, _ id: UnsafeMutablePointer<Int64>
) -> UnsafePointer<Float>? {
    guard let context = unsafe context else { return nil }
    let lookup = unsafe context.assumingMemoryBound(to: Lookup.self)
    guard let found = unsafe lookup.pointee.view.vector(at: place, lookup.pointee.reader) else { return nil }
    unsafe id.pointee = found.id
    return unsafe found.vector
}

/// Answers in the making; several threads fill rows of their own.
@safe final class NeighbourTable: @unchecked Sendable {
    // Unchecked and safe: see above; read after the threads have been joined, freed by deinit.
    let ids: UnsafeMutablePointer<Int64>
    let similarities: UnsafeMutablePointer<Float>
    let counts: UnsafeMutablePointer<Int>
    private let probes: Int
    private let k: Int

    init(probes: Int, k: Int) {
        self.probes = probes
        self.k = k
        unsafe ids = .allocate(capacity: max(1, probes * k))
        unsafe similarities = .allocate(capacity: max(1, probes * k))
        unsafe counts = .allocate(capacity: max(1, probes))
        unsafe counts.initialize(repeating: 0, count: max(1, probes))
    }

    deinit {
        unsafe ids.deallocate()
        unsafe similarities.deallocate()
        unsafe counts.deallocate()
    }

    /// The answers as values.
    var neighbours: [[Neighbour]] { (0..<probes).map(row) }

    /// The answers of one probe.
    func row(_ probe: Int) -> [Neighbour] {
        unsafe (probe * k..<probe * k + counts[probe]).map { at in
            unsafe Neighbour(id: ids[at], similarity: similarities[at])
        }
    }
}

/// What the threads of one search share.
@safe private struct SharedJob: @unchecked Sendable {
    // Unchecked and safe: the probes are only read, and outlive the call.
    let probes: UnsafePointer<Float>
    let table: NeighbourTable
}
