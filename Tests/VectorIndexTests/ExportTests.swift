import CFaiss
import Foundation
import TestSupport
import Testing
import VectorIndex

@Suite("A FAISS export") struct ExportTests {
    /// The ids in a file, as FAISS reads it.
    static func ids(_ path: String, capacity: Int) -> (ids: [Int64], dimension: Int)? {
        var ids = [Int64](repeating: -1, count: capacity)
        var rows = 0
        var dimension = 0
        var message = cfaiss_message()
        let status = unsafe cfaiss_read_ids(path, &ids, capacity, &rows, &dimension, &message)
        guard status == cfaiss_done, rows <= capacity else { return nil }
        return (ids[..<rows].sorted(), dimension)
    }

    static func contents(_ index: VectorIndex) -> [Int64] {
        var ids: [Int64] = []
        index.forEachID { ids.append($0) }
        return ids.sorted()
    }

    @Test("of a small, an empty, a changed and a fresh large index holds the ids of now")
    func sameIDs() throws {
        let folder = try TemporaryFolder()
        let small = try SavedIndexTests.small()
        small.remove(ids: [3])
        let changed = try SavedIndexTests.large()
        let fresh = try SavedIndexTests.large()
        try fresh.rebuild(threads: 2)
        let mapped = try SavedIndexTests.large()
        try mapped.rebuild(threads: 2)
        try mapped.save(to: folder.file("index"), fingerprint: "net")
        let indices = [small, try VectorIndex(dimension: 16), changed, fresh, mapped]
        for (number, index) in indices.enumerated() {
            let path = folder.file("\(number).faiss")
            try index.exportFaiss(to: path)
            let read = try #require(Self.ids(path, capacity: 30_000))
            #expect(read.ids == Self.contents(index) && read.ids.count == index.count)
            #expect(read.dimension == 16)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == indices.count + 1)
    }

    @Test("that cannot be written says so and leaves nothing")
    func unwritable() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: IndexError.self) {
            try SavedIndexTests.small().exportFaiss(to: folder.file("missing/x.faiss"))
        }
        #expect(error?.kind == .cannotWrite)
    }
}
