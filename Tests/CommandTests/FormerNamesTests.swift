import Foundation
import TestSupport
import Testing

@Suite("Names that change")
struct FormerNamesTests {
    private let test: PatternGallery
    private var run: Facegallery { test.facegallery }

    init() throws {
        test = try PatternGallery()
        try test.drawPeople(photos: 9)
        #expect(try test.facegallery("enroll", "-g", "g", "people").exitCode == 0)
    }

    private func subjects() throws -> [String: Int] {
        Dictionary(
            uniqueKeysWithValues: try run("subjects", "-g", "g", "--json").objects().map {
                ($0["subject"] as? String ?? "", $0["references"] as? Int ?? 0)
            })
    }

    private func enrollAgain(_ words: String...) throws -> [String: Any] {
        let result = try run.run(["enroll", "-g", "g", "--json"] + words)
        return try test.summary(result)
    }

    @Test("a renamed or merged subject gets the photos of its old folder, and none of them twice")
    func again() throws {
        #expect(try run("rename", "-g", "g", "Person 0", "Zoë").exitCode == 0)
        #expect(try run("merge", "-g", "g", "Person 1", "Person 2").exitCode == 0)
        try test.draw(50, as: "people/Person 0/new.ppm")
        try test.draw(51, as: "people/Person 1/new.ppm")
        let summary = try enrollAgain("people")
        #expect(summary["enrolled"] as? Int == 2)
        #expect(summary["present"] as? Int == 9)
        #expect(try subjects() == ["Zoë": 4, "Person 2": 7])
        // A list of the old names means the same.
        try test.folder.write(Array("path,subject\npeople/Person 0/new.ppm,Person 0\n".utf8), to: "m.csv")
        #expect(try enrollAgain("--manifest", "m.csv")["present"] as? Int == 1)
    }

    @Test("a name that is typed is meant as it is, and the same photo is not enrolled for both")
    func typed() throws {
        #expect(try run("rename", "-g", "g", "Person 0", "Zoë").exitCode == 0)
        try test.draw(50, as: "new.ppm")
        let summary = try enrollAgain("--subject", "Person 0", "new.ppm", "people/Person 0")
        #expect(summary["enrolled"] as? Int == 1)
        #expect(summary["reasons"] as? [String: Int] == ["shared_photo": 3])
        #expect(try subjects()["Person 0"] == 1)
        // From now on the folder is that subject's, whose name it has.
        try test.draw(52, as: "people/Person 0/later.ppm")
        _ = try enrollAgain("people")
        #expect(try subjects() == ["Person 0": 2, "Zoë": 3, "Person 1": 3, "Person 2": 3])
    }

    @Test(
        "the same photo under another name is refused with both names, in a dry run too, unless that is asked for"
    )
    func sharedPhoto() throws {
        try FileManager.default.createDirectory(
            atPath: test.folder.file("other/Quill"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: test.folder.file("people/Person 0/0.ppm"), toPath: test.folder.file("other/Quill/a.ppm"))
        try test.draw(60, as: "other/Quill/b.ppm")
        try test.draw(60, as: "other/Rex/b.ppm")
        for words in [["--dry-run"], []] {
            let result = try run.run(["enroll", "-g", "g", "--json", "other"] + words)
            let summary = try test.summary(result)
            #expect(summary["enrolled"] as? Int == 1, "\(result.err)")
            #expect(summary["reasons"] as? [String: Int] == ["shared_photo": 2])
            #expect(result.err.contains("other/Quill/a.ppm: this photo is already enrolled for 'Person 0'"))
            #expect(result.err.contains("other/Rex/b.ppm: this photo is already enrolled for 'Quill'"))
            #expect(result.err.contains("merge"))
        }
        #expect(try subjects()["Rex"] == nil)
        #expect(try enrollAgain("other", "--shared-photos")["enrolled"] as? Int == 2)
        #expect(try subjects()["Rex"] == 1)
        // Two subjects with one photo become one: it is there once.
        let merged = try run("merge", "-g", "g", "Rex", "Quill", "--json")
        #expect(try merged.objects().first?["dropped"] as? Int == 1)
        #expect(merged.err.contains("same photos"))
        #expect(try subjects()["Quill"] == 2)
    }

    @Test("what is removed leaves no former name behind after compact")
    func compacted() throws {
        #expect(try run("rename", "-g", "g", "Person 0", "Wilhelmina Quartz").exitCode == 0)
        #expect(try run("rename", "-g", "g", "Wilhelmina Quartz", "Zoë").exitCode == 0)
        #expect(try run("rename", "-g", "g", "Person 1", "Ferdinand Opal").exitCode == 0)
        #expect(try run("rename", "-g", "g", "Ferdinand Opal", "Yves").exitCode == 0)
        func holds(_ name: String) throws -> Bool {
            try Data(contentsOf: URL(fileURLWithPath: test.folder.file("g/data.mdb")))
                .range(of: Data(name.utf8)) != nil
        }
        #expect(try holds("Wilhelmina Quartz"))
        #expect(try run("remove", "-g", "g", "Zoë").exitCode == 0)
        #expect(try run("compact", "-g", "g").exitCode == 0)
        #expect(try !holds("Wilhelmina Quartz"))
        #expect(try holds("Ferdinand Opal"))
        #expect(try run("check", "-g", "g").exitCode == 0)
        #expect(try enrollAgain("people")["present"] as? Int == 6)
    }

    @Test("two subjects whose names look the same are noticed, once, in a dry run too")
    func lookalikes() throws {
        try test.draw(80, as: "more/person_0/a.ppm")
        try test.draw(81, as: "more/person_0/b.ppm")
        try test.draw(82, as: "more/Zoë/a.ppm")
        try test.draw(83, as: "more/ZOË/a.ppm")
        try test.draw(84, as: "more/Person 10/a.ppm")
        for words in [["--dry-run"], []] {
            let result = try run.run(["enroll", "-g", "g", "--json", "more"] + words)
            let similar = try result.objects().compactMap { $0["similarName"] as? String }
            #expect(Set(similar).count == 2 && similar.count == 2, "\(similar)")
            #expect(similar.contains("Person 0"))
            #expect(
                result.err.contains("'person_0' and 'Person 0' are two subjects, but their names look the same")
            )
        }
    }
}
