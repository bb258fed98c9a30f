import CSearchKernels
import TestSupport
import Testing

@testable import VectorIndex

/// Requests of an index for memory are refused one by one, in a process of its own, since the refusal meets all threads.
@Suite("Without memory") struct MemoryFailureTests {
    static let dimension = 8

    /// A saved index of 20,500 vectors in lists and 1,900 in none, some of both removed.
    static func saved(in folder: borrowing TemporaryFolder, _ source: RepeatingSource) throws -> String {
        let index = try VectorIndex(dimension: dimension, source: source)
        try index.build(
            ids: Array(1...20_500), position: .init(highestID: 20_500, removals: 0), threads: 2)
        let late = Array(Int64(30_001)...31_900)
        try index.add(ids: late, vectors: source.vectors(of: late))
        index.remove(ids: Array(1...3_900) + Array(30_001...30_040))
        let directory = folder.file("index")
        try index.save(to: directory, fingerprint: "net")
        return directory
    }

    static func opened(_ directory: String, _ source: RepeatingSource) throws -> VectorIndex {
        try #require(
            try VectorIndex.open(
                directory: directory, fingerprint: "net", dimension: dimension, source: source))
    }

    /// Carries out a change with each request refused, or with at most so many; each time on an index of its own.
    ///
    /// A change that throws must leave the index as it was; one that does not must have been carried out.
    static func refuse(
        _ directory: String, _ source: RepeatingSource, atMost most: Int = 1_000,
        _ change: (VectorIndex) throws -> Void
    ) throws -> (refused: Int, carriedOut: Int) {
        let probes = source.vectors(of: [5_000, 20_001, 31_000])
        let asked: [Int64] = [5_000, 31_000, 32_000]
        let before = try Picture(opened(directory, source), probes: probes, ids: asked)
        let changed = try opened(directory, source)
        _ = csk_refuse_memory(-1)
        try change(changed)
        let requests = Int(csk_refuse_memory(-1))
        let after = try Picture(changed, probes: probes, ids: asked)
        #expect(requests > 0)
        var (refused, carriedOut) = (0, 0)
        for number in stride(from: 0, to: requests, by: (requests + most - 1) / most) {
            let index = try opened(directory, source)
            _ = csk_refuse_memory(Int64(number))
            let outcome = Result { try change(index) }
            _ = csk_refuse_memory(-1)
            switch outcome {
            case .success:
                carriedOut += 1
                #expect(try Picture(index, probes: probes, ids: asked) == after, "request \(number)")
            case .failure(let error):
                refused += 1
                #expect((error as? IndexError)?.kind == .io, "request \(number): \(error)")
                #expect(try Picture(index, probes: probes, ids: asked) == before, "request \(number)")
                try change(index)
                #expect(try Picture(index, probes: probes, ids: asked) == after, "after request \(number)")
            }
        }
        return (refused, carriedOut)
    }

    static func source() -> RepeatingSource {
        var vectors = SyntheticVectors(seed: 72)
        return RepeatingSource(
            vectors.rows(32_500, dimension: dimension, centres: 50, spread: 0.6), dimension: dimension)
    }

    @Test("an addition is carried out or leaves the index as it was, whichever request is refused")
    func additions() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let source = MemoryFailureTests.source()
            let directory = try MemoryFailureTests.saved(in: folder, source)
            // So many that they get lists, and that these are put together with those there are.
            let ids = Array(Int64(32_000)..<32_400)
            let counts = try MemoryFailureTests.refuse(directory, source) { index in
                try index.add(ids: ids, vectors: source.vectors(of: ids))
            }
            #expect(counts.refused > 10 && counts.carriedOut == 0)
        }
    }

    @Test("an addition that was refused leaves none of its ids behind, whoever comes in its place")
    func refusedIDs() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let source = MemoryFailureTests.source()
            let directory = try MemoryFailureTests.saved(in: folder, source)
            let refused = Array(Int64(32_000)..<32_400)
            let others = Array(Int64(33_000)..<33_100)
            var number: Int64 = 0
            while true {
                let index = try MemoryFailureTests.opened(directory, source)
                _ = csk_refuse_memory(number)
                let outcome = Result { try index.add(ids: refused, vectors: source.vectors(of: refused)) }
                _ = csk_refuse_memory(-1)
                guard case .failure = outcome else { break }
                try index.add(ids: others, vectors: source.vectors(of: others))
                #expect(refused.allSatisfy { !index.contains($0) && index.vector(of: $0) == nil })
                #expect(others.allSatisfy { index.vector(of: $0) == source.vector(of: $0) })
                try index.add(ids: refused, vectors: source.vectors(of: refused))
                #expect(refused.allSatisfy { index.contains($0) })
                number += 1
            }
            #expect(number > 10)
        }
    }

    @Test("a removal is carried out, whichever request is refused")
    func removals() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let source = MemoryFailureTests.source()
            let directory = try MemoryFailureTests.saved(in: folder, source)
            // More than one in five of all in lists: what is left is copied.
            let counts = try MemoryFailureTests.refuse(directory, source) { index in
                #expect(index.remove(ids: Array(4_000...4_999)) == 1_000)
            }
            #expect(counts.refused == 0 && counts.carriedOut >= 2)
        }
    }

    @Test("a removal loses no vector that was added while lists were trained")
    func removalAfterTraining() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let source = MemoryFailureTests.source()
            let built = try VectorIndex(dimension: MemoryFailureTests.dimension, source: source)
            try built.build(
                ids: Array(1...25_000), position: .init(highestID: 25_000, removals: 0), threads: 1)
            try built.save(to: folder.file("index"), fingerprint: "net")
            var number: Int64 = 0
            while true {
                let index = try MemoryFailureTests.opened(folder.file("index"), source)
                // As a training that 3,000 additions went on beside leaves them: in no list, though many.
                index.update { state in
                    for id in Int64(25_001)...28_000 {
                        try? unsafe state.loose.append(id: id, vector: source.vector(of: id))
                    }
                    state.position.highestID = 28_000
                }
                #expect(index.count == 28_000 && index.statistics.looseCount == 3_000)
                _ = csk_refuse_memory(number)
                let removed = index.remove(ids: [])
                let requests = csk_refuse_memory(-1)
                #expect(removed == 0 && index.count == 28_000, "request \(number)")
                #expect(index.state.contradictionOfRows == nil)
                let found = try index.search(probes: source.vector(of: 7), k: 1, mode: .exact)
                #expect(found[0].first?.id == 7)
                guard requests > number else { break }
                number += 1
            }
            #expect(number > 10)
        }
    }

    @Test("training, and dropping what was removed, leave the index as it was")
    func training() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let source = MemoryFailureTests.source()
            let directory = try MemoryFailureTests.saved(in: folder, source)
            let dropping = try MemoryFailureTests.refuse(directory, source) { try $0.dropRemovedRows() }
            #expect(dropping.refused >= 2 && dropping.carriedOut == 0)
            let training = try MemoryFailureTests.refuse(directory, source, atMost: 6) {
                try $0.rebuild(threads: 1)
            }
            #expect(training.refused >= 5 && training.carriedOut == 0)
        }
    }

    @Test("a save leaves a saved index that opens, and an opening says what is wrong")
    func saving() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let source = MemoryFailureTests.source()
            let directory = try MemoryFailureTests.saved(in: folder, source)
            let target = folder.file("again")
            _ = try MemoryFailureTests.refuse(directory, source) { index in
                try index.save(to: target, fingerprint: "net")
            }
            let probes = source.vectors(of: [5_000, 31_000])
            let wanted = try Picture(
                MemoryFailureTests.opened(directory, source), probes: probes, ids: [5_000])
            #expect(
                try Picture(MemoryFailureTests.opened(target, source), probes: probes, ids: [5_000]) == wanted)
            var number: Int64 = 0
            while true {
                _ = csk_refuse_memory(number)
                let outcome = Result { try MemoryFailureTests.opened(directory, source) }
                guard csk_refuse_memory(-1) > number else { break }
                let error = #expect(throws: IndexError.self, "request \(number)") { try outcome.get() }
                #expect(error?.kind == .io)
                number += 1
            }
            #expect(number > 3)
        }
    }
}
