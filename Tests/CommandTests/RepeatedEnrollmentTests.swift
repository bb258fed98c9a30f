import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Enrolling photos again")
struct RepeatedEnrollmentTests {
    private let gallery: PatternGallery

    init() throws {
        gallery = try PatternGallery()
        for pattern in 0..<40 { try gallery.draw(pattern, as: "people/P\(pattern % 10)/\(pattern).ppm") }
    }

    private func enroll(_ words: String...) throws -> [String: Any] {
        let result = try gallery.facegallery.run(["enroll", "-g", "g", "--json", "people"] + words)
        #expect(result.exitCode == 0, "\(result.err)")
        return try gallery.summary(result)
    }

    @Test("passes over all of them without reading one: files that cannot be read any more are no loss")
    func nothingIsRead() throws {
        #expect(try enroll()["enrolled"] as? Int == 40)
        // Emptied at the same size and time: whoever read them would see that they are no photos.
        for pattern in 0..<40 {
            let path = gallery.folder.file("people/P\(pattern % 10)/\(pattern).ppm")
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            let size = try #require(attributes[.size] as? Int)
            var status = Glibc.stat()
            #expect(unsafe stat(path, &status) == 0)
            try Data(count: size).write(to: URL(fileURLWithPath: path))
            let both = [status.st_atim, status.st_mtim]
            #expect(unsafe utimensat(AT_FDCWD, path, both, 0) == 0)
        }
        let again = try enroll()
        #expect(again["present"] as? Int == 40)
        #expect(again["refused"] as? Int == 0)
        let read = try gallery.facegallery("enroll", "-g", "g", "--json", "--read-again", "people")
        #expect(try gallery.summary(read)["refused"] as? Int == 40)
    }

    @Test("a file that was touched but not changed is enrolled before, and not read a third time")
    func touched() throws {
        _ = try enroll()
        let path = gallery.folder.file("people/P1/1.ppm")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: path)
        let again = try enroll()
        #expect(again["present"] as? Int == 40)
        #expect(again["updated"] as? Int == 1)
        #expect(try enroll()["updated"] as? Int == 0)
    }

    @Test(
        "photos of times that no stamp can hold, or from before 1970, are enrolled, and there the next time",
        arguments: [13_569_465_600, -2_208_988_800, -(1 << 62), Int.max])
    func strangeTimes(seconds: Int) throws {
        let path = gallery.folder.file("people/P1/1.ppm")
        let times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 999_999_999)]
        #expect(unsafe utimensat(AT_FDCWD, path, times, 0) == 0)
        #expect(try enroll()["enrolled"] as? Int == 40)
        let again = try enroll()
        #expect(again["present"] as? Int == 40)
        #expect(again["updated"] as? Int == 0)
    }

    @Test(
        "a changed photo under an old path is replaced, added or left, as asked",
        arguments: [("replace", 4, 40), ("add", 5, 41), ("skip", 4, 40)])
    func changed(rule: String, ofSubject: Int, inAll: Int) throws {
        _ = try enroll()
        let before = try gallery.references(of: "P1").compactMap { $0["reference"] as? Int }
        try gallery.draw(77, as: "people/P1/1.ppm")
        let again = try enroll("--on-change", rule)
        #expect(again["enrolled"] as? Int == (rule == "skip" ? 0 : 1))
        #expect(again["replaced"] as? Int == (rule == "replace" ? 1 : 0))
        #expect(again["keptOld"] as? Int == (rule == "skip" ? 1 : 0))
        let after = try gallery.references(of: "P1").compactMap { $0["reference"] as? Int }
        #expect(after.count == ofSubject)
        #expect(Set(before).subtracting(after).count == (rule == "replace" ? 1 : 0))
        #expect(
            try gallery.facegallery("stats", "-g", "g", "--json").objects().first?["references"] as? Int
                == inAll)
        #expect(try enroll("--on-change", rule)["enrolled"] as? Int == 0)
        #expect(try gallery.facegallery("check", "-g", "g").exitCode == 0)
    }

    @Test("a changed photo that is refused leaves the old reference where it is")
    func changedAndRefused() throws {
        _ = try enroll()
        try gallery.folder.write(Array("no photo".utf8), to: "people/P1/1.ppm")
        #expect(try enroll()["refused"] as? Int == 1)
        #expect(try gallery.references(of: "P1").count == 4)
    }

    @Test("a changed photo that the subject has already is refused, and its old reference stays")
    func changedIntoDuplicate() throws {
        _ = try enroll()
        let before = try gallery.references(of: "P1").compactMap { $0["reference"] as? Int }
        // The same new picture twice: under a new path, and in the place of an enrolled one.
        try gallery.draw(77, as: "people/P1/0.ppm")
        try gallery.draw(77, as: "people/P1/1.ppm")
        let again = try enroll()
        #expect(again["enrolled"] as? Int == 1)
        #expect(again["replaced"] as? Int == 0)
        #expect(again["reasons"] as? [String: Int] == ["duplicate_photo": 1])
        let after = try gallery.references(of: "P1").compactMap { $0["reference"] as? Int }
        #expect(after.count == 5)
        #expect(Set(before).isSubset(of: after))
    }

    @Test("after the folder was moved, everything is enrolled before; a copy beside it is a duplicate")
    func movedAndCopied() throws {
        _ = try enroll()
        try FileManager.default.moveItem(
            atPath: gallery.folder.file("people"), toPath: gallery.folder.file("moved"))
        let moved = try gallery.facegallery("enroll", "-g", "g", "--json", "moved")
        #expect(try gallery.summary(moved)["present"] as? Int == 40)
        try FileManager.default.copyItem(
            atPath: gallery.folder.file("moved"), toPath: gallery.folder.file("people"))
        let copied = try gallery.facegallery("enroll", "-g", "g", "--json", "people")
        #expect(try gallery.summary(copied)["reasons"] as? [String: Int] == ["duplicate_photo": 40])
    }

    @Test("a dry run tells what would be done and writes nothing, and the run after it does that")
    func dryRun() throws {
        try FileManager.default.copyItem(
            atPath: gallery.folder.file("people/P1/1.ppm"), toPath: gallery.folder.file("people/P1/copy.ppm"))
        let data = { try Data(contentsOf: URL(fileURLWithPath: gallery.folder.file("g/data.mdb"))) }
        let before = try data()
        let rehearsed = try enroll("--dry-run")
        #expect(try data() == before)
        #expect(rehearsed["dryRun"] as? Bool == true)
        let done = try enroll()
        for key in ["enrolled", "present", "refused"] {
            #expect(rehearsed[key] as? Int == done[key] as? Int, "\(key)")
        }
        #expect(done["reasons"] as? [String: Int] == ["duplicate_photo": 1])
    }

    @Test("references are numbered in the order of the photos, however many are in work at once")
    func order() throws {
        let result = try gallery.facegallery("enroll", "-g", "g", "--json", "--jobs", "7", "people")
        let told = try result.objects().filter { $0["status"] as? String == "enrolled" }
        #expect(told.compactMap { $0["reference"] as? Int } == Array(1...40))
        let photos = told.compactMap { $0["photo"] as? String }
        #expect(photos == photos.sorted())
    }

    @Test("events tell how far the job is, and the last of them that all is done")
    func progress() throws {
        let result = try gallery.facegallery("enroll", "-g", "g", "--json", "people")
        let event = try #require(try result.objects().last { $0["event"] as? String == "progress" })
        #expect(event["done"] as? Int == 40)
        #expect(event["total"] as? Int == 40)
        #expect(event["enrolled"] as? Int == 40)
        #expect(event["secondsLeft"] as? Double == 0)
    }
}
