import TestSupport
import Testing
import VectorFiles

@Suite("Data by seed")
struct DataTests {
    let bench: BenchProgram

    init() throws { bench = try BenchProgram() }

    private func data(_ words: String...) throws {
        let result = try bench.run(["data", "-n", "600", "--count", "40", "-k", "12"] + words)
        #expect(result.exitCode == 0, "\(result.err)")
    }

    @Test("a seed gives the same bytes each time, another seed others")
    func seeds() throws {
        try data("--out", "a.npy", "--probes", "a-mate.npy")
        try data("--out", "b.npy", "--probes", "b-mate.npy")
        try data("--out", "c.npy", "--seed", "2")
        #expect(try bench.bytes("a.npy") == bench.bytes("b.npy"))
        #expect(try bench.bytes("a-mate.npy") == bench.bytes("b-mate.npy"))
        #expect(try bench.bytes("a-mate-truth.npy") == bench.bytes("b-mate-truth.npy"))
        #expect(try bench.bytes("a.npy") != bench.bytes("c.npy"))
    }

    @Test("more references begin with the same ones")
    func prefixes() throws {
        try data("--out", "few.npy")
        try bench("data", "-n", "700", "--out", "many.npy")
        #expect(try bench.rows("many.npy").prefix(600) == bench.rows("few.npy")[...])
    }

    @Test(
        "every kind is of length 1, and its truth that of a plain comparison",
        arguments: ["dlib-resnet", "margin-softmax", "people", "uniform", "clusters", "duplicates", "equal"])
    func truth(kind: String) throws {
        try data("--kind", kind, "--out", "base.npy", "--probes", "mate.npy", "--non-mated", "x.npy")
        let base = try bench.rows("base.npy")
        #expect(base.count == 600 && base.allSatisfy { abs(product($0, $0) - 1) < 1e-5 })
        for name in ["mate", "x"] {
            let probes = try bench.rows("\(name).npy")
            let truth = try NpyIntegers(path: bench.folder.file("\(name)-truth.npy"))
            #expect(truth.rows == 40 && truth.columns == 12 && probes.count == 40)
            for (probe, row) in probes.enumerated() {
                let similarities = base.map { product($0, row) }
                let found = truth[probe].map { similarities[Int($0)] }
                let best = similarities.sorted(by: >).prefix(12)
                #expect(Set(truth[probe]).count == 12)
                #expect(zip(found, best).allSatisfy { abs($0 - $1) < 2e-6 })
            }
        }
    }

    @Test(
        "face-like data have the similarities of their network",
        arguments: [
            ("dlib-resnet", 0.952, 0.833), ("margin-softmax", 0.66, 0.004),
        ])
    func faces(kind: String, mate: Double, others: Double) throws {
        try data("--kind", kind, "--out", "base.npy", "--probes", "mate.npy")
        let (base, probes) = (try bench.rows("base.npy"), try bench.rows("mate.npy"))
        // The mates of 40 probes stand evenly among 600 references.
        let mates = probes.indices.map { product(probes[$0], base[$0 * 15]) }
        let strangers = base.indices.dropLast().map { product(base[$0], base[$0 + 1]) }
        #expect(abs(mates.reduce(0, +) / 40 - mate) < 0.03)
        #expect(abs(strangers.reduce(0, +) / 599 - others) < 0.03)
    }

    @Test("real people stand among the references, and the probes are their photos")
    func realPeople() throws {
        let photos: [[Float]] = (0..<9).map { photo in (0..<128).map { $0 == photo ? 1 : 0 } }
        let writer = try NpyMatrixWriter(path: bench.folder.file("lfw-dev.npy"), columns: 128)
        for photo in photos { try writer.append(photo) }
        try writer.finish()
        let names = try NamesWriter(path: bench.folder.file("lfw-dev.txt"))
        for name in ["A/1", "A/2", "A/3", "A/4", "A/5", "B/1", "B/2", "C/1", "D/1"] { try names.append(name) }
        try names.finish()
        try data("--photos", ".", "--out", "base.npy", "--probes", "mate.npy", "--non-mated", "x.npy")
        let base = try bench.rows("base.npy")
        #expect(base.count { $0 == photos[0] } == 1 && base.count { $0 == photos[5] } == 1)
        #expect(!base.contains(photos[1]) && !base.contains(photos[7]))
        #expect(try bench.rows("mate.npy") == [photos[1], photos[2], photos[3], photos[6]])
        #expect(try bench.rows("x.npy") == [photos[7], photos[8]])
    }
}
