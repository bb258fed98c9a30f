internal import CSearchKernels
internal import Synchronization

/// The memory of one thread's searches; the one owner of it.
@safe final class Scratch: @unchecked Sendable {
    // Unchecked and safe: used by one thread at a time, which took it out of the pool.
    let raw: OpaquePointer

    init(_ view: UnsafePointer<csk_view>, count: Int) throws(IndexError) {
        guard let raw = unsafe csk_scratch_new(view, count) else { throw .noMemory(bytes: count * 64) }
        unsafe self.raw = raw
    }

    deinit { unsafe csk_scratch_free(raw) }
}

/// Scratch that searches of several threads take and give back, so that none is made again.
final class ScratchPool: Sendable {
    private let free = Mutex<[Scratch]>([])

    /// So many are kept; those of a burst are given back to the system.
    private static let kept = 64

    func take(_ view: UnsafePointer<csk_view>, count: Int) throws(IndexError) -> Scratch {
        let found = free.withLock { free -> Scratch? in
            // By number: without the optimiser `lastIndex(where:)` allocates, and a search must not in any build.
            var at = free.count - 1
            while at >= 0, unsafe csk_scratch_fits(free[at].raw, view, count) == 0 { at -= 1 }
            return at >= 0 ? free.remove(at: at) : nil
        }
        if let found { return found }
        return try unsafe Scratch(view, count: count)
    }

    func giveBack(_ scratch: Scratch) {
        free.withLock { free in
            if free.count == Self.kept { free.removeFirst() }
            free.append(scratch)
        }
    }
}
