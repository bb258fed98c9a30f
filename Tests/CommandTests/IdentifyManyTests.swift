import Foundation
import TestSupport
import Testing

@Suite("Answers about many photos")
struct IdentifyManyTests {
    private let test: PatternGallery
    private var run: Facegallery { test.facegallery }

    init() throws {
        test = try PatternGallery()
        try test.drawPeople(photos: 6)
        try test.draw(0, copy: 1, as: "album/a.ppm")
        try test.draw(40, as: "album/b.ppm")
        try test.folder.write(Array("no photo".utf8), to: "broken.jpg")
        #expect(try test.facegallery("enroll", "-g", "g", "people").exitCode == 0)
    }

    @Test("are a line a face with a summary at the end, and all candidates with --verbose")
    func lines() throws {
        let result = try run("identify", "-g", "g", "album", "broken.jpg")
        #expect(result.exitCode == 65)
        #expect(result.lines.count == 2)
        #expect(result.lines[0].hasPrefix("album/a.ppm") && result.lines[0].contains("match: Person 0  1.0000"))
        #expect(result.lines[1].contains("unknown"))
        #expect(
            result.err.contains(
                "3 photos, 2 faces: 1 matched, 1 unknown, 0 ambiguous; 1 photo without an answer"),
            "\(result.err)")
        let one = try run("identify", "-g", "g", "album/a.ppm")
        #expect(one.lines.count == 3 && one.err.isEmpty, "\(one.out) \(one.err)")
        #expect(try run("identify", "-g", "g", "album", "--verbose").lines.count == 6)
    }

    @Test("have a line of JSON, and a row of a table, for a photo without an answer, too")
    func tables() throws {
        let result = try run("identify", "-g", "g", "album", "broken.jpg", "--json", "--csv", "out.csv")
        let failure = try #require(try result.objects().last)
        #expect(failure["probe"] as? String == "broken.jpg" && failure["reason"] as? String == "unreadable")
        let rows = try String(contentsOfFile: test.folder.file("out.csv"), encoding: .utf8)
            .components(separatedBy: "\r\n")
        #expect(rows.count == 5 && rows[4].isEmpty)
        #expect(rows[0].hasPrefix("photo,left,top,width,height,decision,subject"))
        #expect(rows[1].hasPrefix("album/a.ppm,0,0,48,40,match,Person 0,"))
        #expect(rows[3].hasPrefix("broken.jpg,,,,,,,,,,,,") && rows[3].contains("broken.jpg: "))
        let mode = try FileManager.default.attributesOfItem(atPath: test.folder.file("out.csv"))[
            .posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    @Test("end with 1 for scripts if a face has no match")
    func failUnknown() throws {
        #expect(try run("identify", "-g", "g", "album", "--fail-unknown").exitCode == 1)
        #expect(try run("identify", "-g", "g", "album/a.ppm", "--fail-unknown").exitCode == 0)
        #expect(try run("identify", "-g", "g", "broken.jpg", "--fail-unknown").exitCode == 65)
        let verify = ["verify", "--network", "mynet/", "album/a.ppm", "album/b.ppm"]
        #expect(try run.run(verify).exitCode == 0)
        #expect(try run.run(verify + ["--fail-non-match"]).exitCode == 1)
    }

    @Test("of an empty gallery say that it is empty")
    func empty() throws {
        #expect(try run("create", "-g", "none", "--network", "mynet/").exitCode == 0)
        let result = try run("identify", "-g", "none", "album/a.ppm")
        #expect(result.exitCode == 0 && result.err.contains("the gallery is empty"), "\(result.err)")
    }

    @Test("a copy of each is drawn into a new folder, and a page shows every face; originals stay as they are")
    func drawn() throws {
        let before = try Data(contentsOf: URL(fileURLWithPath: test.folder.file("album/a.ppm")))
        let result = try run(
            "identify", "-g", "g", "album", "people/Person 1", "--draw", "drawn", "--report", "page")
        #expect(result.exitCode == 0, "\(result.err)")
        let drawn = try FileManager.default.contentsOfDirectory(atPath: test.folder.file("drawn")).sorted()
        #expect(drawn == ["3.ppm.jpg", "4.ppm.jpg", "5.ppm.jpg", "a.ppm.jpg", "b.ppm.jpg"])
        let jpeg = try Data(contentsOf: URL(fileURLWithPath: test.folder.file("drawn/a.ppm.jpg")))
        #expect(jpeg.starts(with: [0xFF, 0xD8]))
        let page = try String(contentsOfFile: test.folder.file("page/index.html"), encoding: .utf8)
        #expect(page.contains("Person 0") && page.contains("Person 1") && page.contains("Strangers"))
        #expect(page.components(separatedBy: "data:image/jpeg;base64,").count == 6)
        #expect(!page.contains("<script") && !page.contains("http:") && !page.contains("https:"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: test.folder.file("album/a.ppm"))) == before)
        for words in [
            ["--draw", "drawn"], ["--report", "page"], ["--draw", "new", "--report", "new"],
            ["--csv", "album/a.ppm"],
        ] {
            #expect(try run.run(["identify", "-g", "g", "album"] + words).exitCode == 64, "\(words)")
        }
    }

    @Test("names of subjects and photos cannot steer the page")
    func hostilePage() throws {
        try FileManager.default.createDirectory(
            atPath: test.folder.file("x"), withIntermediateDirectories: true)
        try test.draw(70, as: "x/<img src=x onerror=alert(1)>.ppm")
        #expect(
            try run(
                "enroll", "-g", "g", "--subject", "<script>alert('x')</script>\"&", "x"
            ).exitCode == 0)
        #expect(try run("identify", "-g", "g", "x", "--report", "page").exitCode == 0)
        let page = try String(contentsOfFile: test.folder.file("page/index.html"), encoding: .utf8)
        #expect(!page.contains("<script>alert") && !page.contains("<img src=x"))
        #expect(page.contains("&lt;script&gt;"))
    }

    @Test("probes on standard input are answered in their order, with the names they give themselves")
    func probes() throws {
        let rows = (0..<16).map { $0 == 3 ? "1" : "0.25" }.joined(separator: ",")
        let input = try test.folder.write(
            Array(
                """
                {"photo": "album/a.ppm", "id": "one"}
                {"embedding": [\(rows)]}
                {"photo": "none.ppm", "id": "three"}
                {"nothing": 1}
                {"photo": "album/b.ppm"}

                """.utf8), to: "probes.jsonl")
        let result = try run.run(["identify", "-g", "g", "--probes", "-", "--json"], input: input)
        #expect(result.exitCode == 65)
        let lines = try result.objects()
        #expect(lines.map { $0["probe"] as? String } == ["album/a.ppm", "2", "none.ppm", "4", "album/b.ppm"])
        #expect(lines.map { $0["id"] as? String } == ["one", nil, "three", nil, nil])
        #expect(lines[0]["decision"] as? String == "match")
        #expect(lines[2]["reason"] as? String == "unreadable" && lines[3]["reason"] as? String == "bad_entry")
    }
}
