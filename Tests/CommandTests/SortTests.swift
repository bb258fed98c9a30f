import Foundation
import TestSupport
import Testing

@Suite("An album by person")
struct SortTests {
    private let test: PatternGallery
    private var run: Facegallery { test.facegallery }

    init() throws {
        test = try PatternGallery()
        try test.drawPeople(photos: 6)
        try test.draw(0, copy: 1, as: "album/2023/a.ppm")
        try test.draw(1, copy: 1, as: "album/2024/a.ppm")
        try test.draw(4, copy: 1, as: "album/2024/c.ppm")
        try test.draw(40, as: "album/2024/d.ppm")
        #expect(try test.facegallery("enroll", "-g", "g", "people").exitCode == 0)
        #expect(try test.facegallery("rename", "-g", "g", "Person 1", "../Eve/x").exitCode == 0)
    }

    private func tree(_ folder: String) throws -> Set<String> {
        let all = FileManager.default.enumerator(atPath: test.folder.file(folder))?.allObjects ?? []
        var files: Set<String> = []
        for case let name as String in all {
            let path = test.folder.file("\(folder)/\(name)")
            let type = try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
            if type != .typeDirectory { files.insert(name) }
        }
        return files
    }

    private func place(_ name: String) throws -> String {
        try #require(try tree("sorted").first { $0.hasSuffix("/" + name) })
    }

    @Test(
        "has a folder for each person and one for strangers, keeps photos of one name apart, and stays below its folder"
    )
    func sorted() throws {
        let result = try run("sort", "-g", "g", "album", "--into", "sorted")
        #expect(result.exitCode == 0, "\(result.err)")
        let files = try tree("sorted")
        #expect(files.count == 4)
        #expect(files.contains("Person 0/a.ppm") && files.contains("Person 0/a (2).ppm"))
        #expect(files.contains("_unknown/d.ppm"))
        let eve = try place("c.ppm")
        #expect(eve.contains("Eve_x") && eve.split(separator: "/").count == 2)
        #expect(!FileManager.default.fileExists(atPath: test.folder.file("Eve")))
        // Again: nothing new.
        let again = try run("sort", "-g", "g", "album", "--into", "sorted")
        #expect(again.err.contains("0 placed, 4 placed before"), "\(again.err)")
        #expect(try tree("sorted") == files)
        // What somebody changed in the album stays, and the photo gets a place of its own.
        try test.folder.write(Array("mine".utf8), to: "sorted/_unknown/d.ppm")
        #expect(
            try run("sort", "-g", "g", "album", "--into", "sorted").err.contains("1 placed, 3 placed before"))
        #expect(
            try String(contentsOfFile: test.folder.file("sorted/_unknown/d.ppm"), encoding: .utf8) == "mine")
        #expect(try tree("sorted").contains("_unknown/d (2).ppm"))
    }

    @Test(
        "is made of copies, links or symbolic links, each recognised again",
        arguments: ["--copy", "--link", "--symlink"])
    func placings(option: String) throws {
        let original = test.folder.file("album/2024/d.ppm")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_000_000_000)], ofItemAtPath: original)
        let before = try Data(contentsOf: URL(fileURLWithPath: original))
        #expect(try run("sort", "-g", "g", "album", "--into", "sorted", option).exitCode == 0)
        let placed = test.folder.file("sorted/_unknown/d.ppm")
        #expect(try Data(contentsOf: URL(fileURLWithPath: placed)) == before)
        let attributes = try FileManager.default.attributesOfItem(atPath: placed)
        switch option {
        case "--copy":
            #expect((attributes[.modificationDate] as? Date)?.timeIntervalSince1970 == 1_000_000_000)
            #expect(attributes[.referenceCount] as? Int == 1)
        case "--link": #expect(attributes[.referenceCount] as? Int == 2)
        default:
            let target = try FileManager.default.destinationOfSymbolicLink(atPath: placed)
            #expect(target.hasPrefix("/"))
        }
        let again = try run("sort", "-g", "g", "album", "--into", "sorted", option)
        #expect(again.err.contains("0 placed, 4 placed before"), "\(again.err)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: original)) == before)
    }

    @Test("is only told in a dry run, and is never in a folder whose photos are sorted, or in a gallery")
    func refused() throws {
        let dry = try run("sort", "-g", "g", "album", "--into", "sorted", "--dry-run", "--json")
        #expect(try dry.objects().count == 4)
        #expect(!FileManager.default.fileExists(atPath: test.folder.file("sorted")))
        for into in ["album", "album/2024/sorted", "./album/../album/x", "g", "g/sorted"] {
            let result = try run("sort", "-g", "g", "album", "--into", into)
            #expect(result.exitCode == 64, "\(into): \(result.err)")
        }
        #expect(try run("sort", "-g", "g", "album", "--into", "x", "--copy", "--link").exitCode == 64)
        #expect(try run("sort", "-g", "g", "-", "--into", "x").exitCode == 64)
        #expect(try run("sort", "-g", "g", "album").exitCode == 64)
    }
}
