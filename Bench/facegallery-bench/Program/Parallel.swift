import Dispatch
import Synchronization

/// Runs `body` for each of 0..<`count`, on at most `threads` threads; who is done takes the next.
func inParallel(_ count: Int, threads: Int, _ body: @Sendable (_ item: Int) -> Void) {
    inParallel(threads: min(count, threads)) { _, next in
        while let item = next(count) { body(item) }
    }
}

/// Runs `body` once on each of `threads` threads; `next` hands out 0, 1, 2 … to the threads, below a limit.
func inParallel(
    threads: Int, _ body: @Sendable (_ thread: Int, _ next: (_ limit: Int) -> Int?) -> Void
) {
    let counter = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: max(1, threads)) { thread in
        body(thread) { limit in
            let item = counter.wrappingAdd(1, ordering: .relaxed).oldValue
            return item < limit ? item : nil
        }
    }
}

/// Floats of a fixed number that several threads fill, each its own part.
@safe final class FloatBuffer: @unchecked Sendable {
    // Unchecked: who fills it in parallel keeps to parts that do not overlap.
    let all: UnsafeMutableBufferPointer<Float>

    init(count: Int) {
        unsafe all = .allocate(capacity: count)
        unsafe all.initialize(repeating: 0)
    }

    deinit { unsafe all.deallocate() }

    /// A part of it.
    func part(_ range: Range<Int>) -> UnsafeMutableBufferPointer<Float> {
        unsafe UnsafeMutableBufferPointer(rebasing: all[range])
    }
}
