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
        if threads == 1 || snapshot.count < 2_000 { return answers(to: batch) }
        return batch.count >= 2 * threads
            ? splittingProbes(batch, threads: threads) : splittingRows(batch, threads: threads)
    }

    private func answers(to batch: ProbeBatch) -> [[Neighbour]] {
        let heaps = Heaps(count: batch.count, capacity: kept)
        fill(heaps, batch, Share.all)
        return (0..<batch.count).map { heaps.sorted($0) }
    }

    private func splittingProbes(_ batch: ProbeBatch, threads: Int) -> [[Neighbour]] {
        let parts = Mutex([[[Neighbour]]](repeating: [], count: threads))
        DispatchQueue.concurrentPerform(iterations: threads) { part in
            let range = batch.count * part / threads..<batch.count * (part + 1) / threads
            let some = answers(to: batch[range])
            parts.withLock { $0[part] = some }
        }
        return parts.withLock { $0.flatMap { $0 } }
    }

    private func splittingRows(_ batch: ProbeBatch, threads: Int) -> [[Neighbour]] {
        let shares = (0..<threads).map { _ in SharedHeaps(Heaps(count: batch.count, capacity: kept)) }
        // Each iteration fills its own heaps, and concurrentPerform returns after all of them.
        DispatchQueue.concurrentPerform(iterations: threads) { index in
            fill(shares[index].heaps, batch, Share(index: index, of: threads))
        }
        for share in shares.dropFirst() { shares[0].heaps.merge(share.heaps) }
        return (0..<batch.count).map { shares[0].heaps.sorted($0) }
    }

    /// Offers every row of a share to the heaps.
    private func fill(_ heaps: borrowing Heaps, _ batch: ProbeBatch, _ share: Share) {
        let places = unsafe (0..<batch.count).map { unsafe heaps.heaps + $0 }
        unsafe scanTail(batch.pointers, places, share)
        if let base = snapshot.base { unsafe scan(base, batch.pointers, places, share) }
    }

    private func scan(
        _ base: Base, _ probes: [UnsafePointer<Float>], _ heaps: [UnsafeMutablePointer<csk_heap>],
        _ share: Share
    ) {
        let all = base.lists.count
        let wanted: Int
        switch mode {
        case .exact: wanted = all
        case .maxSearchLoss(let loss): wanted = base.calibration.probes(forLoss: loss, lists: all)
        }
        guard wanted < all else {
            for list in stride(from: share.index, to: all, by: share.of) {
                unsafe scan(base, list, probes, heaps)
            }
            return
        }
        let chosen = unsafe nearestLists(base, probes, wanted)
        if unsafe probes.count == 1 {
            // Nearest list first: the bar rises early.
            for (turn, list) in chosen[0].enumerated() where turn % share.of == share.index {
                unsafe scan(base, list, probes, heaps)
            }
            return
        }
        // A list is read once for all the probes that chose it.
        var readers = [[Int]](repeating: [], count: all)
        for (probe, lists) in chosen.enumerated() {
            for list in lists where list % share.of == share.index { readers[list].append(probe) }
        }
        for list in 0..<all where !readers[list].isEmpty {
            unsafe scan(
                base, list, readers[list].map { unsafe probes[$0] }, readers[list].map { unsafe heaps[$0] })
        }
    }

    private func scan(
        _ base: Base, _ number: Int, _ probes: [UnsafePointer<Float>],
        _ heaps: [UnsafeMutablePointer<csk_heap>]
    ) {
        let list = unsafe base.lists.list(number)
        guard let rows = unsafe list.rows, let ids = unsafe list.ids else { return }
        unsafe csk_scan(
            kernel.table, probes, heaps, probes.count, rows, ids, list.count, snapshot.dimension,
            snapshot.baseRemoved?.words, base.firstRows[number])
    }

    /// The `wanted` lists of nearest centroid of each probe, nearest first.
    private func nearestLists(_ base: Base, _ probes: [UnsafePointer<Float>], _ wanted: Int) -> [[Int]] {
        let heaps = unsafe Heaps(count: probes.count, capacity: wanted)
        let places = unsafe (0..<probes.count).map { unsafe heaps.heaps + $0 }
        unsafe csk_scan(
            kernel.table, probes, places, probes.count, base.lists.centroids, base.listNumbers,
            base.lists.count, snapshot.dimension, nil, 0)
        return unsafe (0..<probes.count).map { heaps.sorted($0).map { Int($0.id) } }
    }

    private func scanTail(
        _ probes: [UnsafePointer<Float>], _ heaps: [UnsafeMutablePointer<csk_heap>], _ share: Share
    ) {
        let tail = snapshot.tail
        for part in tail.parts {
            let low = part.count * share.index / share.of
            let high = part.count * (share.index + 1) / share.of
            unsafe csk_scan(
                kernel.table, probes, heaps, probes.count, part.chunk.rows + low * tail.dimension,
                part.chunk.ids + low, high - low, tail.dimension, tail.removedWords, part.first + low)
        }
    }
}

/// Heaps that several closures can reach; each is filled by one thread.
private final class SharedHeaps: @unchecked Sendable {
    // Unchecked: filled by one thread, read by another only after concurrentPerform has joined the two.
    let heaps: Heaps

    init(_ heaps: consuming Heaps) { self.heaps = heaps }
}
