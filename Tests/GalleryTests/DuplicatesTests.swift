import Foundation
import Gallery
import GalleryModel
import Testing
import TestSupport

@Suite("People who are enrolled twice")
struct DuplicatesTests {
    let folder: TemporaryFolder
    let gallery: FaceGallery
    private var generator = SeededGenerator(seed: 5)

    init() throws {
        folder = try TemporaryFolder()
        try FaceGallery.create(at: folder.file("g"), dimension: 128)
        gallery = try FaceGallery(at: folder.file("g"))
    }

    /// A template about as alike to another as photos of one person are.
    private mutating func near(_ template: [Float], by share: Float) -> [Float] {
        let other = generator.unitVector(128)
        return zip(template, other).map { $0 + share * $1 }
    }

    private mutating func enrol(_ subjects: Int, references: Int) throws -> [[Float]] {
        let centres = (0..<subjects).map { _ in generator.unitVector(128) }
        var new: [NewReference] = []
        for number in 0..<references {
            for (subject, centre) in centres.enumerated() {
                new.append(
                    NewReference(
                        subject: "subject \(subject)", source: "\(subject)-\(number).jpg",
                        template: near(centre, by: 0.5)))
            }
        }
        _ = try gallery.enroll(new)
        return centres
    }

    @Test("are found with their best pair of references, each pair once, best first, none missed")
    mutating func bruteForce() throws {
        _ = try enrol(150, references: 3)
        try gallery.remove(subject: "subject 7")
        try gallery.merge("subject 8", into: "subject 9")
        var rows: [(id: Int64, subject: String, template: [Float])] = []
        try gallery.forEachReference { reference, subject, template in
            rows.append((reference.id, subject, template))
        }
        var best: [Set<String>: Float] = [:]
        for (number, one) in rows.enumerated() {
            for other in rows[..<number] where other.subject != one.subject {
                let similarity = Similarity.cosine(one.template[...], other.template[...])
                let key: Set = [one.subject, other.subject]
                best[key] = max(best[key] ?? -1, similarity)
            }
        }
        let report = try gallery.duplicates(minSimilarity: 0.25, threads: 2)
        let wanted = best.filter { $0.value >= 0.25 }
        #expect(wanted.count > 50)
        #expect(report.references == 149 * 3)
        #expect(!report.isCut)
        #expect(report.pairs.map(\.similarity) == report.pairs.map(\.similarity).sorted(by: >))
        var found: [Set<String>: Float] = [:]
        for pair in report.pairs {
            let key: Set = [pair.first.subject, pair.second.subject]
            #expect(found.updateValue(pair.similarity, forKey: key) == nil)
            #expect(pair.first.reference < pair.second.reference)
            let row = try #require(rows.first { $0.id == pair.first.reference })
            let other = try #require(rows.first { $0.id == pair.second.reference })
            #expect(row.subject == pair.first.subject && other.subject == pair.second.subject)
        }
        #expect(Set(found.keys) == Set(wanted.keys))
        for (key, similarity) in found { #expect(abs(similarity - (wanted[key] ?? 9)) < 1e-5) }
        let few = try gallery.duplicates(minSimilarity: 0.25, limit: 3)
        #expect(few.pairs == Array(report.pairs.prefix(3)))
        #expect(few.isCut)
    }

    @Test("are none in an empty gallery, and need a similarity where no network tells one")
    func nothing() throws {
        #expect(try gallery.duplicates(minSimilarity: 0).pairs.isEmpty)
        let error = #expect(throws: GalleryError.self) { try gallery.duplicates() }
        #expect(error?.kind == .usage)
    }

    @Test("an audit finds what was planted, by its reason, and nothing else")
    mutating func audit() throws {
        let centres = try enrol(300, references: 3)
        let mean = (0..<128).map { number in centres.reduce(0) { $0 + $1[number] } }
        let mislabelled = near(centres[11], by: 0.5)
        // Like three people at once, which nobody else is.
        let hub = (0..<128).map { number in centres[100..<103].reduce(0) { $0 + $1[number] } }
        let nobody = mean.map { -$0 }
        _ = try gallery.enroll([
            NewReference(subject: "subject 200", source: "wrong.jpg", template: mislabelled),
            NewReference(subject: "average", source: "mean.jpg", template: mean),
            NewReference(subject: "noise", source: "noise.jpg", template: nobody),
            NewReference(subject: "hub", source: "hub.jpg", template: hub),
        ])
        var search = AuditSearch()
        search.minSimilarity = 0.45
        search.mostLikenesses = 2
        search.threads = 2
        let report = try gallery.audit(search)
        #expect(report.references == 904)
        func sources(_ reason: AuditFinding.Reason) -> [String] {
            report.findings.filter { $0.reason == reason }.map(\.source)
        }
        #expect(sources(.farFromOwn) == ["wrong.jpg"])
        #expect(sources(.hub) == ["hub.jpg"])
        #expect(report.findings.first { $0.reason == .hub }?.value == 3)
        // Directions that are even over the sphere have no mean to be like: a planted one leads all the same.
        for finding in report.findings where finding.reason != .hub {
            #expect(
                finding.reason == .likeEverybody || finding.reason == .likeNobody
                    ? finding.source == "mean.jpg" || finding.source == "noise.jpg"
                    : finding.source == "wrong.jpg")
        }
    }

    @Test("an audit of templates in a cone finds the average and the opposite")
    mutating func cone() throws {
        let axis = generator.unitVector(128)
        let people = (0..<400).map { number in
            NewReference(subject: "\(number)", source: "\(number).jpg", template: near(axis, by: 0.6))
        }
        let noise = axis.map { -$0 }
        _ = try gallery.enroll(
            people + [
                NewReference(subject: "average", source: "mean.jpg", template: axis),
                NewReference(subject: "noise", source: "noise.jpg", template: noise),
            ])
        let report = try gallery.audit()
        let found = report.findings.map { "\($0.reason.rawValue) \($0.source)" }
        #expect(found.contains("like_nobody noise.jpg"))
        #expect(found.filter { $0.hasPrefix("like_nobody") }.count == 1)
        for finding in report.findings where finding.reason == .likeEverybody {
            #expect(finding.value > finding.limit)
            #expect(finding.source == "mean.jpg")
        }
    }

    @Test("an audit of a few references has no limits to judge by")
    mutating func few() throws {
        _ = try enrol(6, references: 2)
        #expect(try gallery.audit().findings.isEmpty)
    }
}
