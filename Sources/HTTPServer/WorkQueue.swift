import Concurrency
import Glibc

/// A limited number of jobs that wait for a number of threads, first come first served.
final class WorkQueue: Sendable {
    typealias Job = @Sendable () -> Void

    private struct State: Sendable {
        var jobs: [Job] = []
        /// The first job that was not taken: removing from the front would move all others.
        var next = 0
        var idle = 0
        var isClosed = false

        var waiting: Int { jobs.count - next }

        mutating func take() -> Job? {
            guard next < jobs.count else { return nil }
            defer {
                next += 1
                if next == jobs.count || next > 1_024 {
                    jobs.removeFirst(next)
                    next = 0
                }
            }
            return jobs[next]
        }
    }

    private let monitor = Monitor(State())
    private let capacity: Int
    private let threads = BackgroundWork()

    /// - Parameters:
    ///   - threads: that work, 1 or more; as many as the system gives, at least one.
    ///   - capacity: jobs that may wait beyond those for which a thread is free.
    /// - Throws: where no thread can be made.
    init(threads count: Int, capacity: Int) throws(ThreadError) {
        self.capacity = capacity
        let monitor = monitor
        for number in 0..<count {
            let begun = threads.begin { while let job = Self.next(monitor) { job() } }
            guard begun || number > 0 else { throw ThreadError(code: EAGAIN) }
        }
    }

    /// Jobs that wait.
    var waiting: Int { monitor.update { $0.waiting } }

    /// Whether another job would be refused.
    var isFull: Bool {
        let capacity = capacity
        return monitor.update { $0.isClosed || $0.waiting >= capacity + $0.idle }
    }

    /// Adds a job; false where as many wait as may.
    func add(_ job: @escaping Job) -> Bool {
        let capacity = capacity
        return monitor.update { state in
            guard !state.isClosed, state.waiting < capacity + state.idle else { return false }
            state.jobs.append(job)
            return true
        }
    }

    /// Takes no further jobs, and waits until those that were taken are done; false where that takes longer than so many
    /// seconds.
    func close(within seconds: Double) -> Bool {
        monitor.update { $0.isClosed = true }
        return threads.wait(atMost: seconds)
    }

    private static func next(_ monitor: Monitor<State>) -> Job? {
        monitor.update { $0.idle += 1 }
        return monitor.wait { state -> Job?? in
            if let job = state.take() {
                state.idle -= 1
                return .some(job)
            }
            return state.isClosed ? .some(nil) : nil
        }
    }
}
