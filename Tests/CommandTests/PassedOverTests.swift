import Foundation
import TestSupport
import Testing

@Suite("What a folder of photos holds besides")
struct PassedOverTests {
    private let gallery: PatternGallery

    init() throws { gallery = try PatternGallery() }

    private func write(_ bytes: [UInt8], to path: String) throws {
        let file = URL(fileURLWithPath: gallery.folder.file(path))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try gallery.folder.write(bytes, to: path)
    }

    private func draw(_ number: UInt8, as path: String) throws {
        // A GIF of one pixel.
        try write(
            [0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 1, 0, 1, 0, 0x80, 0, 0, number, number, number, 255, 255, 255]
                + [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B], to: path)
    }

    @Test("photos are known by their first bytes where the name says nothing")
    func content() throws {
        for (number, name) in ["A/1.gif", "B/photo.jfif", "C/scan.jpe", "D/DJI_0001", "E/IMG_1.HIF", "F/x.y.z"]
            .enumerated()
        {
            try draw(UInt8(number), as: "people/\(name)")
        }
        try write(Array("P5 is a text\n".utf8), to: "people/A/notes")
        let result = try gallery.facegallery("enroll", "-g", "g", "--json", "--min-sharpness", "0", "people")
        #expect(result.exitCode == 0, "\(result.err)")
        let summary = try gallery.summary(result)
        #expect(summary["enrolled"] as? Int == 6)
        #expect(summary["refused"] as? Int == 0)
        let passedOver = summary["passedOver"] as? [String: Any]
        #expect(passedOver?["files"] as? [String: Int] == ["without an ending": 1])
    }

    @Test("what is no photo is counted by kind, and folders of systems never become people")
    func counted() throws {
        try gallery.draw(1, as: "people/Ada/1.ppm")
        for name in ["Ada/a.txt", "Ada/b.TXT", "film.mp4", "Ada/README", "Ada/.hidden.jpg"] {
            try write(Array("no photo".utf8), to: "people/\(name)")
        }
        // Begins as TIFF does, and holds a preview of 160 pixels; copies are not a second photo.
        try gallery.folder.write(Array("II*\u{0}".utf8), to: "people/Ada/raw.NEF")
        try FileManager.default.copyItem(
            atPath: gallery.folder.file("people/Ada/1.ppm"), toPath: gallery.folder.file("people/Ada/1.ppm~"))
        for folder in ["@eaDir/x", "#recycle", "$Recycle.Bin", "__MACOSX", "Ada/lost+found", ".thumbnails"] {
            try gallery.draw(2, as: "people/\(folder)/thumb.ppm")
        }
        let result = try gallery.facegallery("enroll", "-g", "g", "--json", "people")
        #expect(result.exitCode == 0, "\(result.err)")
        let summary = try gallery.summary(result)
        #expect(summary["enrolled"] as? Int == 1)
        let passedOver = try #require(summary["passedOver"] as? [String: Any])
        #expect(
            passedOver["files"] as? [String: Int] == [
                ".txt": 2, ".mp4": 1, ".nef": 1, "of other kinds": 1, "without an ending": 1,
            ])
        #expect(result.err.contains("6 files are not photos: 2 .txt, 1 .mp4, 1 .nef"), "\(result.err)")
        #expect(
            passedOver["systemFolders"] as? [String: Int] == [
                "@eaDir": 1, "#recycle": 1, "$Recycle.Bin": 1, "__MACOSX": 1, "lost+found": 1,
            ])
        #expect(result.err.contains("5 system folders skipped"), "\(result.err)")
        #expect(try gallery.facegallery("subjects", "-g", "g").lines.count == 1)
    }

    @Test("patterns leave out names and paths, of every verb that walks through folders")
    func excluded() throws {
        for path in ["Ada/1.ppm", "Ada/old/2.ppm", "Bo/old1.ppm", "Bo/2.ppm", "Cy/raw/3.ppm", "Cy/raw.ppm"] {
            try gallery.draw(path.utf8.reduce(0) { $0 + Int($1) }, as: "people/\(path)")
        }
        let patterns = ["--exclude", "old*", "--exclude", "C?/raw/", "people"]
        let enrolled = try gallery.facegallery.run(["enroll", "-g", "g", "--json"] + patterns)
        #expect(enrolled.exitCode == 0, "\(enrolled.err)")
        #expect(
            try enrolled.objects().compactMap { $0["photo"] as? String } == [
                "people/Ada/1.ppm", "people/Bo/2.ppm", "people/Cy/raw.ppm",
            ])
        #expect(
            (try gallery.summary(enrolled)["passedOver"] as? [String: Any])?["excluded"] as? Int == 3)
        #expect(enrolled.err.contains("3 skipped by --exclude"), "\(enrolled.err)")
        let identified = try gallery.facegallery.run(["identify", "-g", "g", "--json"] + patterns)
        #expect(identified.lines.count == 3 && identified.err.contains("3 skipped"), "\(identified.err)")
        let embedded = try gallery.facegallery.run(
            ["embed", "--network", "mynet/", "--no-detect", "--out", "x.npy", "--names", "x.txt"] + patterns)
        #expect(
            embedded.err.contains("3 of 3 photos") && embedded.err.contains("3 skipped"), "\(embedded.err)")
        for words in [["--exclude", "", "people"], ["--exclude", "x", "--manifest", "x.csv"]] {
            #expect(try gallery.facegallery.run(["enroll", "-g", "g"] + words).exitCode == 64)
        }
    }

    @Test("a folder of nothing else is refused, with what it holds")
    func nothingElse() throws {
        try write(Array("text".utf8), to: "people/Ada/a.txt")
        let result = try gallery.facegallery("enroll", "-g", "g", "people")
        #expect(result.exitCode == 66)
        #expect(result.err.contains("contains no photo (1 file is not a photo: 1 .txt)"), "\(result.err)")
    }
}
