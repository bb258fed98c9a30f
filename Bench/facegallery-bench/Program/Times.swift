import Glibc

/// Seconds from `start` to now.
func seconds(since start: ContinuousClock.Instant) -> Double {
    (ContinuousClock.now - start) / .seconds(1)
}

/// Processor seconds of all threads of this program so far.
func processorSeconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The result of `body`, and the seconds it took.
func timed<Result>(_ body: () throws -> Result) rethrows -> (result: Result, seconds: Double) {
    let start = ContinuousClock.now
    let result = try body()
    return (result, seconds(since: start))
}

/// Times of many equal pieces of work, in order.
struct Times: Sendable {
    private let sorted: [Double]

    init(_ seconds: [Double]) { sorted = seconds.sorted() }

    var count: Int { sorted.count }
    var largest: Double { sorted.last ?? .nan }

    /// The least time that `share` of all do not exceed, 0…1 (nearest rank), in microseconds.
    func microseconds(_ share: Double) -> Double {
        guard !sorted.isEmpty else { return .nan }
        let rank = Int((share * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1] * 1e6
    }
}
