import CSearchKernels
import TestSupport
import Testing

@testable import VectorIndex

@Suite("An index that changes") struct PropertyTests {
    static let dimension = 16

    /// An index with its vectors told apart from it: what a plain dictionary would answer.
    struct Oracle {
        var rows: [Int64: [Float]] = [:]

        mutating func add(_ ids: [Int64], _ vectors: [Float]) {
            for (row, id) in ids.enumerated() {
                rows[id] = Array(vectors[row * dimension..<(row + 1) * dimension])
            }
        }

        func expectSame(_ index: VectorIndex, _ probes: [Float], _ step: String) throws {
            #expect(index.count == rows.count, "\(step)")
            for k in [1, 40] {
                let exact = try index.search(probes: probes, k: k, mode: .exact)
                let near = try index.search(probes: probes, k: k, mode: .maxSearchLoss(0.01))
                for probe in exact.indices {
                    let own = probes[probe * dimension..<(probe + 1) * dimension]
                    #expect(exact[probe] == BruteForce.answers(own, rows, k: k), "\(step)")
                    #expect(near[probe].count == min(k, rows.count), "\(step)")
                    #expect(near[probe].allSatisfy { rows[$0.id] != nil }, "\(step): a removed id came back")
                }
            }
        }
    }

    static func vectors(_ random: inout SyntheticVectors, _ count: Int) -> [Float] {
        random.rows(count, dimension: dimension, centres: 30, spread: 0.5)
    }

    /// Probes that are to some of `rows` as one photo of a face is to another.
    static func mates(of rows: [Float], _ count: Int, _ random: inout SyntheticVectors) -> [Float] {
        (0..<count).flatMap { _ in
            let row = Int(random.bits()) % (rows.count / dimension)
            return random.unit(around: Array(rows[row * dimension..<(row + 1) * dimension]), spread: 0.8)
        }
    }

    @Test("agrees with a plain dictionary after every step of a random script", arguments: [1, 2, 3])
    func script(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        var random = SyntheticVectors(seed: seed)
        var choice = SeededGenerator(seed: seed)
        var oracle = Oracle()
        let start = Self.vectors(&random, VectorIndex.listsFrom)
        var index = try VectorIndex.filled(start, dimension: Self.dimension)
        oracle.add((1...Int64(VectorIndex.listsFrom)).map { $0 }, start)
        try index.rebuild(threads: 2)
        // The store keeps what was removed, so a wrong answer would have a vector to be found by.
        var nextID: Int64 = 100_000
        var gone: [Int64] = []
        for step in 0..<14 {
            let kind = Int.random(in: 0..<10, using: &choice)
            switch kind {
            case 0...2:
                let count = Int.random(in: 1...3_000, using: &choice)
                let ids = (nextID..<nextID + Int64(count)).shuffled(using: &choice)
                nextID += Int64(count)
                let rows = Self.vectors(&random, count)
                try index.add(ids: ids, vectors: rows)
                oracle.add(ids, rows)
            case 3...5:
                let share = [0.001, 0.05, 0.35][kind - 3]
                let ids = oracle.rows.keys.sorted().filter { _ in
                    Double.random(in: 0...1, using: &choice) < share
                }
                #expect(index.remove(ids: ids + ids.prefix(2) + [7_777_777]) == ids.count)
                for id in ids { oracle.rows[id] = nil }
                gone += ids.prefix(200)
            case 6:
                // Some of those that were removed come back as somebody else.
                let ids = Array(Set(gone.filter { oracle.rows[$0] == nil }).sorted().prefix(150))
                let rows = Self.vectors(&random, ids.count)
                try index.add(ids: ids, vectors: rows)
                oracle.add(ids, rows)
            case 7: try index.rebuild(threads: 2)
            default:
                try index.save(to: folder.file("index"), fingerprint: "net")
                guard kind == 9 else { break }
                let source = index.source
                let opened = try VectorIndex.open(
                    directory: folder.file("index"), fingerprint: "net", dimension: Self.dimension,
                    source: source)
                let again = try VectorIndex.open(
                    directory: folder.file("index"), fingerprint: "net", dimension: Self.dimension,
                    source: source)
                let probes = Self.vectors(&random, 3)
                for mode in [IndexSearchMode.exact, .maxSearchLoss(0.01)] {
                    let wanted = try index.search(probes: probes, k: 20, mode: mode)
                    #expect(try opened?.search(probes: probes, k: 20, mode: mode) == wanted)
                    #expect(try again?.search(probes: probes, k: 20, mode: mode) == wanted)
                }
                let saved = try #require(opened)
                // From here on with a table that has what is added to it as well.
                index = try VectorIndex(saved.state, source: nil)
                let ids = oracle.rows.keys.sorted()
                try unsafe ids.flatMap { oracle.rows[$0] ?? [] }.withUnsafeBufferPointer {
                    try unsafe index.table?.add(ids: ids, vectors: $0)
                }
            }
            try oracle.expectSame(index, Self.vectors(&random, 2), "seed \(seed), step \(step), kind \(kind)")
        }
        var ids: [Int64] = []
        index.forEachID { ids.append($0) }
        #expect(ids.sorted() == oracle.rows.keys.sorted())
        #expect(index.state.sortedIDs().allSatisfy { index.vector(of: $0) == oracle.rows[$0] })
    }

    @Test("answers as before once what was added is removed, loose or in lists")
    func identity() throws {
        var random = SyntheticVectors(seed: 41)
        let rows = Self.vectors(&random, VectorIndex.listsFrom)
        let index = try VectorIndex.filled(rows, dimension: Self.dimension)
        try index.rebuild(threads: 2)
        try index.add(ids: Array(30_000..<30_100), vectors: Self.vectors(&random, 100))
        let probes = Self.mates(of: rows, 40, &random)
        let modes = [IndexSearchMode.exact, .maxSearchLoss(0.01)]
        let before = try modes.map { try index.search(probes: probes, k: 10, mode: $0) }
        for count in [1, 64, 500, 5_000] {
            let ids = (0..<count).map { Int64(50_000 + $0) }
            // The nearest there can be: the probes themselves.
            let own = (0..<count).flatMap { row in
                probes[row % 40 * Self.dimension..<(row % 40 + 1) * Self.dimension]
            }
            try index.add(ids: ids, vectors: own)
            #expect(try index.search(probes: probes, k: 1, mode: .exact)[0][0].id == 50_000)
            #expect(index.remove(ids: ids) == count)
            for (mode, wanted) in zip(modes, before) {
                let after = try index.search(probes: probes, k: 10, mode: mode)
                // So many are given lists, with the loose rows that were there: those are looked for otherwise.
                if count == 5_000, mode != .exact { continue }
                #expect(after == wanted, "\(count) added and removed")
            }
        }
    }

    @Test("answers a batch of 300 bit for bit as its probes one by one")
    func batch() throws {
        var random = SyntheticVectors(seed: 42)
        let index = try VectorIndex.filled(
            Self.vectors(&random, VectorIndex.listsFrom), dimension: Self.dimension)
        try index.rebuild(threads: 2)
        try index.add(ids: Array(30_000..<30_500), vectors: Self.vectors(&random, 500))
        index.remove(ids: Array(100...400))
        var probes = Self.vectors(&random, 200)
        // Some that are like nothing here, which are searched twice.
        probes += random.rows(100, dimension: Self.dimension, centres: 100, spread: 1)
        for mode in [IndexSearchMode.exact, .maxSearchLoss(0.001), .maxSearchLoss(0.2)] {
            let together = try index.search(probes: probes, k: 10, mode: mode)
            for probe in 0..<300 {
                let own = Array(probes[probe * Self.dimension..<(probe + 1) * Self.dimension])
                #expect(
                    try index.search(probes: own, k: 10, mode: mode)[0] == together[probe], "probe \(probe)")
            }
        }
    }

    @Test("in parts answers exactly as one built at once, and approximately with no more loss than asked for")
    func parts() throws {
        var random = SyntheticVectors(seed: 43)
        let rows = Self.vectors(&random, 65_100)
        let width = Self.dimension
        let index = try VectorIndex.filled(Array(rows[..<(60_000 * width)]), dimension: width)
        try index.rebuild(threads: 2)
        var first = 60_000
        var most = 0
        for count in [2_100, 2_500, 500] {
            try index.add(
                ids: (first..<first + count).map { Int64($0 + 1) },
                vectors: Array(rows[first * width..<(first + count) * width]))
            first += count
            most = max(most, index.statistics.parts)
        }
        #expect(most > 1 && index.statistics.looseCount == 500)
        let whole = try VectorIndex.filled(rows, dimension: width)
        let probes = Self.mates(of: rows, 300, &random)
        let exact = try whole.search(probes: probes, k: 10, mode: .exact)
        #expect(try index.search(probes: probes, k: 10, mode: .exact) == exact)
        for asked in [0.05, 0.01] {
            let found = try index.search(probes: probes, k: 10, mode: .maxSearchLoss(asked))
            let missed = zip(found, exact).count { $0[0] != $1[0] }
            #expect(Double(missed) <= asked * Double(exact.count), "\(missed) of \(exact.count) missed")
        }
        index.remove(ids: (1...53_000).filter { $0 % 3 == 0 })
        whole.remove(ids: (1...53_000).filter { $0 % 3 == 0 })
        #expect(
            try index.search(probes: probes, k: 10, mode: .exact)
                == whole.search(probes: probes, k: 10, mode: .exact))
    }

    @Test("never returns what was removed, wherever in a block of codes it was")
    func everyPlace() throws {
        var random = SyntheticVectors(seed: 44)
        let rows = Self.vectors(&random, VectorIndex.listsFrom)
        let index = try VectorIndex.filled(rows, dimension: Self.dimension)
        try index.rebuild(threads: 2)
        let segment = try #require(index.state.segments.first?.segment)
        // All 64 places of a first block, and those of the last, which is not whole.
        let whole = (0..<segment.listCount).first { list in
            let rows = unsafe segment.lists[list].row_count
            return rows > 64 && rows % 64 > 1
        }
        let list = try #require(whole)
        let own = unsafe segment.lists[list]
        let (first, count) = (Int(own.first_row), Int(own.row_count))
        for place in 0..<count where place < 64 || place >= count / 64 * 64 {
            let id = try #require(segment.id(at: first + place))
            let probe = try #require(index.vector(of: id))
            #expect(index.remove(ids: [id]) == 1)
            for mode in [IndexSearchMode.exact, .maxSearchLoss(0.001)] {
                let found = try index.search(probes: probe, k: 10, mode: mode)[0]
                #expect(found.count == 10 && !found.contains { $0.id == id }, "place \(place)")
            }
        }
    }
}
