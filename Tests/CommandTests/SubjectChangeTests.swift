import Foundation
import TestSupport
import Testing

@Suite("Changes of subjects")
struct SubjectChangeTests {
    private let test: PatternGallery
    private var run: Facegallery { test.facegallery }

    init() throws {
        test = try PatternGallery()
        try test.drawPeople(photos: 9)
        try test.draw(20, as: "people/Ada Lovelace/1.ppm")
        #expect(try test.facegallery("enroll", "-g", "g", "people").exitCode == 0)
    }

    private func names() throws -> Set<String> {
        Set(try run("subjects", "-g", "g", "--json").objects().compactMap { $0["subject"] as? String })
    }

    @Test("a name that nobody has suggests the nearest, and does not keep the others")
    func suggestion() throws {
        let result = try run("remove", "-g", "g", "Person 0", "Ada Lovelaec", "Person 1")
        #expect(result.exitCode == 66)
        #expect(result.err.contains("did you mean 'Ada Lovelace'?"), "\(result.err)")
        #expect(try names() == ["Ada Lovelace", "Person 2"])
        for words in [
            ["subjects", "ada"], ["rename", "ADA LOVELACE", "X"], ["merge", "Lovelace", "Person 2"],
        ] {
            let result = try run.run([words[0], "-g", "g"] + words.dropFirst())
            #expect(result.exitCode == 66)
            #expect(result.err.contains("did you mean 'Ada Lovelace'?"), "\(words): \(result.err)")
        }
        #expect(try run("rename", "-g", "g", "Ada Lovelace", "Countess").exitCode == 0)
        #expect(try run("subjects", "-g", "g", "Ada Lovelace").err.contains("did you mean 'Countess'?"))
        #expect(try !run("subjects", "-g", "g", "Xyzzy").err.contains("did you mean"))
    }

    @Test("a dry run says what would be done, and does nothing")
    func dryRun() throws {
        let before = try names()
        let removed = try run("remove", "-g", "g", "--dry-run", "Person 0", "Ada Lovelace")
        #expect(removed.exitCode == 0)
        #expect(removed.err.contains("would have removed Person 0 with 3 references"))
        #expect(try run("rename", "-g", "g", "--dry-run", "Person 0", "Zoë").err.contains("would have renamed"))
        #expect(
            try run("merge", "-g", "g", "--dry-run", "Person 0", "Person 1").err.contains("would have merged"))
        #expect(try run("rename", "-g", "g", "--dry-run", "Person 0", "Person 1").exitCode != 0)
        #expect(try names() == before)
    }

    @Test("come from a file: names one per line, pairs with a tab between them")
    func fromFile() throws {
        try test.folder.write(Array("Person 0\nPerson 1\n".utf8), to: "leavers.txt")
        try test.folder.write(Array("Ada Lovelace\tCountess, the\r\nPerson 2\tZoë\r\n".utf8), to: "names.tsv")
        try test.folder.write(Array("Zoë\tCountess, the\n".utf8), to: "pairs.tsv")
        #expect(try run("remove", "-g", "g", "--from", "leavers.txt").exitCode == 0)
        #expect(try run("rename", "-g", "g", "--from", "names.tsv").exitCode == 0)
        #expect(try names() == ["Countess, the", "Zoë"])
        let merged = try run("merge", "-g", "g", "--from", "pairs.tsv", "--json")
        #expect(try merged.objects().first?["references"] as? Int == 3)
        #expect(try names() == ["Countess, the"])
        let bad = try run("rename", "-g", "g", "--from", "leavers.txt")
        #expect(bad.exitCode == 65)
        #expect(bad.err.contains("leavers.txt: line 1"))
        for words in [["remove", "x", "--from", "f"], ["merge", "a"], ["rename", "a", "b", "c"], ["remove"]] {
            #expect(try run.run([words[0], "-g", "g"] + words.dropFirst()).exitCode == 64, "\(words)")
        }
        #expect(try run("remove", "-g", "g", "--from", "none.txt").exitCode == 66)
    }
}
