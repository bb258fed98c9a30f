import Synchronization
import Training

/// Threads that carry out work a few inputs at a time, and hand over the results in the order of the inputs.
///
/// The queue between them is bounded: at most `3 × width` parcels are in work or waiting, so memory stays flat
/// however many inputs there are, and no input is taken before there is room for its result.
struct OrderedWork<Input: Sendable, Output: Sendable>: Sendable {
    private struct State: Sendable {
        var begun = 0
        var delivered = 0
        var finished: [Int: Output] = [:]
        /// Nothing further is begun.
        var isOver = false
        var failure: (any Error)?

        /// The next result for whoever takes them; nothing inside where there will be none, nil where it must wait.
        mutating func takeNext() -> Output?? {
            if let output = finished.removeValue(forKey: delivered) {
                delivered += 1
                return .some(output)
            }
            return isOver && delivered == begun ? .some(nil) : nil
        }
    }

    private let monitor = Monitor(State())
    private let width: Int
    private let parcelSize: Int

    /// - Parameters:
    ///   - width: threads that work.
    ///   - parcelSize: inputs that one thread takes at once.
    init(width: Int, parcelSize: Int) {
        (self.width, self.parcelSize) = (width, parcelSize)
    }

    /// Works until there are no inputs left.
    ///
    /// - Parameters:
    ///   - next: the next input, nil at the end; called by one thread at a time.
    ///   - work: called by several threads at once.
    ///   - leavesThreads: asked while no result comes; once true, the threads are left to themselves with what they
    ///     cannot be stopped in, and the caller must end the process.
    ///   - deliver: called by this thread alone, in order; about once a second without a result where none comes.
    /// - Returns: whether every thread has ended.
    /// - Throws: what `next` throws, after everything before it is delivered; what `deliver` throws, at once.
    @discardableResult
    func run(
        next: @escaping @Sendable () throws -> Input?, work: @escaping @Sendable ([Input]) -> Output,
        leavesThreads: () -> Bool = { false }, deliver: (Output?) throws -> Void
    ) throws -> Bool {
        let supply = Mutex(())
        var threads = try Threads(width) { [self] in
            while let (index, inputs) = supply.withLock({ _ in take(next) }) {
                let output = work(inputs)
                monitor.update { $0.finished[index] = output }
            }
        }
        defer {
            monitor.update { $0.isOver = true }
            threads.join()
        }
        var quarters = 0
        while true {
            guard let next = monitor.wait(atMost: 0.25, { $0.takeNext() }) else {
                if leavesThreads() {
                    threads.leave()
                    return false
                }
                quarters += 1
                if quarters.isMultiple(of: 4) { try deliver(nil) }
                continue
            }
            quarters = 0
            guard let output = next else { break }
            try deliver(output)
        }
        if let failure = monitor.update({ $0.failure }) { throw failure }
        return true
    }

    /// The next parcel with its number; nil where there is none.
    private func take(_ next: () throws -> Input?) -> (Int, [Input])? {
        let width = width
        let isOver = monitor.wait { state -> Bool? in
            if state.isOver { return true }
            return state.begun < state.delivered + 3 * width ? false : nil
        }
        if isOver { return nil }
        var inputs: [Input] = []
        var failure: (any Error)?
        do {
            while inputs.count < parcelSize, let input = try next() { inputs.append(input) }
        } catch { failure = error }
        let isLast = inputs.count < parcelSize
        // At once: whoever saw the end before these inputs are begun would not wait for them.
        return monitor.update { [failure] state in
            state.failure = failure
            if isLast { state.isOver = true }
            if inputs.isEmpty { return nil }
            state.begun += 1
            return (state.begun - 1, inputs)
        }
    }
}
