import CSearchKernels
import Synchronization
import TestSupport
import Testing

@testable import VectorIndex

/// What a limit on processes does: a thread that is asked for cannot be made.
@Suite("Without threads", .enabled(if: !isSanitized)) struct FewThreadsTests {
    @Test("an index is trained, searched and changed to the same bits")
    func sameBits() async {
        await #expect(processExitsWith: .success) {
            var answers: [[[Neighbour]]] = []
            var vectors = SyntheticVectors(seed: 81)
            let rows = vectors.rows(20_500, dimension: 8, centres: 60, spread: 0.5)
            // All threads that are asked for, the first only, none.
            for first: Int64 in [-1, 1, 0] {
                let index = try VectorIndex.filled(rows, dimension: 8)
                _ = csk_refuse_threads(first)
                try index.rebuild(threads: 4)
                let probes = Array(rows[..<(8 * 40)])
                answers.append(
                    try index.search(probes: probes, k: 5, mode: .maxSearchLoss(0.01), threads: 4)
                        + index.search(probes: probes, k: 5, mode: .exact, threads: 4))
                #expect(csk_refuse_threads(-1) > 10, "threads are asked for")
            }
            #expect(answers[1] == answers[0] && answers[2] == answers[0])
        }
    }

    @Test("every piece of work is done once", arguments: [Int64(-1), 0, 1, 2])
    func once(first: Int64) async {
        let order = "\(first)"
        await #expect(processExitsWith: .success) { [order = order as String] in
            _ = csk_refuse_threads(Int64(order) ?? 0)
            for count in [0, 1, 2, 3, 1_000] {
                let done = Mutex([Int](repeating: 0, count: count))
                inParallel(count) { piece in done.withLock { $0[piece] += 1 } }
                #expect(done.withLock { $0 }.allSatisfy { $0 == 1 })
            }
        }
    }
}
