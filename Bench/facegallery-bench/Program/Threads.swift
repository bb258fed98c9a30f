import Foundation
import Glibc

/// Runs `body` on `count` threads of its own and waits for all; unlike `inParallel`, more than there are cores.
///
/// - Throws: what one of them threw.
func onThreads<Result: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (_ thread: Int) throws -> Result
) throws -> [Result] {
    let results = ThreadResults<Result>(count: count)
    for number in 0..<count {
        Thread { results.take(.init { try body(number) }, of: number) }.start()
    }
    return try results.wait()
}

/// What threads leave behind, and who waits for it.
private final class ThreadResults<Value: Sendable>: @unchecked Sendable {
    // Unchecked: all of it is touched under the condition's lock alone.
    private let condition = NSCondition()
    private var results: [Result<Value, any Error>?]

    init(count: Int) { results = Array(repeating: nil, count: count) }

    func take(_ result: Result<Value, any Error>, of thread: Int) {
        condition.lock()
        results[thread] = result
        condition.signal()
        condition.unlock()
    }

    func wait() throws -> [Value] {
        condition.lock()
        defer { condition.unlock() }
        while results.contains(where: { $0 == nil }) { condition.wait() }
        return try results.compactMap { try $0?.get() }
    }
}

/// Sleeps until a moment, to a few microseconds.
func sleep(until moment: ContinuousClock.Instant) {
    while true {
        let left = moment - ContinuousClock.now
        if left <= .zero { return }
        // The system wakes late by about this much; the rest is waited for awake.
        let spare = Duration.microseconds(80)
        guard left > spare else { continue }
        var time = timespec(tv_sec: 0, tv_nsec: min(Int((left - spare) / .nanoseconds(1)), 999_999_999))
        unsafe nanosleep(&time, nil)
    }
}
