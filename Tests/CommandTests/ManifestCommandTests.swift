import Foundation
import TestSupport
import Testing

@Suite("Enrolling from a manifest")
struct ManifestCommandTests {
    private let gallery: PatternGallery

    init() throws {
        gallery = try PatternGallery()
        try gallery.draw(1, as: "photos/a, 1.ppm")
        try gallery.draw(2, as: "photos/b.ppm")
    }

    private func write(_ text: String, as name: String) throws {
        try gallery.folder.write(Array(text.utf8), to: name)
    }

    @Test("keeps the other columns, and subjects and identify give them back")
    func metadata() throws {
        try write(
            "subject,path,city,note\r\nAda,\"a, 1.ppm\",London,\"said \"\"yes\"\"\"\r\nBo,b.ppm,,\r\n",
            as: "photos/people.csv")
        let enrolled = try gallery.facegallery("enroll", "-g", "g", "--manifest", "photos/people.csv", "--json")
        #expect(enrolled.exitCode == 0, "\(enrolled.err)")
        let reference = try #require(try gallery.references(of: "Ada").first)
        #expect(reference["metadata"] as? [String: String] == ["city": "London", "note": "said \"yes\""])
        let source = reference["source"] as? String ?? ""
        #expect(source.hasPrefix("/") && source.hasSuffix("/photos/a, 1.ppm"), "\(source)")
        #expect(try gallery.references(of: "Bo").first?["metadata"] == nil)
        let text = try gallery.facegallery("subjects", "-g", "g", "Ada")
        #expect(text.out.contains("city=London, note=said \"yes\""), "\(text.out)")

        let probe = "photos/a, 1.ppm"
        let plain = try gallery.facegallery("identify", "-g", "g", "--json", probe)
        #expect(!plain.out.contains("metadata"))
        let answer = try gallery.facegallery("identify", "-g", "g", "--json", "--with-metadata", probe)
            .objects()
        let candidates = try #require(answer.first?["candidates"] as? [[String: Any]])
        #expect((candidates.first?["metadata"] as? [String: String])?["city"] == "London")
        #expect(candidates.last?["metadata"] as? [String: String] == [:])
        let shown = try gallery.facegallery("identify", "-g", "g", "--with-metadata", probe)
        #expect(shown.out.contains("Ada  (city=London"), "\(shown.out)")
    }

    @Test("on standard input is CSV or JSON Lines, with paths relative to the working directory")
    func standardInput() throws {
        try write("path,subject\nphotos/b.ppm,Bo\n", as: "in.csv")
        try write(#"{"path":"photos/a, 1.ppm","subject":"Ada","born":1815}"#, as: "in.jsonl")
        for file in ["in.csv", "in.jsonl"] {
            let result = try gallery.facegallery(
                "enroll", "-g", "g", "--manifest", "-", input: gallery.folder.file(file))
            #expect(result.exitCode == 0, "\(result.err)")
        }
        #expect(try gallery.references(of: "Ada").first?["metadata"] as? [String: String] == ["born": "1815"])
        #expect(try gallery.references(of: "Bo").count == 1)
    }

    @Test("run again passes over what is there, and takes over metadata that has changed")
    func changedMetadata() throws {
        try write("path,subject,city\nb.ppm,Bo,Bern\n", as: "photos/people.csv")
        let job = ["enroll", "-g", "g", "--manifest", "photos/people.csv", "--json"]
        #expect(try gallery.summary(gallery.facegallery.run(job))["enrolled"] as? Int == 1)
        let again = try gallery.summary(gallery.facegallery.run(job))
        #expect(again["present"] as? Int == 1)
        #expect(again["updated"] as? Int == 0)
        try write("path,subject,city\nb.ppm,Bo,Basel\n", as: "photos/people.csv")
        let changed = try gallery.summary(gallery.facegallery.run(job))
        #expect(changed["present"] as? Int == 1)
        #expect(changed["updated"] as? Int == 1)
        let references = try gallery.references(of: "Bo")
        #expect(references.count == 1)
        #expect(references.first?["metadata"] as? [String: String] == ["city": "Basel"])
        #expect(try gallery.facegallery("check", "-g", "g").exitCode == 0)
    }

    @Test("with bad rows enrols the good ones, and the rejects name line and reason")
    func badRows() throws {
        let long = String(repeating: "x", count: 70_000)
        try write(
            "path,subject,note\nb.ppm,Bo,\nb.ppm\nnone.ppm,Cy,\nb.ppm,,\nb.ppm,D\u{7},\nb.ppm,Long,\(long)\n",
            as: "photos/people.csv")
        let result = try gallery.facegallery(
            "enroll", "-g", "g", "--manifest", "photos/people.csv", "--rejects", "r.jsonl", "--json")
        #expect(result.exitCode == 0, "\(result.err)")
        #expect(try gallery.summary(result)["enrolled"] as? Int == 1)
        let lines = try String(contentsOfFile: gallery.folder.file("r.jsonl"), encoding: .utf8)
            .split(separator: "\n")
            .map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:] }
        #expect(lines.compactMap { $0["line"] as? Int } == [3, 4, 5, 6, 7])
        #expect(
            lines.compactMap { $0["reason"] as? String } == [
                "bad_entry", "unreadable", "bad_name", "bad_name", "bad_entry",
            ])
        let mode = try FileManager.default.attributesOfItem(atPath: gallery.folder.file("r.jsonl"))
        #expect(mode[.posixPermissions] as? Int == 0o600)
    }

    @Test("that breaks off keeps what came before, and names the line")
    func broken() throws {
        try write("path,subject\nb.ppm,Bo\n\"a, 1.ppm,Ada\n", as: "photos/people.csv")
        let result = try gallery.facegallery("enroll", "-g", "g", "--manifest", "photos/people.csv")
        #expect(result.exitCode == 65)
        #expect(result.err.contains("line 3"), "\(result.err)")
        #expect(try gallery.references(of: "Bo").count == 1)
    }

    @Test("and other words that exclude each other are refused before anything is read")
    func usage() throws {
        try write("path,subject\nb.ppm,Bo\n", as: "photos/people.csv")
        for words in [
            ["--manifest", "photos/people.csv", "photos"],
            ["--manifest", "photos/people.csv", "--subject", "Bo"],
            ["--manifest", "photos/people.txt"], ["--manifest", "photos/people.csv", "--min-face-score", "0"],
            ["--manifest", "photos/people.csv", "--min-similarity", "0.5"],
            ["--manifest", "photos/people.csv", "--rejects", "photos/people.csv"],
            ["--embeddings", "x.npy", "--subjects", "x.txt", "--max-yaw", "30"],
        ] {
            let result = try gallery.facegallery.run(["enroll", "-g", "g"] + words)
            #expect(result.exitCode == 64, "\(words): \(result.err)")
        }
        #expect(try gallery.facegallery("enroll", "-g", "g", "--manifest", "none.csv").exitCode == 66)
        #expect(
            try String(contentsOfFile: gallery.folder.file("photos/people.csv"), encoding: .utf8).count == 22)
    }
}
