import Concurrency
import Glibc
import Synchronization
import TestSupport
import Testing

/// What a limit on processes does: the system makes no further thread.
///
/// In processes of their own, which stay limited.
@Suite("Where threads cannot be made", .enabled(if: !isSanitized)) struct FewThreadsTests {
    @Test(
        "ordered work is done whole and in order: by the threads there are, or by the caller",
        arguments: [0, 1, 2])
    func orderedWork(threads: Int) async {
        let count = "\(threads)"
        await #expect(processExitsWith: .success) { [count = count as String] in
            ThreadLimit.set(furtherThreads: Int(count) ?? 0)
            var delivered: [Int] = []
            try inOrder(Array(0..<100), width: 4, work: { $0 * 3 }, deliver: { delivered.append($1 - 2 * $0) })
            #expect(delivered == Array(0..<100))
        }
    }

    @Test("a caller that works alone delivers what came before a failure, and while nothing comes")
    func alone() async {
        await #expect(processExitsWith: .success) {
            struct Failure: Error {}
            ThreadLimit.set(furtherThreads: 0)
            let asked = Mutex(0)
            var delivered: [[Int]?] = []
            #expect(throws: Failure.self) {
                try OrderedWork<Int, [Int]>(width: 3, parcelSize: 2).run(
                    next: { _ in
                        switch asked.withLock({ asked in
                            asked += 1
                            return asked
                        }) {
                        case let number where number < 4: .input(number)
                        case 4, 5: .nothingYet
                        default: throw Failure()
                        }
                    }, work: { $0 }, deliver: { delivered.append($0) })
            }
            #expect(delivered == [[1, 2], [3], nil, nil])
        }
    }

    @Test("a thread that cannot be made is an error that names the limit and what to do")
    func error() async {
        await #expect(processExitsWith: .success) {
            ThreadLimit.set(furtherThreads: 0)
            do throws(ThreadError) {
                _ = try Threads(3) {}
                Issue.record("a thread was made")
            } catch {
                #expect(error.code == EAGAIN)
                #expect(error.description.contains("ulimit -u"))
            }
        }
    }

    @Test("threads that were counted can be made right after", arguments: [0, 1, 5])
    func makeable(further: Int) async {
        let count = "\(further)"
        await #expect(processExitsWith: .success) { [count = count as String] in
            ThreadLimit.set(furtherThreads: Int(count) ?? 0)
            for _ in 0..<20 {
                let count = MakeableThreads.count(upTo: 4)
                try #require(1...4 ~= count)
                guard count > 1 else { continue }
                let isOver = Monitor(false)
                var threads = try Threads(count - 1) { isOver.wait { $0 ? () : nil } }
                #expect(threads.count == count - 1)
                isOver.update { $0 = true }
                threads.join()
                usleep(2_000)
            }
            #expect(MakeableThreads.count(upTo: 1) == 1)
        }
    }
}
