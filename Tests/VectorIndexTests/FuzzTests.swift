import Foundation
import TestSupport
import Testing

@testable import VectorIndex

@Suite("Files of a saved index") struct FuzzTests {
    static let dimension = 16

    /// What becomes of a file: some bytes others, fewer, or more.
    static func damaged(_ good: [UInt8], _ random: inout SeededGenerator) -> (bytes: [UInt8], what: String) {
        var bytes = good
        let place = Int.random(in: 0..<good.count, using: &random)
        let count = min(
            good.count - place, [1, 4, 8, 64, 4_096, 1 << 20][Int.random(in: 0..<6, using: &random)])
        switch Int.random(in: 0..<7, using: &random) {
        case 0:
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            return (bytes, "a bit at \(place)")
        case 1, 2:
            let byte: UInt8 = Bool.random(using: &random) ? 0xFF : 0x80
            for at in place..<place + count { bytes[at] = byte }
            return (bytes, "\(count) times \(byte) at \(place)")
        case 3:
            for at in place..<place + count { bytes[at] = .random(in: 0...255, using: &random) }
            return (bytes, "\(count) random bytes at \(place)")
        case 4:
            for at in place..<place + count { bytes[at] = 0 }
            return (bytes, "\(count) zeros at \(place)")
        case 5: return (Array(bytes[..<place]), "cut to \(place)")
        default:
            let more = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            return (bytes + more, "\(count) bytes more")
        }
    }

    @Test("damaged at random are refused by name, or searched unharmed and found by verify", arguments: 0..<4)
    func anywhere(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let directory = folder.file("index")
        let saved = try SavedIndexTests.large()
        let source = saved.source
        try saved.save(to: directory, fingerprint: "net")
        var random = SeededGenerator(seed: seed)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        let files = try names.map { Array(try Data(contentsOf: URL(fileURLWithPath: directory + "/" + $0))) }
        for step in 0..<90 {
            // Most of an index is its segments, and only of these are bytes not checked at opening.
            let segment = names.firstIndex { $0.hasPrefix("segment") } ?? 0
            let number = step % 2 == 0 ? segment : Int.random(in: 0..<names.count, using: &random)
            let (bytes, what) = Self.damaged(files[number], &random)
            guard bytes != files[number] else { continue }
            let name = names[number]
            try folder.write(bytes, to: "index/\(name)")
            switch try VectorIndex.outcomeOfOpening(
                directory: directory, fingerprint: "net", dimension: Self.dimension, source: source)
            {
            case .absent: Issue.record("\(name), \(what): absent")
            case .refused(let reason), .unrelated(let reason):
                #expect(reason.contains(name), "\(name), \(what): \(reason)")
            case .opened(let index):
                #expect(name.hasPrefix("segment") && bytes.count == files[number].count, "\(name), \(what)")
                try Self.use(index, wholly: step % 15 == 0, folder)
            }
            let error = #expect(throws: IndexError.self, "\(name), \(what)") {
                try VectorIndex.verify(directory: directory)
            }
            #expect(error?.description.contains(name) == true, "\(name), \(what)")
            try folder.write(files[number], to: "index/\(name)")
        }
        try VectorIndex.verify(directory: directory)
    }

    /// Everything that reads a segment; what comes of it is no matter, as long as it comes.
    static func use(_ index: VectorIndex, wholly: Bool, _ folder: TemporaryFolder) throws {
        let probes = SavedIndexTests.probes()
        for mode in [IndexSearchMode.exact, .maxSearchLoss(0.01)] {
            for answers in try index.search(probes: probes, k: 5, mode: mode) { #expect(answers.count <= 5) }
        }
        _ = (index.contains(42), index.vector(of: 19_000), index.statistics)
        guard wholly else { return }
        try index.forEachDisagreement { _, _ in }
        index.remove(ids: Array(1..<9_000))
        let rows = (0..<2_100).flatMap { row in probes[row % 20 * dimension..<(row % 20 + 1) * dimension] }
        // Some ids may be there by accident.
        try? index.add(ids: Array(500_000..<502_100), vectors: rows)
        _ = try index.search(probes: probes, k: 5, mode: .exact)
        try index.exportFaiss(to: folder.file("export"))
        try index.save(to: folder.file("again"), fingerprint: "net")
    }
}
