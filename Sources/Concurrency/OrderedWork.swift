internal import Synchronization

/// Threads that carry out work a few inputs at a time, and hand over the results in the order of the inputs.
///
/// The queue between them is bounded: at most `3 × width` parcels are in work or waiting, so memory stays flat
/// however many inputs there are, and no input is taken before there is room for its result. If the system allows
/// fewer threads, these do all the work; if it allows none, the caller's thread does.
package struct OrderedWork<Input: Sendable, Output: Sendable>: Sendable {
    /// The result of asking for an input.
    package enum Supplied {
        case input(Input)
        /// No input came in the given time; there may be others later.
        case nothingYet
        case ended
    }

    /// A parcel is worked on this long after its first input came, however few there are by then.
    private static var longestGathering: Duration { .milliseconds(250) }

    private enum Taken {
        case output(Output)
        case finished
    }

    private struct State: Sendable {
        var begun = 0
        var delivered = 0
        var finished: [Int: Output] = [:]
        /// Whether nothing further is begun.
        var isOver = false
        var failure: (any Error)?

        /// The next result in order; nil while it is not ready.
        mutating func takeNext() -> Taken? {
            if let output = finished.removeValue(forKey: delivered) {
                delivered += 1
                return .output(output)
            }
            return isOver && delivered == begun ? .finished : nil
        }
    }

    private let monitor = Monitor(State())
    private let width: Int
    private let parcelSize: Int

    /// - Parameters:
    ///   - width: threads that work.
    ///   - parcelSize: inputs that one thread takes at once.
    package init(width: Int, parcelSize: Int) {
        (self.width, self.parcelSize) = (width, parcelSize)
    }

    /// Works until there are no inputs left.
    ///
    /// - Parameters:
    ///   - next: the next input, if it comes before the moment given; called by one thread at a time.
    ///   - work: called by several threads at once.
    ///   - leavesThreads: asked while no result comes; once true, the threads are left to themselves with what they
    ///     cannot be stopped in, and the caller must end the process.
    ///   - deliver: called by this thread alone, in order; about once a second without a result where none comes.
    /// - Returns: whether every thread has ended.
    /// - Throws: what `next` throws, after everything before it is delivered; what `deliver` throws, at once.
    @discardableResult
    package func run(
        next: @escaping @Sendable (ContinuousClock.Instant) throws -> Supplied,
        work: @escaping @Sendable ([Input]) -> Output,
        leavesThreads: () -> Bool = { false }, deliver: (Output?) throws -> Void
    ) throws -> Bool {
        let supply = Mutex(())
        let begun = try? Threads(width) { [self] in
            while let (index, inputs) = supply.withLock({ _ in take(next) }) {
                let output = work(inputs)
                monitor.update { $0.finished[index] = output }
            }
        }
        guard var threads = begun else {
            try runAlone(next, work, deliver)
            return true
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
            guard case .output(let output) = next else { break }
            try deliver(output)
        }
        if let failure = monitor.update({ $0.failure }) { throw failure }
        return true
    }

    /// The same on the calling thread.
    private func runAlone(
        _ next: (ContinuousClock.Instant) throws -> Supplied, _ work: ([Input]) -> Output,
        _ deliver: (Output?) throws -> Void
    ) throws {
        var isLast = false
        while !isLast {
            var inputs: [Input] = []
            var failure: (any Error)?
            do { isLast = try gather(&inputs, next, waits: false) } catch { failure = error }
            try deliver(inputs.isEmpty ? nil : work(inputs))
            if let failure { throw failure }
        }
    }

    /// The next parcel with its number; nil if there is none.
    private func take(_ next: (ContinuousClock.Instant) throws -> Supplied) -> (Int, [Input])? {
        let width = width
        let isOver = monitor.wait { state -> Bool? in
            if state.isOver { return true }
            return state.begun < state.delivered + 3 * width ? false : nil
        }
        if isOver { return nil }
        var inputs: [Input] = []
        var failure: (any Error)?
        var isLast = true
        do { isLast = try gather(&inputs, next, waits: true) } catch { failure = error }
        // In one update: a thread that saw the end before these inputs were begun would not wait for them.
        return monitor.update { [failure, isLast] state in
            state.failure = failure
            if isLast { state.isOver = true }
            if inputs.isEmpty { return nil }
            state.begun += 1
            return (state.begun - 1, inputs)
        }
    }

    /// Takes inputs until a parcel is full, or has waited long enough; returns whether there will be no others.
    ///
    /// - Parameter waits: whether to wait on where no input came at all.
    private func gather(
        _ inputs: inout [Input], _ next: (ContinuousClock.Instant) throws -> Supplied, waits: Bool
    ) throws -> Bool {
        var end = ContinuousClock.now + Self.longestGathering
        while inputs.count < parcelSize {
            switch try next(end) {
            case .ended: return true
            case .input(let input):
                let now = ContinuousClock.now
                if inputs.isEmpty { end = now + Self.longestGathering }
                inputs.append(input)
                // Inputs that take long themselves, as those of a slow folder do.
                if now > end { return false }
            case .nothingYet:
                if !inputs.isEmpty || !waits { return false }
                // Who delivers may have failed meanwhile; nothing that comes later would be wanted.
                if monitor.update({ $0.isOver }) { return true }
                end = .now + Self.longestGathering
            }
        }
        return false
    }
}
