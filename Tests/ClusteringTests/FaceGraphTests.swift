@testable import Clustering
import Synchronization
import TestSupport
import Testing

/// Faces are grouped as the definition says, whatever the order and the way they come.
@Suite("Groups of faces")
struct FaceGraphTests {
    @Test("are those of the definition, followed word by word", arguments: [0.5, 0.6, 0.7])
    func definition(minSimilarity: Double) throws {
        let crowd = Crowd(people: 14, photos: 1...6, dimension: 12, spread: 0.9, seed: 3)
        let groups = try Crowd.groups(crowd.templates, minSimilarity: minSimilarity)
        #expect(Crowd.sets(groups) == Crowd.byDefinition(crowd.templates, minSimilarity: minSimilarity))
    }

    @Test("of people who are well apart are the people")
    func people() throws {
        let crowd = Crowd(people: 60, photos: 1...9, dimension: 64, spread: 0.6, seed: 4)
        let groups = try Crowd.groups(crowd.templates, minSimilarity: 0.5, threads: 2)
        #expect(Crowd.sets(groups) == Crowd.sets(crowd.persons.map { $0 }))
        // The largest group is number 1.
        var sizes: [Int: Int] = [:]
        for case let group? in groups { sizes[group, default: 0] += 1 }
        #expect((1...sizes.count).map { sizes[$0] ?? 0 } == sizes.values.sorted(by: >))
        #expect(sizes.values.allSatisfy { $0 > 1 })
    }

    @Test(
        "do not depend on the order of faces, nor on how many come at once",
        arguments: [(200, 1...5, 0.8), (6, 90...140, 0.7)] as [(Int, ClosedRange<Int>, Float)])
    func order(people: Int, photos: ClosedRange<Int>, spread: Float) throws {
        let crowd = Crowd(people: people, photos: photos, dimension: 16, spread: spread, seed: 8)
        let once = try Crowd.groups(crowd.templates, minSimilarity: 0.55)
        #expect(Set(once.compactMap(\.self)).count > 2)
        var generator = SeededGenerator(seed: 9)
        for (batches, threads) in [(1, 2), (7, 1), (3, 2)] {
            let order = crowd.templates.indices.shuffled(using: &generator)
            let again = try Crowd.groups(
                crowd.templates, minSimilarity: 0.55, order: order, batches: batches, threads: threads)
            #expect(again == once, "\(batches) batches")
        }
    }

    @Test("join two bursts of one person, each of more faces than neighbours are kept")
    func bursts() throws {
        var generator = SeededGenerator(seed: 2)
        let (centre, stranger) = (generator.unitVector(32), generator.unitVector(32))
        let occasions = (0..<2).map { _ in Crowd.near(centre, 0.6, &generator) }
        var templates = (occasions + [stranger]).flatMap { occasion in
            (0..<FaceGraph.mostNeighbours + 30).map { _ in Crowd.near(occasion, 0.05, &generator) }
        }
        templates.append(Crowd.near(centre, 0.3, &generator))
        let groups = try Crowd.groups(templates, minSimilarity: 0.5)
        let each = FaceGraph.mostNeighbours + 30
        #expect(Set(groups[..<(2 * each)]) == [1])
        #expect(Set(groups[(2 * each)..<(3 * each)]) == [2])
        #expect(groups.last == 1)
    }

    @Test("hold thousands of equal faces as one, and none and one face as nothing")
    func equalFaces() throws {
        var generator = SeededGenerator(seed: 6)
        let (one, other) = (generator.unitVector(24), generator.unitVector(24))
        let faces = (0..<6_000).map { $0 % 3 == 0 ? other : one } + [generator.unitVector(24)]
        let groups = try Crowd.groups(faces, minSimilarity: 0.8)
        #expect(groups.indices.allSatisfy { groups[$0] == ($0 == 6_000 ? nil : $0 % 3 == 0 ? 2 : 1) })
        #expect(try Crowd.groups([], minSimilarity: 0.8) == [])
        #expect(try Crowd.groups([one], minSimilarity: 0.8) == [nil])
        #expect(try Crowd.groups([one, one], minSimilarity: 1) == [1, 1])
    }

    @Test("leave out what is left out")
    func leftOut() throws {
        let crowd = Crowd(people: 5, photos: 3...3, dimension: 32, spread: 0.4, seed: 1)
        var graph = try FaceGraph(dimension: 32, minSimilarity: 0.5)
        let rows = try graph.add(crowd.templates.flatMap(\.self))
        try graph.compare(threads: 1)
        let kept: [Int?] = rows.map { $0 % 3 == 0 || $0 == 1 ? nil : $0 }
        let groups = try graph.clusters(of: kept, threads: 1)
        // Of each person's three faces the first is left out, of the first person also the second.
        #expect(groups[..<3].allSatisfy { $0 == nil })
        for person in 1..<5 {
            let faces = Array(groups[(3 * person)..<(3 * person + 3)])
            #expect(faces[0] == nil)
            #expect(faces[1] != nil)
            #expect(faces[1] == faces[2])
        }
    }

    @Test("are refused for what is no template, and for similarities that mean nothing")
    func hostile() throws {
        var graph = try FaceGraph(dimension: 4, minSimilarity: 0.5)
        let good: [Float] = [1, 0, 0, 0]
        for bad in [[.nan, 0, 0, 0], [.infinity, 0, 0, 0], [0, 0, 0, 0], [2, 0, 0, 0], [1e30, 0, 0, 0]]
            as [[Float]]
        {
            let error = #expect(throws: ClusteringError.self) { try graph.add(good + bad) }
            guard case .badTemplate(item: 1) = error else {
                Issue.record("\(bad): \(String(describing: error))"); continue
            }
        }
        #expect(graph.rows == 0)
        #expect(throws: ClusteringError.self) { try graph.add([1, 0, 0]) }
        for similarity in [-0.1, 1.1, .nan] {
            #expect(throws: ClusteringError.self) { try FaceGraph(dimension: 4, minSimilarity: similarity) }
        }
        #expect(throws: ClusteringError.self) { try FaceGraph(dimension: 0, minSimilarity: 0.5) }
        // A face that is not compared yet is an error of the caller, not a face alone.
        let rows = try graph.add(good)
        #expect(throws: ClusteringError.self) { try graph.clusters(of: rows, threads: 1) }
        #expect(throws: ClusteringError.self) { try graph.clusters(of: [7], threads: 1) }
    }

    @Test("stay as they were when a comparison is stopped")
    func stopped() throws {
        let crowd = Crowd(people: 30, photos: 2...4, dimension: 32, spread: 0.5, seed: 1)
        var graph = try FaceGraph(dimension: 32, minSimilarity: 0.5)
        let rows = try graph.add(crowd.templates.flatMap(\.self))
        let error = #expect(throws: ClusteringError.self) { try graph.compare(threads: 2, goesOn: { false }) }
        guard case .cancelled = error else { Issue.record("\(String(describing: error))"); return }
        #expect(graph.comparedRows == 0)
        try graph.compare(threads: 2)
        #expect(try graph.clusters(of: rows, threads: 1) == Crowd.groups(crowd.templates, minSimilarity: 0.5))
    }

    @Test("grow by comparing the new faces only")
    func growth() throws {
        let crowd = Crowd(people: 1_500, photos: 2...2, dimension: 16, spread: 0.5, seed: 1)
        var graph = try FaceGraph(dimension: 16, minSimilarity: 0.9)
        let shares = Mutex(0)
        _ = try graph.add(crowd.templates[..<2_990].flatMap(\.self))
        try graph.compare(threads: 1, progress: { _ in shares.withLock { $0 += 1 } })
        let all = shares.withLock { $0 }
        _ = try graph.add(crowd.templates[2_990...].flatMap(\.self))
        try graph.compare(threads: 1, progress: { _ in shares.withLock { $0 += 1 } })
        // A share is told for each block of columns: the last block alone is worked on again.
        #expect(all > 2 && shares.withLock { $0 } == all + 1)
    }

    @Test("are the same after their graph was written and read, and damaged bytes are refused")
    func bytes() throws {
        let crowd = Crowd(people: 4, photos: 60...90, dimension: 16, spread: 0.6, seed: 5)
        var graph = try FaceGraph(dimension: 16, minSimilarity: 0.6)
        let rows = try graph.add(crowd.templates.flatMap(\.self))
        try graph.compare(threads: 1)
        let bytes = graph.neighbourBytes
        func read(_ bytes: [UInt8], rows: Int? = nil) throws(ClusteringError) -> FaceGraph {
            try FaceGraph(
                dimension: 16, minSimilarity: 0.6, templates: graph.templates, compared: rows ?? graph.rows,
                neighbourBytes: bytes[...])
        }
        var again = try read(bytes)
        #expect(again.neighbourBytes == bytes && again.comparedRows == graph.rows)
        var more = graph
        let added = Crowd(people: 2, photos: 40...40, dimension: 16, spread: 0.6, seed: 6).templates
        let faces = rows + (try more.add(added.flatMap(\.self)))
        #expect(try again.add(added.flatMap(\.self)) == Array(faces[rows.count...]))
        try more.compare(threads: 1)
        try again.compare(threads: 2)
        #expect(try again.clusters(of: faces, threads: 1) == more.clusters(of: faces, threads: 1))

        #expect(throws: ClusteringError.self) { try read(Array(bytes.dropLast())) }
        #expect(throws: ClusteringError.self) { try read(bytes + [0]) }
        #expect(throws: ClusteringError.self) { try read(bytes, rows: graph.rows + 1) }
        var wrong = bytes
        wrong[4] = 127
        #expect(throws: ClusteringError.self) { try read(wrong) }
    }
}
