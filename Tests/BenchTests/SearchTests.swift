import CTestHDF5
import Foundation
import TestSupport
import Testing
import VectorFiles

@Suite("Measuring the search")
struct SearchTests {
    let bench: BenchProgram

    init() throws { bench = try BenchProgram() }

    private static let promised = [
        "qps", "p50_us", "p99_us", "recall1", "recall10", "build_s", "bytes_per_reference", "n", "dimension",
        "k",
        "threads", "batch", "max_search_loss", "cpu", "kernel", "commit",
    ]
    private static let set = [
        "--base", "base.npy", "--probes", "mate.npy", "--truth", "mate-truth.npy", "--json",
    ]

    private func makeSet(_ words: String...) throws {
        let words = ["data", "-n", "500", "--count", "30", "--out", "base.npy", "--probes", "mate.npy"] + words
        #expect(try bench.run(words).exitCode == 0)
    }

    private func search(_ words: String...) throws -> [[String: Any]] {
        let result = try bench.run(["search"] + Self.set + words)
        #expect(result.exitCode == 0, "\(result.err)")
        return try result.objects()
    }

    @Test("a point has all that was promised, and exact search finds everything", arguments: ["1", "all"])
    func point(batch: String) throws {
        try makeSet()
        let lines = try search("--exact", "--batch", batch)
        let line = try #require(lines.first)
        #expect(lines.count == 1 && Self.promised.allSatisfy { line[$0] != nil && !(line[$0] is NSNull) })
        #expect(line.number("recall1") == 1 && line.number("recall10") == 1)
        #expect(line.number("n") == 500 && line.number("dimension") == 128 && line.number("k") == 10)
        #expect(line["batch"] as? String == batch && line["commit"] as? String == "tested")
        #expect(try #require(line.number("qps")) > 0 && #require(line.number("p99_us")) > 0)
    }

    @Test("a sweep goes from wide losses to exact search, and two threads find the same")
    func sweep() throws {
        try makeSet("--dimension", "32", "--kind", "people")
        let lines = try search("--sweep", "--threads", "2", "--rounds", "1")
        let losses = lines.compactMap { $0.number("max_search_loss") }
        #expect(losses == losses.sorted(by: >) && losses.last == 0 && losses.contains(0.001))
        #expect(lines.allSatisfy { $0.number("threads") == 2 } && lines.last?.number("recall10") == 1)
    }

    @Test("references that are all equal count as found, whichever is named")
    func ties() throws {
        try makeSet("--kind", "equal")
        // The same answers in another order are as true.
        let truth = try NpyIntegers(path: bench.folder.file("mate-truth.npy"))
        try NpyIntegers(columns: truth.columns, values: truth.values.map { 499 - $0 })
            .write(to: bench.folder.file("mate-truth.npy"))
        let line = try #require(try search("--exact").first)
        #expect(line.number("recall1") == 1 && line.number("recall10") == 1)
    }

    @Test("a truth that is too short to judge by is refused")
    func shortTruth() throws {
        try makeSet()
        let truth = try NpyIntegers(path: bench.folder.file("mate-truth.npy"))
        try NpyIntegers(columns: 5, values: (0..<30).flatMap { Array(truth[$0].prefix(5)) })
            .write(to: bench.folder.file("mate-truth.npy"))
        let result = try bench.run(["search"] + Self.set)
        #expect(result.exitCode == 1 && result.err.contains("5 neighbours a probe; 10 are needed"))
    }

    @Test("an index that was kept is taken again, but not for other references")
    func keptIndex() throws {
        try makeSet()
        let first = try #require(try search("--index", "kept").first)
        let again = try #require(try search("--index", "kept").first)
        #expect(first.number("build_s") == again.number("build_s"))
        try makeSet("--seed", "2")
        let other = try #require(try search("--index", "kept", "--exact").first)
        #expect(other.number("recall10") == 1 && other.number("build_s") != first.number("build_s"))
    }

    @Test("a data set of ann-benchmarks is searched as it is")
    func annBenchmarks() throws {
        let path = bench.folder.file("set.hdf5")
        let train: [Float] = (0..<60 * 16).map { place in
            let (row, column) = (place / 16, place % 16)
            return Float((column * 7 + row * row) % 11) + 0.5
        }
        let neighbors = [Int32](repeating: 0, count: 10)
        #expect(unsafe test_hdf5_new(path, "angular", 0) == 0)
        #expect(unsafe test_hdf5_add_floats(path, "train", [60, 16], 2, train, 0) == 0)
        #expect(unsafe test_hdf5_add_floats(path, "test", [1, 16], 2, Array(train[..<16]), 0) == 0)
        #expect(unsafe test_hdf5_add_integers(path, "neighbors", [1, 10], 2, neighbors) == 0)
        let result = try bench("search", "--hdf5", "set.hdf5", "--exact", "--json")
        let line = try #require(try result.objects().first)
        #expect(line.number("n") == 60 && line.number("recall1") == 1 && line["data"] as? String == "set.hdf5")
    }

    @Test(
        "wrong words are named and end with 64",
        arguments: [
            (["search", "--base", "base.npy"], "missing option '--probes'"),
            (["search", "--exact", "--sweep", "--base", "b", "--probes", "p", "--truth", "t"], "give one of"),
            (["data", "--kind", "cats", "--out", "x.npy"], "expected one of dlib-resnet"),
            (["data", "--kind", "dlib-resnet", "--dimension", "64", "--out", "x.npy"], "has 128 dimensions"),
            (["serach"], "did you mean 'search'"),
        ])
    func wrongWords(words: [String], message: String) throws {
        let result = try bench.run(words)
        #expect(result.exitCode == 64 && result.err.contains(message), "\(result.err)")
    }
}
