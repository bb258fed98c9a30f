import Foundation
import TestSupport
import Testing

@testable import VectorIndex

/// What a killed process was about to write is there or not; what it had told is there, and answers.
@Suite("A process killed while it changes an index with lists") struct KilledTests {
    static let dimension = 8
    static let start = 20_500

    static func source() -> RepeatingSource {
        var vectors = SyntheticVectors(seed: 61)
        return RepeatingSource(
            vectors.rows(2_003, dimension: dimension, centres: 40, spread: 0.5), dimension: dimension)
    }

    /// What each case begins with, made once.
    private static let built = Result {
        let index = try VectorIndex(dimension: dimension, source: source())
        try index.build(
            ids: Array(1...Int64(start)), position: .init(highestID: Int64(start), removals: 0), threads: 2)
        return index.state
    }

    /// The ids that are removed first to last: removal n is this one, so a position says which are gone.
    static func removal(_ number: Int) -> Int64 { Int64(number) * 3 + 1 }

    /// Adds and removes and saves for ever, so that parts are sealed, merged, copied and, on request, trained anew.
    static func changeForEver(_ directory: String, rebuilding: Bool) throws {
        let source = source()
        guard
            let index = try VectorIndex.open(
                directory: directory, fingerprint: "net", dimension: dimension, source: source)
        else { return }
        while true {
            let first = index.position.highestID + 1
            let ids = Array(first..<first + 700)
            try index.add(ids: ids, vectors: source.vectors(of: ids))
            let removed = Int(index.position.removals)
            index.remove(ids: (removed..<removed + 200).map(removal))
            index.advance(to: IndexPosition(highestID: 0, removals: UInt64(removed + 200)))
            if rebuilding { try index.rebuild(threads: 2) }
            try index.save(to: directory, fingerprint: "net")
        }
    }

    @Test(
        "leaves one that opens, verifies and answers like the state it says it is",
        arguments: [5, 20, 60, 150, 400], [false, true])
    func killed(milliseconds: Int, rebuilding: Bool) async throws {
        let folder = try TemporaryFolder()
        let directory = folder.file("index")
        let source = Self.source()
        try VectorIndex(Self.built.get(), source: source).save(to: directory, fingerprint: "net")
        let order = "\(milliseconds) \(rebuilding) \(directory)"
        await #expect(processExitsWith: .signal(SIGKILL)) { [order = order as String] in
            let parts = order.split(separator: " ", maxSplits: 2)
            guard parts.count == 3, let milliseconds = UInt32(parts[0]) else { return }
            // From the first save on, which is as long as a process takes to get there.
            let manifest = String(parts[2]) + "/manifest.json"
            let before = try Data(contentsOf: URL(fileURLWithPath: manifest))
            Thread.detachNewThread {
                while (try? Data(contentsOf: URL(fileURLWithPath: manifest))) == before { usleep(500) }
                usleep(milliseconds * 1_000)
                kill(getpid(), SIGKILL)
            }
            try KilledTests.changeForEver(String(parts[2]), rebuilding: parts[1] == "true")
        }
        try VectorIndex.verify(directory: directory)
        let opened = try #require(
            try VectorIndex.open(
                directory: directory, fingerprint: "net", dimension: Self.dimension, source: source))
        let removals = Int(opened.position.removals)
        #expect(removals >= 200 && removals % 200 == 0)
        #expect(opened.position.highestID == Int64(Self.start + removals / 200 * 700))
        var rows: [Int64: [Float]] = [:]
        for id in 1...opened.position.highestID { rows[id] = source.vector(of: id) }
        for number in 0..<removals { rows[Self.removal(number)] = nil }
        #expect(opened.count == rows.count)
        let probes = source.vectors(of: [5, 500, 1_500])
        let found = try opened.search(probes: probes, k: 60, mode: .exact)
        let near = try opened.search(probes: probes, k: 10, mode: .maxSearchLoss(0.01))
        for probe in 0..<3 {
            let own = probes[probe * Self.dimension..<(probe + 1) * Self.dimension]
            #expect(found[probe] == BruteForce.answers(own, rows, k: 60))
            #expect(near[probe].allSatisfy { rows[$0.id] != nil } && near[probe].count == 10)
        }
        try opened.save(to: directory, fingerprint: "net")
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        #expect(!names.contains { $0.hasSuffix(".aside") }, "what the killed process left is removed")
    }
}
