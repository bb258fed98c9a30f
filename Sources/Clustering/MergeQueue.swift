/// Two groups that are alike, as they were when this was noted.
struct Merge {
    let likeness: Double
    let first: Int32
    let second: Int32
    let firstVersion: Int32
    let secondVersion: Int32

    /// Whether it is carried out before another.
    func comes(before other: Merge) -> Bool {
        if likeness != other.likeness { return likeness > other.likeness }
        return (first, second) < (other.first, other.second)
    }
}

/// The merges that may come, the most alike first.
struct MergeQueue {
    private var heap: [Merge] = []
    /// Merges from which on outdated ones are thrown out.
    private var limit = 1 << 20

    /// Adds a merge.
    ///
    /// - Parameter isCurrent: whether a merge is still as it was noted; outdated ones are removed when there are many.
    mutating func add(_ merge: Merge, isCurrent: (Merge) -> Bool) {
        if heap.count >= limit {
            heap.removeAll { !isCurrent($0) }
            for place in stride(from: heap.count / 2, through: 0, by: -1) { sink(place) }
            limit = max(1 << 20, heap.count * 2)
        }
        heap.append(merge)
        var place = heap.count - 1
        while place > 0, heap[place].comes(before: heap[(place - 1) / 2]) {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func next() -> Merge? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink(0)
        }
        return first
    }

    private mutating func sink(_ start: Int) {
        var place = start
        while true {
            var best = place
            let child = 2 * place + 1
            if child < heap.count, heap[child].comes(before: heap[best]) { best = child }
            if child + 1 < heap.count, heap[child + 1].comes(before: heap[best]) { best = child + 1 }
            guard best != place else { return }
            heap.swapAt(place, best)
            place = best
        }
    }
}
