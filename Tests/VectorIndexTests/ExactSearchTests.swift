import Testing
import VectorIndex

@Suite("Exact search") struct ExactSearchTests {
    @Test("answers are ordered by similarity, ties by id")
    func order() throws {
        let index = try VectorIndex(dimension: 2)
        try index.add(ids: [9, 4, 7, 1], vectors: [1, 0, 1, 0, 0, 1, 0.6, 0.8])
        let found = try index.search(probes: [1, 0], k: 10, mode: .exact)
        #expect(found[0].map(\.id) == [4, 9, 1, 7])
        #expect(found[0].map(\.similarity) == [1, 1, 0.6, 0])
        #expect(index.count == 4 && index.position.highestID == 9)
    }

    @Test("what is added or removed shows in the next search")
    func changes() throws {
        let index = try VectorIndex(dimension: 2)
        #expect(try index.search(probes: [1, 0], k: 1, mode: .exact) == [[]])
        try index.add(ids: [1], vectors: [1, 0])
        try index.add(ids: [2], vectors: [0.8, 0.6])
        #expect(try index.search(probes: [1, 0], k: 1, mode: .exact)[0].map(\.id) == [1])
        #expect(index.remove(ids: [1, 5, 1]) == 1)
        #expect(try index.search(probes: [1, 0], k: 2, mode: .exact)[0].map(\.id) == [2])
        #expect(!index.contains(1) && index.contains(2) && index.vector(of: 2) == [0.8, 0.6])
        try index.add(ids: [1], vectors: [0, 1])
        #expect(index.vector(of: 1) == [0, 1] && index.count == 2)
        var seen: [Int64] = []
        index.forEachID { seen.append($0) }
        #expect(seen.sorted() == [1, 2])
    }

    @Test("input that makes no sense is refused by name and changes nothing")
    func refusals() throws {
        let index = try VectorIndex(dimension: 2)
        try index.add(ids: [3], vectors: [1, 0])
        #expect(throws: IndexError.badCount(k: 0)) { try index.search(probes: [1, 0], k: 0, mode: .exact) }
        #expect(throws: IndexError.badCount(k: 10_001)) {
            try index.search(probes: [1, 0], k: 10_001, mode: .exact)
        }
        #expect(throws: IndexError.notFinite(row: 1)) {
            try index.search(probes: [1, 0, .nan, 0], k: 1, mode: .exact)
        }
        #expect(throws: IndexError.wrongDimension(floats: 3, vectors: 0, dimension: 2)) {
            try index.search(probes: [1, 0, 0], k: 1, mode: .exact)
        }
        #expect(throws: IndexError.notUnit(row: 0, length: 0)) {
            try index.search(probes: [0, 0], k: 1, mode: .exact)
        }
        #expect(throws: IndexError.duplicateID(3)) { try index.add(ids: [4, 3], vectors: [1, 0, 0, 1]) }
        #expect(throws: IndexError.duplicateID(5)) { try index.add(ids: [5, 5], vectors: [1, 0, 0, 1]) }
        #expect(throws: IndexError.negativeID(-1)) { try index.add(ids: [-1], vectors: [1, 0]) }
        #expect(throws: IndexError.notFinite(row: 0)) { try index.add(ids: [6], vectors: [.infinity, 0]) }
        #expect(throws: IndexError.badDimension(0)) { try VectorIndex(dimension: 0) }
        #expect(throws: IndexError.badLoss(1.5)) {
            try index.search(probes: [1, 0], k: 1, mode: .maxSearchLoss(1.5))
        }
        #expect(index.count == 1)
    }
}
