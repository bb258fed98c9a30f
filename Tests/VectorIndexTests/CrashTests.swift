import Foundation
import TestSupport
import Testing
import VectorIndex

@Suite("A process") struct CrashTests {
    @Test(
        "killed while it saves leaves an index that opens, verifies and saves again", arguments: [3, 7, 15, 40])
    func killed(milliseconds: Int) async throws {
        let folder = try TemporaryFolder()
        let directory = folder.file("index")
        try SavedIndexTests.small().save(to: directory, fingerprint: "net")
        let order = "\(milliseconds) \(directory)"
        await #expect(processExitsWith: .signal(SIGKILL)) { [order = order as String] in
            let parts = order.split(separator: " ", maxSplits: 1)
            guard let milliseconds = UInt32(parts[0]) else { return }
            let directory = String(parts[1])
            guard let index = try VectorIndex.open(directory: directory, fingerprint: "net", dimension: 16)
            else { return }
            let vector = index.vector(of: 1) ?? []
            Thread.detachNewThread {
                usleep(milliseconds * 1_000)
                kill(getpid(), SIGKILL)
            }
            var id: Int64 = 1_000
            while true {
                try index.add(ids: [id], vectors: vector)
                try index.save(to: directory, fingerprint: "net")
                id += 1
            }
        }
        try VectorIndex.verify(directory: directory)
        let opened = try #require(try VectorIndex.open(directory: directory, fingerprint: "net", dimension: 16))
        #expect(
            opened.count >= 200
                && opened.position.highestID == (opened.count == 200 ? 200 : 799 + Int64(opened.count)))
        try opened.save(to: directory, fingerprint: "net")
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        #expect(names.count == 2 && names.contains("manifest.json"), "what the killed process left is removed")
    }

    @Test("asked for a kernel that there is not says so, and searches with any there is")
    func kernel() async {
        await #expect(processExitsWith: .success) {
            unsafe setenv("FACEGALLERY_KERNEL", "sse9", 1)
            #expect(throws: IndexError.unknownKernel("sse9")) { try VectorIndex(dimension: 4) }
            unsafe setenv("FACEGALLERY_KERNEL", "portable", 1)
            let index = try VectorIndex(dimension: 2)
            try index.add(ids: [1], vectors: [1, 0])
            #expect(try index.search(probes: [1, 0], k: 1, mode: .exact)[0][0].id == 1)
        }
    }
}
