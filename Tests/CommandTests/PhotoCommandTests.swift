import FaceImage
import Foundation
import TestSupport
import Testing

@Suite(
    "Commands on photos", .enabled(if: Facegallery.hasModels, "the models are fetched by make setup"))
struct PhotoCommandTests {
    let folder: TemporaryFolder
    let facegallery: Facegallery

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
        #expect(try facegallery("create", "-g", "g").exitCode == 0)
    }

    private func portrait(_ name: String, as path: String) throws {
        let target = folder.file(path)
        try FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: target).deletingLastPathComponent().path,
            withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Facegallery.portrait(name), toPath: target)
    }

    @Test(
        "a folder a person and files named after persons are enrolled, others of them are found, a stranger not"
    )
    func photosInNamesOut() throws {
        try portrait("obama.jpg", as: "people/Barack Obama/official.jpg")
        try portrait("obama2.jpg", as: "people/Barack Obama_0002.jpg")
        try folder.write(Array("notes".utf8), to: "people/notes.txt")
        let enrolled = try facegallery("enroll", "-g", "g", "--json", "people")
        #expect(enrolled.exitCode == 0, "\(enrolled.err)")
        #expect(
            try enrolled.objects().compactMap { $0["subject"] as? String } == ["Barack Obama", "Barack Obama"])

        let found = try facegallery("identify", "-g", "g", "--json", Facegallery.portrait("obama3.jpg"))
        let answer = try #require(try found.objects().first)
        #expect(answer["decision"] as? String == "match")
        #expect(answer["threshold"] as? Double == 0.49)
        let candidates = answer["candidates"] as? [[String: Any]] ?? []
        #expect(candidates.count == 1)
        #expect(candidates.first?["subject"] as? String == "Barack Obama")
        let face = try #require(answer["face"] as? [String: Any])
        #expect((face["box"] as? [Int])?.count == 4)
        #expect(face["score"] as? Double ?? 0 > 0)

        let stranger = try facegallery("identify", "-g", "g", "--json", Facegallery.portrait("biden.jpg"))
        #expect(try stranger.objects().first?["decision"] as? String == "unknown")
        #expect(try facegallery("check", "-g", "g").exitCode == 0)
    }

    @Test("links in a circle, bad names and bad photos in a folder cost themselves alone")
    func awkwardFolder() throws {
        try portrait("obama.jpg", as: "people/Barack Obama/a.jpg")
        try portrait("biden.jpg", as: "people/new\nline/a.jpg")
        try folder.write(Array("no photo".utf8), to: "people/Barack Obama/b.jpg")
        for (link, target) in [("people/self", "."), ("people/Barack Obama/up", "..")] {
            try FileManager.default.createSymbolicLink(atPath: folder.file(link), withDestinationPath: target)
        }
        let result = try facegallery("enroll", "-g", "g", "people")
        #expect(result.exitCode == 0, "\(result.err)")
        #expect(result.lines == ["enrolled  Barack Obama  people/Barack Obama/a.jpg"])
        #expect(result.err.contains("1 photo enrolled, 0 enrolled before, 2 refused"), "\(result.err)")
        #expect(result.err.contains(#"people/new\nline/a.jpg"#), "\(result.err)")
        #expect(try facegallery("identify", "-g", "g", "people").exitCode == 0)
        #expect(try facegallery("identify", "-g", "g", "-", "-").exitCode == 64)
        #expect(try facegallery("enroll", "-g", "g", "-").exitCode == 64)
    }

    @Test("a photo comes from standard input, and the answer says so")
    func standardInput() throws {
        let portrait = Facegallery.portrait("biden.jpg")
        let enrolled = try facegallery("enroll", "-g", "g", "--subject", "Joe Biden", "-", input: portrait)
        #expect(enrolled.exitCode == 0, "\(enrolled.err)")
        let answer = try facegallery("identify", "-g", "g", "--json", "-", input: portrait).objects().first
        #expect(answer?["probe"] as? String == "-")
        #expect(answer?["decision"] as? String == "match")
    }

    @Test("two photos are verified against one another, and one against a subject")
    func verify() throws {
        let (first, second, other) = (
            Facegallery.portrait("obama.jpg"), Facegallery.portrait("obama2.jpg"),
            Facegallery.portrait("biden.jpg")
        )
        #expect(
            try facegallery("verify", "--json", first, second).objects().first?["decision"] as? String
                == "match")
        #expect(
            try facegallery("verify", "--json", first, other).objects().first?["decision"] as? String
                == "non-match")
        #expect(try facegallery("enroll", "-g", "g", "--subject", "Obama", first).exitCode == 0)
        let subject = try facegallery("verify", "-g", "g", "--subject", "Obama", "--json", second).objects()
            .first
        #expect(subject?["decision"] as? String == "match")
        #expect(try facegallery("verify", "-g", "g", "--subject", "Nobody", second).exitCode == 66)
    }

    @Test("templates of photos are written with their paths, and identify as the photos do")
    func embed() throws {
        try portrait("obama.jpg", as: "people/a.jpg")
        try portrait("biden.jpg", as: "people/b.jpg")
        let embedded = try facegallery("embed", "people", "--out", "x.npy", "--names", "x.txt")
        #expect(embedded.exitCode == 0, "\(embedded.err)")
        #expect(
            try String(contentsOfFile: folder.file("x.txt"), encoding: .utf8) == "people/a.jpg\npeople/b.jpg\n")
        #expect(try facegallery("enroll", "-g", "g", "people").exitCode == 0)
        let answers = try facegallery("identify", "-g", "g", "--embeddings", "x.npy", "--json").objects()
        let similarities = answers.compactMap {
            ($0["candidates"] as? [[String: Any]])?.first?["similarity"] as? Double
        }
        #expect(similarities.count == 2 && similarities.allSatisfy { $0 > 0.9999 })
    }

    @Test("while one process enrols, another's answers include what was told to be enrolled")
    func twoProcesses() throws {
        let photos = try SmallPortraits.write(24, into: folder.file("people"))
        let writer = Process()
        writer.executableURL = URL(fileURLWithPath: Facegallery.path)
        writer.arguments = ["enroll", "-g", "g", "--json", "people"]
        writer.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        let out = folder.file("told")
        try Data().write(to: URL(fileURLWithPath: out))
        writer.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: out))
        writer.standardError = FileHandle.nullDevice
        try writer.run()
        defer { writer.waitUntilExit() }
        var largestSeen = 0
        while writer.isRunning {
            let told = try String(contentsOfFile: out, encoding: .utf8).split(separator: "\n")
                .count { $0.contains("\"enrolled\",") || $0.contains("\"status\":\"enrolled\"") }
            let stats = try facegallery("stats", "-g", "g", "--json")
            #expect(stats.exitCode == 0, "\(stats.err)")
            let references = try stats.objects().first?["references"] as? Int ?? -1
            #expect(references >= told)
            largestSeen = max(largestSeen, references)
            let answer = try facegallery("identify", "-g", "g", "--json", Facegallery.portrait("obama.jpg"))
            #expect(answer.exitCode == 0, "\(answer.err)")
            if told == photos {
                #expect(try answer.objects().first?["decision"] as? String == "match")
            }
        }
        writer.waitUntilExit()
        #expect(writer.terminationStatus == 0)
        let answer = try facegallery("identify", "-g", "g", "--json", Facegallery.portrait("obama.jpg"))
        #expect(try answer.objects().first?["decision"] as? String == "match")
    }

    @Test("a reader that goes away ends the job quietly, and nothing told is lost")
    func brokenPipe() throws {
        _ = try SmallPortraits.write(8, into: folder.file("people"))
        let script = "\"$0\" enroll -g g people | head -n 1"
        let piped = try facegallery.run(["-c", script, Facegallery.path], program: "/bin/sh")
        #expect(piped.lines.count == 1)
        #expect(!piped.err.contains("Fatal"))
        #expect(try facegallery("check", "-g", "g").exitCode == 0)
    }
}
