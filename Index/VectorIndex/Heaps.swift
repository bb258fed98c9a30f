internal import CSearchKernels

/// The best candidates of several probes, with memory taken once and given back by deinit.
@safe struct Heaps: ~Copyable {
    let count: Int
    let capacity: Int
    let heaps: UnsafeMutablePointer<csk_heap>
    private let similarities: UnsafeMutablePointer<Float>
    private let ids: UnsafeMutablePointer<Int64>

    /// `count` empty heaps for `capacity` candidates each; both at least 1.
    init(count: Int, capacity: Int) {
        self.count = count
        self.capacity = capacity
        unsafe heaps = .allocate(capacity: count)
        unsafe similarities = .allocate(capacity: count * capacity)
        unsafe ids = .allocate(capacity: count * capacity)
        for index in 0..<count {
            unsafe (heaps + index).initialize(
                to: csk_heap(
                    similarities: similarities + index * capacity, ids: ids + index * capacity,
                    capacity: capacity, count: 0, best: -.infinity))
        }
    }

    deinit {
        unsafe heaps.deallocate()
        unsafe similarities.deallocate()
        unsafe ids.deallocate()
    }

    /// Offers everything `other` kept; both have the same number of heaps.
    func merge(_ other: borrowing Heaps) {
        for index in 0..<count {
            for at in 0..<(unsafe other.heaps[index].count) {
                unsafe csk_heap_offer(
                    heaps + index, other.heaps[index].similarities[at], other.heaps[index].ids[at])
            }
        }
    }

    /// What heap `index` kept, best first.
    ///
    /// The heap takes no more after this.
    func sorted(_ index: Int) -> [Neighbour] {
        unsafe csk_heap_sort(heaps + index)
        let heap = unsafe heaps[index]
        return (0..<(unsafe heap.count)).map {
            unsafe Neighbour(id: heap.ids[$0], similarity: heap.similarities[$0])
        }
    }
}
