import Concurrency
import Foundation
import Synchronization
import TestSupport
import Testing

/// How many were inside at once, at most.
private final class Gauge: Sendable {
    private let counts = Mutex((now: 0, most: 0))

    var most: Int { counts.withLock { $0.most } }

    func enter() { counts.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) } }

    func leave() { counts.withLock { $0.now -= 1 } }
}

@Suite("Workers", .awaiting)
struct WorkersTests {
    @Test("run calls of many tasks, at most as many at once as there are threads")
    func width() async throws {
        let workers = Workers(threads: 2)
        let gauge = Gauge()
        let sum = try await withThrowingTaskGroup { group in
            for number in 1...50 {
                group.addTask {
                    try await workers.run { _ in
                        gauge.enter()
                        for _ in 0..<1_000 { _ = ContinuousClock.now }
                        gauge.leave()
                        return number
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 1_275)
        #expect(gauge.most <= 2)
    }

    @Test("hand over what a call throws")
    func failure() async {
        struct Broken: Error {}
        let workers = Workers(threads: 1)
        await #expect(throws: Broken.self) { try await workers.run { _ in throw Broken() } }
    }

    @Test("tell a call that runs when its task is cancelled")
    func cancelledWhileRunning() async {
        let workers = Workers(threads: 1)
        let (began, beginning) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await workers.run { wish in
                beginning.yield()
                while !wish.isDue { Thread.sleep(forTimeInterval: 0.001) }
                return 1
            }
        }
        for await _ in began { break }
        task.cancel()
        // The call itself returned a value: what it did is not thrown away.
        #expect((try? await task.value) == 1)
    }

    @Test("never begin a call whose task was cancelled while it waited")
    func cancelledWhileWaiting() async throws {
        let workers = Workers(threads: 1)
        let (began, beginning) = AsyncStream.makeStream(of: Void.self)
        let release = Cancellation()
        let first = Task {
            try await workers.run { _ in
                beginning.yield()
                while !release.isCancelled { Thread.sleep(forTimeInterval: 0.001) }
            }
        }
        for await _ in began { break }
        let hasRun = Mutex(false)
        let second = Task { try await workers.run { _ in hasRun.withLock { $0 = true } } }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        release.cancel()
        try await first.value
        try await workers.run { _ in }
        #expect(!hasRun.withLock { $0 })
    }

    @Test("throw CancellationError when a cancelled call ends with any error")
    func cancelledError() async {
        struct Ended: Error {}
        let workers = Workers(threads: 1)
        let task = Task {
            try await workers.run { wish in
                while !wish.isDue { Thread.sleep(forTimeInterval: 0.001) }
                throw Ended()
            }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("use the wish that the caller has, with its deadline")
    func deadline() async throws {
        let wish = Cancellation(deadline: .now + .milliseconds(20))
        let isLate = try await Workers(threads: 1).run(wish) { wish in
            while !wish.isDue { Thread.sleep(forTimeInterval: 0.001) }
            return wish.isLate && !wish.isCancelled
        }
        #expect(isLate)
    }
}

@Suite("A channel", .awaiting)
struct ChannelTests {
    @Test("hands everything over in order, and never keeps more than it may")
    func order() async throws {
        let channel = Channel<Int>(capacity: 3)
        let put = Atomic(0)
        let work = BackgroundWork()
        #expect(
            work.begin {
                for number in 0..<100 where channel.put(number) { put.wrappingAdd(1, ordering: .relaxed) }
                channel.end(.success(()))
            })
        for expected in 0..<100 {
            #expect(try await channel.next() == expected)
            #expect(put.load(ordering: .relaxed) <= expected + 5)
        }
        #expect(try await channel.next() == nil)
        #expect(try await channel.next() == nil)
        work.wait()
    }

    @Test("ends with the error of the one who fills it, after all that came before")
    func failure() async throws {
        struct Broken: Error {}
        let channel = Channel<Int>(capacity: 3)
        #expect(channel.put(1))
        channel.end(.failure(Broken()))
        #expect(try await channel.next() == 1)
        await #expect(throws: Broken.self) { try await channel.next() }
    }

    @Test("tells who fills it that nobody takes any more, even while that one waits for room")
    func abandoned() async {
        let channel = Channel<Int>(capacity: 1)
        let outcome = Monitor<Bool?>(nil)
        let work = BackgroundWork()
        #expect(
            work.begin {
                _ = channel.put(1)
                let isWanted = channel.put(2)
                outcome.update { $0 = isWanted }
            })
        channel.abandon()
        work.wait()
        #expect(outcome.update { $0 } == false)
        await #expect(throws: CancellationError.self) { try await channel.next() }
    }

    @Test("throws CancellationError to a task that is cancelled while it waits")
    func cancelled() async {
        let channel = Channel<Int>(capacity: 1)
        let task = Task { try await channel.next() }
        await Task.yield()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(!channel.put(1))
    }
}
