import Synchronization
import VectorIndex

/// Searches of one probe a call, from several threads, for some time.
struct SearchLoops: Sendable {
    let engine: Engine
    /// Row-major; searched in turn.
    let probes: [Float]
    let mode: IndexSearchMode
    let k: Int
    let seconds: Double

    /// What came of a loop.
    struct Outcome {
        let times: Times
        let perSecond: Double
    }

    /// Every thread begins a search when its last has ended.
    func closed(threads: Int) throws -> Outcome {
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        let times = try onThreads(threads) { thread -> [Double] in
            var searcher = Searcher(self, first: thread * 7_919)
            var times: [Double] = []
            times.reserveCapacity(1 << 20)
            while ContinuousClock.now < end { times.append(try timed { try searcher.next() }.seconds) }
            return times
        }
        let all = Times(times.flatMap(\.self))
        return Outcome(times: all, perSecond: Double(all.count) / elapsedSeconds(since: start))
    }

    /// A search begins every 1/`rate` seconds, or as soon after as one of `threads` threads is free.
    ///
    /// Times are counted from the moment that was intended: who waits for a slow search before his is counted too.
    func open(threads: Int, rate: Double) throws -> Outcome {
        let count = max(1, Int(seconds * rate))
        let start = ContinuousClock.now + .milliseconds(5)
        let next = SharedCounter()
        let times = try onThreads(threads) { _ -> [Double] in
            var searcher = Searcher(self, first: 0)
            var times: [Double] = []
            times.reserveCapacity(count)
            while let number = next.take(below: count) {
                let intended = start + .seconds(Double(number) / rate)
                sleep(until: intended)
                try searcher.search(number)
                times.append((ContinuousClock.now - intended) / .seconds(1))
            }
            return times
        }
        return Outcome(
            times: Times(times.flatMap(\.self)), perSecond: Double(count) / elapsedSeconds(since: start))
    }
}

private func elapsedSeconds(since start: ContinuousClock.Instant) -> Double { seconds(since: start) }

/// Hands out 0, 1, 2 … to several threads.
private final class SharedCounter: Sendable {
    private let value = Atomic(0)

    func take(below limit: Int) -> Int? {
        let number = value.wrappingAdd(1, ordering: .relaxed).oldValue
        return number < limit ? number : nil
    }
}

/// One thread's searches, through memory of its own.
private struct Searcher {
    private let loops: SearchLoops
    private var answers: Answers
    private var place: Int

    init(_ loops: SearchLoops, first: Int) {
        self.loops = loops
        answers = Answers(probes: 1, k: loops.k)
        place = first
    }

    mutating func next() throws {
        try search(place)
        place += 1
    }

    mutating func search(_ number: Int) throws {
        let dimension = loops.engine.index.dimension
        let probe = number % (loops.probes.count / dimension)
        try unsafe loops.probes.withUnsafeBufferPointer { all in
            let one = unsafe UnsafeBufferPointer(rebasing: all[probe * dimension..<(probe + 1) * dimension])
            try unsafe loops.engine.search(one, mode: loops.mode, threads: 1, into: &answers)
        }
    }
}
