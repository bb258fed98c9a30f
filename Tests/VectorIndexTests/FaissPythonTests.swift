import Foundation
import TestSupport
import Testing
import VectorIndex

@Suite("A FAISS export in Python") struct FaissPythonTests {
    static let tools = SetUpCache.file("test-tools")
    static let isInstalled = FileManager.default.fileExists(atPath: tools + "/faiss")

    /// Opens a file as anybody would and searches all of it.
    private static let script = """
        import sys, numpy, faiss
        path, source, target, k = sys.argv[1:5]
        faiss.omp_set_num_threads(1)
        index = faiss.read_index(path)
        assert index.metric_type == faiss.METRIC_INNER_PRODUCT
        if isinstance(index, faiss.IndexIVF):
            assert index.nlist / 4 <= index.nprobe <= index.nlist / 4 + 1, index.nprobe
            index.nprobe = index.nlist
        probes = numpy.fromfile(source, "<f4").reshape(-1, index.d)
        similarities, ids = index.search(probes, int(k))
        with open(target, "wb") as out:
            out.write(ids.astype("<i8").tobytes())
            out.write(similarities.astype("<f4").tobytes())
        print(index.ntotal, type(index).__name__)
        """

    struct Failure: Error { let output: String }

    static func search(_ path: String, _ probes: [Float], k: Int, in folder: TemporaryFolder) throws -> (
        answers: [[Neighbour]], facts: String
    ) {
        let source = try folder.write(unsafe probes.withUnsafeBytes { unsafe Array($0) }, to: "probes.f32")
        let (target, log) = (folder.file("answers"), try folder.write([], to: "log"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, path, source, target, "\(k)"]
        process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONPATH": tools]) { $1 }
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let output = try String(contentsOfFile: log, encoding: .utf8)
        guard process.terminationStatus == 0 else { throw Failure(output: output) }
        let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: target)))
        let count = bytes.count / 12
        let neighbours = unsafe bytes.withUnsafeBytes { bytes in
            (0..<count).map { place in
                unsafe Neighbour(
                    id: bytes.loadUnaligned(fromByteOffset: place * 8, as: Int64.self),
                    similarity: bytes.loadUnaligned(fromByteOffset: count * 8 + place * 4, as: Float.self))
            }
        }
        let answers = stride(from: 0, to: count, by: k).map { Array(neighbours[$0..<$0 + k]) }
        return (answers, output.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    @Test(
        "gives the neighbours of exact search",
        .enabled(if: isInstalled, "faiss-cpu is fetched by make test"))
    func sameNeighbours() throws {
        let folder = try TemporaryFolder()
        let indices = [
            (try SavedIndexTests.small(), "IndexIDMap"), (try SavedIndexTests.large(), "IndexIVFFlat"),
        ]
        for (index, kind) in indices {
            let path = folder.file("\(kind).faiss")
            try index.exportFaiss(to: path)
            let probes = SavedIndexTests.probes()
            let (answers, facts) = try Self.search(path, probes, k: 10, in: folder)
            #expect(facts == "\(index.count) \(kind)")
            let wanted = try index.search(probes: probes, k: 10, mode: .exact)
            #expect(answers.count == wanted.count)
            for (found, exact) in zip(answers, wanted) {
                for (one, other) in zip(found, exact) {
                    // FAISS adds in another order: what is nearly as alike may change places.
                    #expect(abs(one.similarity - other.similarity) < 1e-5)
                    let isTie = exact.contains {
                        $0.id == one.id && abs($0.similarity - other.similarity) < 1e-5
                    }
                    #expect(one.id == other.id || isTie || other == exact.last)
                }
            }
        }
    }
}
