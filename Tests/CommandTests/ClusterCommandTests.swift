import Foundation
import Glibc
import TestSupport
import Testing
import VectorFiles
import Wire

/// `cluster` and `enroll --from-cluster`, with photos that are drawn and a network that takes them whole.
@Suite("Clusters of photos")
struct ClusterCommandTests {
    private let gallery: PatternGallery
    private var run: Facegallery { gallery.facegallery }
    private let network = ["--network", "mynet/"]

    init() throws { gallery = try PatternGallery() }

    /// Draws `count` copies of a picture, each another file.
    private func draw(_ pattern: Int, copies: Range<Int>, in folder: String) throws {
        for copy in copies { try gallery.draw(pattern, copy: copy, as: "\(folder)/\(pattern)-\(copy).ppm") }
    }

    private func faces(_ result: Facegallery.Result) throws -> [ClusteredFaceRecord] {
        #expect(result.exitCode == 0, "\(result.err)")
        return try result.lines.map { try WireFormat.decode(ClusteredFaceRecord.self, from: $0.utf8) }
    }

    private func list(_ folder: String) throws -> String {
        try String(contentsOfFile: gallery.folder.file("\(folder)/clusters.jsonl"), encoding: .utf8)
    }

    @Test("are numbered by size, and a face that stands alone has none")
    func numbers() throws {
        try draw(1, copies: 0..<2, in: "p")
        try draw(2, copies: 0..<3, in: "p")
        try draw(3, copies: 0..<1, in: "p")
        let found = try faces(run.run(["cluster", "p", "--json"] + network))
        #expect(found.map(\.cluster) == [1, 1, 1, 2, 2, nil])
        #expect(
            found.map { $0.photo?.split(separator: "-").first } == ["p/2", "p/2", "p/2", "p/1", "p/1", "p/3"])
        let words = try run.run(["cluster", "p"] + network)
        #expect(words.lines.first == "cluster 1: 3 faces in 3 photos")
        #expect(words.err.contains("6 faces: 5 in 2 clusters, 1 alone"))
    }

    @Test("are the same whether photos come at once, in another order, or later to a folder")
    func incremental() throws {
        for pattern in 0..<8 { try draw(pattern, copies: 0..<(1 + pattern % 4), in: "p") }
        #expect(try run.run(["cluster", "p", "--out", "once"] + network).exitCode == 0)
        let photos = try FileManager.default.contentsOfDirectory(atPath: gallery.folder.file("p")).map {
            "p/" + $0
        }
        var generator = SeededGenerator(seed: 1)
        let mixed = photos.shuffled(using: &generator)
        #expect(try run.run(["cluster"] + mixed + ["--out", "mixed"] + network).exitCode == 0)
        for part in [mixed[..<5], mixed[5..<6], mixed[3...]] {
            #expect(try run.run(["cluster"] + part + ["--out", "grown"] + network).exitCode == 0)
        }
        #expect(try list("once").split(separator: "\n").count == photos.count)
        #expect(try list("mixed") == list("once"))
        #expect(try list("grown") == list("once"))
        // All is known: nothing is looked at again.
        let again = try run.run(["cluster", "p", "--out", "grown"] + network)
        #expect(again.err.contains("\(photos.count) known before"), "\(again.err)")
        // With another similarity the same photos are grouped anew.
        let strict = try run.run(["cluster", "p", "--out", "grown", "--min-similarity", "0"] + network)
        #expect(strict.exitCode == 0 && strict.err.contains("in 1 cluster"), "\(strict.err)")
    }

    @Test("have a folder each with the pictures of their faces, which only the owner can open")
    func folders() throws {
        try draw(1, copies: 0..<2, in: "p")
        try draw(2, copies: 0..<3, in: "p")
        #expect(try run.run(["cluster", "p", "--out", "out"] + network).exitCode == 0)
        let files = FileManager.default
        func names(_ path: String) throws -> [String] {
            try files.contentsOfDirectory(atPath: gallery.folder.file(path)).sorted()
        }
        #expect(try names("out/clusters") == ["0001", "0002"])
        #expect(try names("out/clusters/0001").count == 3)
        #expect(try names("out/faces").count == 5)
        for name in ["out", "out/faces", "out/clusters", "out/clusters/0001"] {
            #expect(
                try files.attributesOfItem(atPath: gallery.folder.file(name))[.posixPermissions] as? Int
                    == 0o700)
        }
        for name in ["out/clusters.state", "out/clusters.jsonl", "out/faces/" + (try names("out/faces"))[0]] {
            #expect(
                try files.attributesOfItem(atPath: gallery.folder.file(name))[.posixPermissions] as? Int
                    == 0o600)
        }
        // A file that the user put there stays, and folders of clusters that are gone go.
        try gallery.folder.write([1], to: "out/clusters/0002/mine.txt")
        try draw(1, copies: 2..<5, in: "p")
        #expect(try run.run(["cluster", "p", "--out", "out"] + network).exitCode == 0)
        #expect(try names("out/clusters/0001").count == 5)
        #expect(try names("out/clusters/0002").contains("mine.txt"))
        #expect(try names("out/clusters/0002").count == 4)
    }

    @Test("become references with a name, once")
    func enrolled() throws {
        try draw(1, copies: 0..<3, in: "p")
        try draw(2, copies: 0..<2, in: "p")
        #expect(try run.run(["cluster", "p", "--out", "out", "-g", "g"]).exitCode == 0)
        let words = [
            "enroll", "-g", "g", "--from-cluster", "out", "--cluster", "1", "--subject", "Ada", "--json",
        ]
        let first = try gallery.summary(run.run(words))
        #expect(first["enrolled"] as? Int == 3, "\(first)")
        let again = try gallery.summary(run.run(words))
        #expect(again["enrolled"] as? Int == 0 && again["present"] as? Int == 3, "\(again)")
        #expect(try gallery.references(of: "Ada").count == 3)
        // Who is known now is no stranger any more.
        let left = try faces(run.run(["cluster", "p", "-g", "g", "--unknown", "--json"]))
        #expect(left.map(\.cluster) == [1, 1] && left.allSatisfy { $0.photo?.hasPrefix("p/2") == true })
    }

    @Test("are not enrolled from a photo that has changed, a cluster that is not there, or without a name")
    func notEnrolled() throws {
        try draw(1, copies: 0..<2, in: "p")
        #expect(try run.run(["cluster", "p", "--out", "out", "-g", "g"]).exitCode == 0)
        let words = ["enroll", "-g", "g", "--from-cluster", "out"]
        for (more, text) in [
            ["--subject", "Ada"]: "--from-cluster needs --cluster", ["--cluster", "1"]: "--subject",
            ["--cluster", "9", "--subject", "Ada"]: "has no cluster 9; its clusters are 1 to 1",
            ["--cluster", "1", "--subject", "Ada", "p"]: "use --from-cluster without photos",
        ] {
            let result = try run.run(words + more)
            #expect(result.exitCode == 64 && result.err.contains(text), "\(result.err)")
        }
        #expect(try run.run(["enroll", "-g", "g", "--cluster", "1", "p"]).exitCode == 64)
        try gallery.draw(5, copy: 9, as: "p/1-0.ppm")
        let result = try run.run(words + ["--cluster", "1", "--subject", "Ada", "--json"])
        #expect(result.out.contains("the photo has changed since its faces were grouped"), "\(result.out)")
        #expect(try gallery.summary(result)["enrolled"] as? Int == 1)
        try gallery.folder.write(Array("{\"cluster\":1}\n".utf8), to: "out/clusters.jsonl")
        let damaged = try run.run(words + ["--cluster", "1", "--subject", "Ada"])
        #expect(damaged.exitCode == 65 && damaged.err.contains("line 1"), "\(damaged.err)")
    }

    @Test("of given templates are told by their rows, and a row that is no template is named")
    func templates() throws {
        var generator = SeededGenerator(seed: 4)
        let (one, other) = (generator.unitVector(16), generator.unitVector(16))
        let writer = try NpyMatrixWriter(path: gallery.folder.file("x.npy"), columns: 16)
        for row in [one, other, one, [Float](repeating: .nan, count: 16), [Float](repeating: 0, count: 16)] {
            try writer.append(row)
        }
        try writer.finish()
        let unnamed = try run("cluster", "--embeddings", "x.npy")
        #expect(
            unnamed.exitCode == 64 && unnamed.err.contains("use --network or --min-similarity"),
            "\(unnamed.err)")
        let result = try run("cluster", "--embeddings", "x.npy", "--min-similarity", "0.9", "--json")
        #expect(result.exitCode == 65)
        #expect(
            result.lines == [
                "{\"cluster\":1,\"row\":0}", "{\"cluster\":1,\"row\":2}", "{\"cluster\":null,\"row\":1}",
            ])
        #expect(result.err.contains("row 3") && result.err.contains("row 4"))
    }

    @Test("are refused with a reason for arguments that do not go together")
    func badArguments() throws {
        try draw(1, copies: 0..<2, in: "p")
        try FileManager.default.createDirectory(
            atPath: gallery.folder.file("full"), withIntermediateDirectories: true)
        try gallery.folder.write([1], to: "full/mine.txt")
        for (arguments, text) in [
            (["p", "--unknown"], "--unknown needs a gallery"), ([], "missing argument"),
            (["p", "-g", "g"] + network, "use -g or --network"),
            (["p", "--embeddings", "x.npy"], "use --embeddings or photos"),
            (["--embeddings", "x.npy", "--out", "o"], "--out is only for photos"),
            (["--embeddings", "x.npy", "--detector", "dlib"], "are only for photos"),
            (["-"], "not standard input"), (["p", "--min-similarity", "-0.5"] + network, "from 0.0 to 1.0"),
            (["p", "--out", "p/out"] + network, "--out is inside p"),
            (["p", "--out", "g"] + network, "was not made by cluster"),
            (["p", "--out", "g/out"] + network, "is inside the gallery"),
            (["p", "--out", "full"] + network, "was not made by cluster"),
        ] {
            let result = try run.run(["cluster"] + arguments)
            #expect(result.exitCode == 64 && result.err.contains(text), "\(arguments): \(result.err)")
        }
        #expect(try run.run(["cluster", "none.jpg"] + network).exitCode == 66)
    }

    @Test("are not made of a damaged state, or of templates of another network")
    func damagedState() throws {
        try draw(1, copies: 0..<3, in: "p")
        let words = ["cluster", "p", "--out", "out"]
        #expect(try run.run(words + network).exitCode == 0)
        let path = gallery.folder.file("out/clusters.state")
        let good = [UInt8](try Data(contentsOf: URL(filePath: path)))
        try gallery.writeNetwork("other", to: "other", side: 32, dimension: 16, threshold: 0.9, seed: 2)
        let other = try run.run(words + ["--network", "other/"])
        #expect(
            other.exitCode == 64 && other.err.contains("network mine") && other.err.contains("network other"))
        for place in stride(from: 0, to: good.count, by: good.count / 40) {
            var bad = good
            bad[place] ^= 0x10
            try gallery.folder.write(bad, to: "out/clusters.state")
            let result = try run.run(words + network)
            #expect(result.exitCode == 65 && result.err.contains("is damaged"), "\(place): \(result.err)")
        }
        for length in [0, 11, good.count - 1] {
            try gallery.folder.write(Array(good[..<length]), to: "out/clusters.state")
            #expect(try run.run(words + network).exitCode == 65)
        }
        #expect(
            try run.run(["enroll", "-g", "g", "--from-cluster", "out", "--cluster", "1", "--subject", "A"])
                .exitCode == 0)
    }

    @Test(
        "of a run that is killed at any moment leave the old state or the new, and the next run ends it",
        .serialized, arguments: [0.02, 0.06, 0.12, 0.2])
    func killed(after seconds: Double) throws {
        for pattern in 0..<150 { try draw(pattern, copies: 0..<2, in: "p") }
        try draw(1, copies: 0..<2, in: "first")
        #expect(try run.run(["cluster", "first", "--out", "out"] + network).exitCode == 0)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Facegallery.path)
        process.arguments = ["cluster", "p", "--out", "out"] + network
        process.currentDirectoryURL = URL(fileURLWithPath: gallery.folder.path)
        process.standardError = FileHandle.nullDevice
        try process.run()
        usleep(UInt32(seconds * 1e6))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let ended = try run.run(["cluster", "p", "first", "--out", "out"] + network)
        #expect(ended.exitCode == 0, "\(ended.err)")
        #expect(try run.run(["cluster", "p", "first", "--out", "whole"] + network).exitCode == 0)
        #expect(try list("out") == list("whole"))
        let pictures = try FileManager.default.contentsOfDirectory(atPath: gallery.folder.file("out/faces"))
        #expect(pictures.count == 300)
    }

    @Test(
        "of a photo with several people lend only the face that is meant",
        .enabled(if: Facegallery.hasModels, "the models are fetched by make setup"))
    func severalFaces() throws {
        try FileManager.default.createDirectory(
            atPath: gallery.folder.file("p"), withIntermediateDirectories: true)
        try gallery.folder.write(
            [UInt8](Data(contentsOf: URL(filePath: Facegallery.portrait("obama.jpg")))), to: "p/a.jpg")
        try gallery.folder.write(
            [UInt8](Data(contentsOf: URL(filePath: Facegallery.portrait("obama2.jpg")))), to: "p/b.jpg")
        try SmallPortraits.writePair("obama3.jpg", "biden.jpg", to: gallery.folder.file("p/both.ppm"))
        #expect(try run("create", "-g", "real").exitCode == 0)
        let result = try run("cluster", "p", "-g", "real", "--out", "out")
        #expect(result.exitCode == 0, "\(result.err)")
        let found = try list("out").split(separator: "\n").map {
            try WireFormat.decode(ClusteredFaceRecord.self, from: $0.utf8)
        }
        #expect(found.map(\.cluster) == [1, 1, 1, nil])
        let enrolled = try run(
            "enroll", "-g", "real", "--from-cluster", "out", "--cluster", "1", "--subject", "Barack", "--json")
        #expect(try gallery.summary(enrolled)["enrolled"] as? Int == 3, "\(enrolled.out)\(enrolled.err)")
        let answers = try run(
            "identify", "-g", "real", "p/both.ppm", Facegallery.portrait("biden.jpg"), "--json"
        ).objects()
        let decisions = answers.compactMap { $0["decision"] as? String }
        #expect(decisions.sorted() == ["match", "unknown", "unknown"], "\(decisions)")
    }
}
