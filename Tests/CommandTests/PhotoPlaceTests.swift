import Foundation
import Gallery
import GalleryModel
import Glibc
import Network
import Testing
import TestSupport

/// A photo is known by where it is, and not by how its path is written.
@Suite("The place of a photo")
struct PhotoPlaceTests {
    private let gallery: PatternGallery

    init() throws { gallery = try PatternGallery() }

    private func enroll(_ words: String..., from folder: String = ".") throws -> [String: Any] {
        let result = try gallery.facegallery.run(
            ["-c", "cd \"$0\" && shift && exec \"$@\"", folder, "", Facegallery.path, "enroll", "--json", "-g"]
                + [gallery.folder.file("g")] + words, program: "/bin/bash")
        #expect([0, 65].contains(result.exitCode), "\(result.err)")
        return try gallery.summary(result)
    }

    /// The names of the files that references of Ada came from, by id, with the folder if it is not `people/Ada`.
    private func sources() throws -> [Int: String] {
        let root = URL(fileURLWithPath: gallery.folder.path).resolvingSymlinksInPath().path
        var sources: [Int: String] = [:]
        for reference in try gallery.references(of: "Ada") {
            let source = try #require(reference["source"] as? String)
            #expect(source.hasPrefix(root + "/"), "\(source)")
            sources[try #require(reference["reference"] as? Int)] = String(source.dropFirst(root.count + 1))
        }
        return sources
    }

    private func move(_ from: String, _ to: String) throws {
        #expect(unsafe Glibc.rename(gallery.folder.file(from), gallery.folder.file(to)) == 0)
    }

    @Test("two photos with one relative path, in two folders, are two references")
    func sameRelativePath() throws {
        for (number, year) in ["2023", "2024"].enumerated() {
            try gallery.draw(number, as: "\(year)/Ada/1.ppm")
            #expect(try enroll(".", from: year)["enrolled"] as? Int == 1)
        }
        #expect(try sources() == [1: "2023/Ada/1.ppm", 2: "2024/Ada/1.ppm"])
        #expect(try enroll("2023", "./2024")["present"] as? Int == 2)
    }

    @Test(
        "a photo that was put right is replaced, however its path is written this time",
        arguments: ["./people", "people//", "other/../people", "link", "link/../link", "/", "people/Ada/1.ppm"])
    func writtenOtherwise(path: String) throws {
        try gallery.draw(1, as: "people/Ada/1.ppm")
        try gallery.draw(9, as: "other/Bo.ppm")
        try FileManager.default.createSymbolicLink(
            atPath: gallery.folder.file("link"), withDestinationPath: "people")
        #expect(try enroll("people")["enrolled"] as? Int == 1)
        try gallery.draw(2, as: "people/Ada/1.ppm")
        let words = path == "/" ? [gallery.folder.file("people")] : [path]
        let again = try gallery.summary(
            gallery.facegallery.run(["enroll", "-g", "g", "--json", "--subject", "Ada"] + words))
        #expect(again["replaced"] as? Int == 1)
        #expect(try sources() == [2: "people/Ada/1.ppm"])
    }

    @Test("a folder that was moved takes its references along, so that a later change replaces them")
    func movedFolder() throws {
        for number in 1...3 { try gallery.draw(number, as: "people/Ada/\(number).ppm") }
        _ = try enroll("people")
        try move("people", "moved")
        let moved = try enroll("moved")
        #expect(moved["present"] as? Int == 3)
        #expect(moved["updated"] as? Int == 3)
        #expect(try sources() == [1: "moved/Ada/1.ppm", 2: "moved/Ada/2.ppm", 3: "moved/Ada/3.ppm"])
        #expect(try enroll("moved")["updated"] as? Int == 0)
        try gallery.draw(7, as: "moved/Ada/1.ppm")
        #expect(try enroll("moved")["replaced"] as? Int == 1)
        #expect(try sources() == [2: "moved/Ada/2.ppm", 3: "moved/Ada/3.ppm", 4: "moved/Ada/1.ppm"])
    }

    @Test("a gallery with paths as they were typed goes on, and gets the places they stand for")
    func typedSources() throws {
        for number in 1...2 { try gallery.draw(number, as: "people/Ada/\(number).ppm") }
        var references: [NewReference] = []
        for (number, source) in [(1, "people/Ada/1.ppm"), (2, "./people//Ada/2.ppm")] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: gallery.folder.file(source)))
            var template = [Float](repeating: 0, count: 16)
            template[number] = 1
            references.append(
                NewReference(
                    subject: "Ada", source: source, sourceDigest: SHA256.digest(of: Array(bytes)),
                    metadata: ["city": "London"], template: template))
        }
        _ = try FaceGallery(at: gallery.folder.file("g")).enroll(references)
        try gallery.draw(3, as: "people/Ada/2.ppm")
        let again = try enroll("people")
        #expect(again["present"] as? Int == 1)
        #expect(again["updated"] as? Int == 1)
        #expect(again["replaced"] as? Int == 1)
        #expect(try sources() == [1: "people/Ada/1.ppm", 3: "people/Ada/2.ppm"])
        #expect(
            try gallery.references(of: "Ada").first?["metadata"] as? [String: String] == ["city": "London"])
        #expect(try enroll("people")["updated"] as? Int == 0)
    }

    @Test("photos that are renumbered keep their references, whichever new one comes to an old name")
    func renumbered() throws {
        for number in 1...3 { try gallery.draw(number, as: "people/Ada/\(number).ppm") }
        _ = try enroll("people")
        for number in (1...3).reversed() {
            try move("people/Ada/\(number).ppm", "people/Ada/\(number + 1).ppm")
        }
        try gallery.draw(9, as: "people/Ada/1.ppm")
        let again = try enroll("people")
        #expect(again["enrolled"] as? Int == 1)
        #expect(again["present"] as? Int == 3)
        #expect(again["replaced"] as? Int == 0)
        #expect(
            try sources() == [
                1: "people/Ada/2.ppm", 2: "people/Ada/3.ppm", 3: "people/Ada/4.ppm", 4: "people/Ada/1.ppm",
            ])
    }

    @Test("two photos that change names keep their references")
    func exchanged() throws {
        for number in 1...2 { try gallery.draw(number, as: "people/Ada/\(number).ppm") }
        _ = try enroll("people")
        try move("people/Ada/1.ppm", "people/Ada/x")
        try move("people/Ada/2.ppm", "people/Ada/1.ppm")
        try move("people/Ada/x", "people/Ada/2.ppm")
        #expect(try enroll("people")["present"] as? Int == 2)
        #expect(try sources() == [1: "people/Ada/2.ppm", 2: "people/Ada/1.ppm"])
    }

    @Test("a right photo that is moved onto a wrong one replaces it, unless the old one is to stay")
    func movedOnto() throws {
        for number in 1...2 { try gallery.draw(number, as: "people/Ada/\(number).ppm") }
        _ = try enroll("people")
        try move("people/Ada/2.ppm", "people/Ada/1.ppm")
        #expect(try enroll("people", "--on-change", "add", "--dry-run")["present"] as? Int == 1)
        #expect(try enroll("people")["replaced"] as? Int == 1)
        #expect(try sources() == [2: "people/Ada/1.ppm"])
    }

    @Test("a photo whose reference this job has removed for another is enrolled again")
    func removedMeanwhile() throws {
        try gallery.draw(1, as: "a.ppm")
        #expect(try enroll("--subject", "Ada", "a.ppm")["enrolled"] as? Int == 1)
        try move("a.ppm", "b.ppm")
        try gallery.draw(2, as: "a.ppm")
        let job = try SlowManifest(gallery)
        try job.write("path,subject\na.ppm,Ada\n")
        try job.waitForLines(1)
        #expect(try sources() == [2: "a.ppm"])
        try job.write("b.ppm,Ada\n")
        let (exitCode, _, said) = try job.end()
        #expect(exitCode == 0, "\(said)")
        #expect(try sources() == [2: "a.ppm", 3: "b.ppm"])
    }

    @Test("a second name of one file is that photo; a copy is a duplicate that names the place of the other")
    func secondNames() throws {
        try gallery.draw(1, as: "people/Ada/1.ppm")
        _ = try enroll("people")
        let file = gallery.folder.file("people/Ada/1.ppm")
        #expect(unsafe link(file, gallery.folder.file("people/Ada/2.ppm")) == 0)
        #expect(try enroll("people")["present"] as? Int == 2)
        try FileManager.default.copyItem(atPath: file, toPath: gallery.folder.file("people/Ada/3.ppm"))
        let copied = try enroll("people", "--rejects", "r.jsonl")
        #expect(copied["reasons"] as? [String: Int] == ["duplicate_photo": 1])
        let line = try String(contentsOfFile: gallery.folder.file("r.jsonl"), encoding: .utf8)
        #expect(
            line.contains("/people/Ada/1.ppm") && line.contains("\"photo\":\"people/Ada/3.ppm\""), "\(line)")
        #expect(try sources() == [1: "people/Ada/1.ppm"])
    }
}
