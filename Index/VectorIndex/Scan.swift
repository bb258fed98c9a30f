internal import CFaiss
internal import CSearchKernels
internal import Dispatch
internal import Synchronization

/// The comparison of a batch of probes with one snapshot.
struct Scan {
    let snapshot: Snapshot
    let kernel: Kernel
    let kept: Int
    let mode: SearchMode

    /// The answers to every probe of `batch`.
    func run(_ batch: ProbeBatch, threads: Int) -> [[Neighbour]] {
        if threads == 1 || snapshot.count < 2_000 { return answers(to: batch, shares: 1) }
        guard batch.count >= 2 * threads else { return answers(to: batch, shares: threads) }
        let parts = Mutex([[[Neighbour]]](repeating: [], count: threads))
        DispatchQueue.concurrentPerform(iterations: threads) { part in
            let range = batch.count * part / threads..<batch.count * (part + 1) / threads
            let some = answers(to: batch[range], shares: 1)
            parts.withLock { $0[part] = some }
        }
        return parts.withLock { $0.flatMap { $0 } }
    }

    /// The answers, each thread of `shares` reading its share of the rows for all probes.
    private func answers(to batch: ProbeBatch, shares: Int) -> [[Neighbour]] {
        let workers = (0..<shares).map { _ in ShareOfHeaps(Heaps(count: batch.count, capacity: kept)) }
        each(workers) { heaps, index in
            scanTail(batch, heaps, Share(index: index, of: shares))
        }
        if let base = snapshot.base {
            if case .maxSearchLoss(let loss) = mode, let row = base.calibration.row(forLoss: loss) {
                scanNearest(base, row, batch, workers)
            } else {
                let readers = Array(0..<batch.count)
                each(workers) { heaps, index in
                    for list in stride(from: index, to: base.lists.count, by: shares) {
                        scan(base, list, batch, readers, heaps)
                    }
                }
            }
        }
        for worker in workers.dropFirst() { workers[0].heaps.merge(worker.heaps) }
        return (0..<batch.count).map { workers[0].heaps.sorted($0) }
    }

    private func each(_ workers: [ShareOfHeaps], _ body: @Sendable (borrowing Heaps, Int) -> Void) {
        guard workers.count > 1 else { return body(workers[0].heaps, 0) }
        // Each iteration fills its own heaps, and concurrentPerform returns after all of them.
        DispatchQueue.concurrentPerform(iterations: workers.count) { body(workers[$0].heaps, $0) }
    }

    private func scanTail(_ batch: ProbeBatch, _ heaps: borrowing Heaps, _ share: Share) {
        let tail = snapshot.tail
        let places = unsafe (0..<batch.count).map { unsafe heaps.heaps + $0 }
        for part in tail.parts {
            let low = part.count * share.index / share.of
            let high = part.count * (share.index + 1) / share.of
            unsafe csk_scan(
                kernel.table, batch.pointers, places, batch.count, part.chunk.rows + low * tail.dimension,
                part.chunk.ids + low, high - low, tail.dimension, tail.removedWords, part.first + low)
        }
    }

    /// Offers the rows of one list to the heaps of those probes that read it.
    private func scan(
        _ base: Base, _ number: Int, _ batch: ProbeBatch, _ readers: [Int], _ heaps: borrowing Heaps
    ) {
        let list = unsafe base.lists.list(number)
        guard let rows = unsafe list.rows, let ids = unsafe list.ids else { return }
        let places = unsafe readers.map { unsafe heaps.heaps + $0 }
        unsafe csk_scan(
            kernel.table, readers.map { unsafe batch.pointers[$0] }, places, readers.count, rows, ids,
            list.count, snapshot.dimension, snapshot.baseRemoved?.words, base.firstRows[number])
    }

    /// Reads the lists of nearest centroids, round by round, until they suffice for each probe's best answer.
    private func scanNearest(
        _ base: Base, _ row: Calibration.Row, _ batch: ProbeBatch, _ workers: [ShareOfHeaps]
    ) {
        var orders = (0..<batch.count).map { _ in ListOrder() }
        while true {
            // Which lists are read this round, nearest first for a single probe, and by whom.
            var turns: [Int] = []
            var readers: [Int: [Int]] = [:]
            for probe in 0..<batch.count {
                // Fewer than were asked for is never enough.
                let found = workers.reduce(0) { unsafe $0 + $1.heaps.heaps[probe].count }
                let best = workers.map { unsafe $0.heaps.heaps[probe].best }.max() ?? -.infinity
                let enough =
                    found < kept
                    ? base.lists.count
                    : base.calibration.probes(row, similarity: best, lists: base.lists.count)
                for list in orders[probe].next(
                    upTo: enough, atLeast: row.probes[0], reach: base.lists.count,
                    {
                        unsafe nearestLists(base, batch.pointers[probe], $0)
                    })
                {
                    if readers[list] == nil { turns.append(list) }
                    readers[list, default: []].append(probe)
                }
            }
            guard !turns.isEmpty else { return }
            let plan = (turns, readers)
            each(workers) { heaps, index in
                for turn in stride(from: index, to: plan.0.count, by: workers.count) {
                    scan(base, plan.0[turn], batch, plan.1[plan.0[turn]] ?? [], heaps)
                }
            }
        }
    }

    /// The `wanted` lists of nearest centroid, nearest first.
    private func nearestLists(_ base: Base, _ probe: UnsafePointer<Float>, _ wanted: Int) -> [Int] {
        let heaps = Heaps(count: 1, capacity: wanted)
        unsafe csk_scan(
            kernel.table, [probe], [heaps.heaps], 1, base.lists.centroids, base.listNumbers,
            base.lists.count, snapshot.dimension, nil, 0)
        return heaps.sorted(0).map { Int($0.id) }
    }
}

/// One share of the rows: of `of` parts of about equal size, the one at `index`.
struct Share {
    let index: Int
    let of: Int
}

/// Heaps that several closures can reach.
private final class ShareOfHeaps: @unchecked Sendable {
    // Unchecked: filled by one thread, read by another only after concurrentPerform has joined the two.
    let heaps: Heaps

    init(_ heaps: consuming Heaps) { self.heaps = heaps }
}

/// The lists of one probe in the order it reads them.
private struct ListOrder {
    private var known: [Int] = []
    private var done = 0

    /// The lists of the next round: `atLeast` at first, then twice as many each time, `enough` at last.
    mutating func next(
        upTo enough: Int, atLeast: Int, reach: Int, _ nearest: (Int) -> [Int]
    ) -> ArraySlice<Int> {
        let goal = min(max(enough, min(atLeast, reach)), max(atLeast, 2 * done), reach)
        guard goal > done else { return [] }
        if known.count < goal { known = nearest(min(reach, max(64, 4 * goal))) }
        defer { done = goal }
        return known[done..<min(goal, known.count)]
    }
}
