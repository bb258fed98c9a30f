import Foundation
import TestSupport
import Testing

@Suite("One person under two names")
struct TwinTests {
    private let gallery: PatternGallery

    init() throws {
        gallery = try PatternGallery()
        // Ada and Bo share a face, Cy has one of his own, and Ada has two photos.
        try gallery.draw(1, as: "people/Ada/1.ppm")
        try gallery.draw(1, copy: 1, as: "people/Ada/2.ppm")
        try gallery.draw(1, copy: 2, as: "people/Bo/1.ppm")
        try gallery.draw(2, as: "people/Cy/1.ppm")
    }

    private func enroll(_ words: String..., path: String = "people") throws -> Facegallery.Result {
        let result = try gallery.facegallery.run(["enroll", "-g", "g", "--json", path] + words)
        #expect(result.exitCode == 0, "\(result.err)")
        return result
    }

    @Test("within one batch is refused, and the refusal names the other, the similarity and the limit")
    func refusedInBatch() throws {
        let result = try enroll("--duplicates", "refuse")
        #expect(try gallery.summary(result)["reasons"] as? [String: Int] == ["duplicate_person": 1])
        let refusal = try #require(try result.objects().first { $0["status"] as? String == "refused" })
        #expect(refusal["photo"] as? String == "people/Bo/1.ppm")
        #expect(refusal["duplicateOf"] as? String == "Ada")
        #expect(refusal["measured"] as? Double ?? 0 > 0.9999)
        #expect(refusal["limit"] as? Double == 0.9999)
        #expect(try gallery.references(of: "Ada").count == 2)
        #expect(try gallery.facegallery("subjects", "-g", "g", "Bo").exitCode == 66)
    }

    @Test("who is in the gallery already is found too, and with report is enrolled and told")
    func reportedFromGallery() throws {
        _ = try enroll("--subject", "Ada", path: "people/Ada")
        let result = try enroll("--duplicates", "report")
        let line = try #require(try result.objects().first { $0["duplicateOf"] != nil })
        #expect(line["status"] as? String == "enrolled")
        #expect(line["subject"] as? String == "Bo")
        #expect(try gallery.summary(result)["similar"] as? Int == 1)
        #expect(result.err.contains("people/Bo/1.ppm: looks like 'Ada'"), "\(result.err)")
    }

    @Test("is not looked for unless asked, and a lower limit finds more")
    func allowedAndLower() throws {
        #expect(try gallery.summary(enroll())["similar"] as? Int == 0)
        for subject in ["Bo", "Cy"] {
            #expect(try gallery.facegallery("remove", "-g", "g", subject).exitCode == 0)
        }
        let lower = try gallery.summary(enroll("--duplicates", "refuse", "--min-similarity", "-1"))
        #expect(lower["refused"] as? Int == 2)
    }

    @Test("is found by a dry run, in the gallery and among the photos of the run")
    func dryRun() throws {
        let result = try enroll("--duplicates", "refuse", "--dry-run")
        #expect(try gallery.summary(result)["reasons"] as? [String: Int] == ["duplicate_person": 1])
        #expect(
            try gallery.facegallery("stats", "-g", "g", "--json").objects().first?["references"] as? Int == 0)
    }
}
