internal import CSearchKernels

/// Runs `body` with each of 0 ..< `count`, as many at a time as the system gives threads, and returns when all are done.
///
/// Not Dispatch: where no thread can be made, Dispatch waits for one for ever.
func inParallel(_ count: Int, _ body: @Sendable (Int) -> Void) {
    withoutActuallyEscaping(body) { body in
        var pieces = unsafe Pieces(body: body)
        unsafe withUnsafeMutablePointer(to: &pieces) { context in
            unsafe csk_in_parallel(
                count,
                { context, number in
                    guard let context = unsafe context else { return }
                    unsafe context.assumingMemoryBound(to: Pieces.self).pointee.body(number)
                }, context)
        }
    }
}

@unsafe private struct Pieces {
    let body: @Sendable (Int) -> Void
}
