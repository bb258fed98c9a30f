import Foundation
import TestSupport
import Testing

@Suite("Commands on given templates")
struct TemplateCommandTests {
    let folder: TemporaryFolder
    let facegallery: Facegallery

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
    }

    /// Makes a gallery of as many random templates as names.
    @discardableResult
    private func makeGallery(_ names: [String], dimension: Int = 16) throws -> [[Float]] {
        var generator = SeededGenerator(seed: 3)
        let rows = names.map { _ in generator.unitVector(dimension) }
        try folder.write(npy(rows), to: "x.npy")
        try folder.write(Array(names.joined(separator: "\n").utf8), to: "names.txt")
        #expect(try facegallery("create", "-g", "g", "--dimension", "\(dimension)").exitCode == 0)
        let result = try facegallery("enroll", "-g", "g", "--embeddings", "x.npy", "--subjects", "names.txt")
        #expect(result.exitCode == 0, "\(result.err)")
        return rows
    }

    @Test("enrolled templates are identified, as JSON Lines with the row as the probe")
    func roundTrip() throws {
        try makeGallery((0..<100).map { "subject \($0)" })
        let result = try facegallery(
            "identify", "-g", "g", "--embeddings", "x.npy", "-k", "3", "--min-similarity", "0.9", "--json")
        #expect(result.exitCode == 0, "\(result.err)")
        let answers = try result.objects()
        #expect(answers.count == 100)
        for (row, answer) in answers.enumerated() {
            #expect(answer["probe"] as? String == "\(row)")
            #expect(answer["decision"] as? String == "match")
            #expect(answer["threshold"] as? Double == 0.9)
            #expect(answer["face"] == nil)
            let candidates = answer["candidates"] as? [[String: Any]] ?? []
            #expect(candidates.count == 3)
            #expect(candidates.first?["subject"] as? String == "subject \(row)")
            #expect(candidates.first?["rank"] as? Int == 1)
            #expect(candidates.first?["reference"] as? Int == row + 1)
        }
    }

    @Test("without a threshold nothing matches, and the answer says null")
    func noThreshold() throws {
        try makeGallery(["Ada"])
        let result = try facegallery("identify", "-g", "g", "--embeddings", "x.npy", "--json")
        #expect(result.exitCode == 0)
        #expect(result.out.contains("\"threshold\":null") && result.out.contains("\"decision\":\"unknown\""))
        #expect(result.err.contains("give --min-similarity"))
    }

    @Test("a job that is run again enrols nothing twice")
    func rerun() throws {
        try makeGallery(["Ada", "Grace", "Ada"])
        let again = try facegallery(
            "enroll", "-g", "g", "--embeddings", "x.npy", "--subjects", "names.txt", "--json")
        let summary = try again.objects().last ?? [:]
        #expect(summary["enrolled"] as? Int == 0)
        #expect(summary["present"] as? Int == 3)
    }

    @Test("statistics name subjects, references, dimension, network and bytes")
    func stats() throws {
        try makeGallery(["Ada", "Grace", "Ada"])
        let stats = try facegallery("stats", "-g", "g", "--json").objects().first ?? [:]
        #expect(stats["subjects"] as? Int == 2)
        #expect(stats["references"] as? Int == 3)
        #expect(stats["dimension"] as? Int == 16)
        #expect(stats["network"] as? String == "given-templates")
        let files =
            FileManager.default.enumerator(atPath: folder.file("g/index"))?.compactMap { $0 as? String } ?? []
        let index = try files.map {
            try Data(contentsOf: URL(fileURLWithPath: folder.file("g/index/\($0)"))).count
        }
        #expect(!index.isEmpty)
        #expect(stats["bytes"] as? Int ?? 0 >= index.reduce(0, +) + 4096)
    }

    @Test("subjects are renamed, merged and removed, and check still passes")
    func subjectCommands() throws {
        try makeGallery(["Ada", "Grace", "Alan"])
        #expect(try facegallery("rename", "-g", "g", "Ada", "Ada Lovelace").exitCode == 0)
        #expect(try facegallery("merge", "-g", "g", "Alan", "Grace").exitCode == 0)
        #expect(try facegallery("subjects", "-g", "g").lines == ["1\tAda Lovelace", "2\tGrace"])
        #expect(try facegallery("remove", "-g", "g", "--reference", "2").exitCode == 0)
        #expect(try facegallery("remove", "-g", "g", "Ada Lovelace", "Nobody").exitCode == 66)
        let subjects = try facegallery("subjects", "-g", "g", "--json").objects()
        #expect(subjects.map { $0["subject"] as? String } == ["Grace"])
        let references = try facegallery("subjects", "-g", "g", "--json", "Grace").objects()
        #expect(references.map { $0["reference"] as? Int } == [3])
        #expect(references.first?["source"] as? String == "x.npy:2")
        #expect(try facegallery("subjects", "-g", "g", "Nobody").exitCode == 66)
        let check = try facegallery("check", "-g", "g", "--json")
        #expect(check.exitCode == 0)
        #expect(try check.objects().first?["references"] as? Int == 1)
        #expect(try facegallery("rename", "-g", "g", "Nobody", "X").exitCode == 66)
    }

    @Test("what is exported can be enrolled again, with the same answers")
    func export() throws {
        try makeGallery(["Ada", "Grace", "Ada", "Alan"])
        #expect(
            try facegallery(
                "export", "-g", "g", "--embeddings", "y.npy", "--subjects", "y.txt", "--faiss", "y.faiss"
            )
            .exitCode == 0)
        #expect(try facegallery("create", "-g", "h", "--dimension", "16").exitCode == 0)
        #expect(
            try facegallery("enroll", "-g", "h", "--embeddings", "y.npy", "--subjects", "y.txt").exitCode == 0)
        let before = try facegallery("identify", "-g", "g", "--embeddings", "x.npy", "--json")
        let after = try facegallery("identify", "-g", "h", "--embeddings", "x.npy", "--json")
        #expect(before.out == after.out)
        #expect(FileManager.default.fileExists(atPath: folder.file("y.faiss")))
    }

    @Test("the gallery of the environment is used where none is named")
    func environmentGallery() throws {
        try makeGallery(["Ada"])
        var program = facegallery
        program.environment["FACEGALLERY_GALLERY"] = folder.file("g")
        #expect(try program("subjects").lines == ["1\tAda"])
        #expect(try facegallery("subjects").exitCode == 64)
    }

    @Test("nothing of a gallery can be read by others")
    func privateFiles() throws {
        try makeGallery(["Ada"])
        let files = FileManager.default.enumerator(atPath: folder.file("g"))?.compactMap { $0 as? String } ?? []
        #expect(files.contains("data.mdb"))
        for file in files + ["."] {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.file("g/\(file)"))
            let mode = try #require(attributes[.posixPermissions] as? Int)
            #expect(mode & 0o077 == 0, "\(file) has mode \(String(mode, radix: 8))")
        }
    }

    @Test("a removed, damaged or foreign index is noticed, and made anew from the store")
    func indexIsDerived() throws {
        try makeGallery((0..<50).map { "s\($0)" })
        let expected = try facegallery("identify", "-g", "g", "--embeddings", "x.npy", "--json").out
        let index = folder.file("g/index")
        for file in try FileManager.default.contentsOfDirectory(atPath: index) {
            let path = "\(index)/\(file)"
            var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            guard !bytes.isEmpty else { continue }
            bytes[bytes.count / 2] ^= 0x10
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            #expect(try facegallery("check", "-g", "g").exitCode == 1, "\(file)")
            #expect(try facegallery("check", "-g", "g", "--repair").exitCode == 0, "\(file)")
            #expect(try facegallery("check", "-g", "g").exitCode == 0, "\(file)")
        }
        try FileManager.default.removeItem(atPath: index)
        #expect(try facegallery("identify", "-g", "g", "--embeddings", "x.npy", "--json").out == expected)
    }
}
