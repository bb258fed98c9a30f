import Gallery
import GalleryModel
import Testing
import TestSupport
import VectorIndex

/// A unit vector of 16 numbers that leans from one axis to another.
private func template(_ axis: Int, leaning other: Int = 15, by angle: Float = 0) -> [Float] {
    var vector = [Float](repeating: 0, count: 16)
    vector[axis] = 1 - angle
    vector[other] += angle
    return vector
}

private func reference(_ subject: String, _ template: [Float], digest: [UInt8]? = nil) -> NewReference {
    NewReference(subject: subject, source: "test", sourceDigest: digest, template: template)
}

@Suite("A gallery")
struct IdentifyTests {
    let folder: TemporaryFolder
    let gallery: FaceGallery

    init() throws {
        folder = try TemporaryFolder()
        try FaceGallery.create(at: folder.file("faces"), dimension: 16)
        gallery = try FaceGallery(at: folder.file("faces"))
    }

    private let nothing = Answer(decision: .unknown, threshold: 0.5, candidates: [])

    private func search(_ count: Int, fusion: Fusion = .max, mode: SearchMode = .exact) -> FaceGallery.Search {
        var search = FaceGallery.Search()
        search.count = count
        search.fusion = fusion
        search.mode = mode
        search.minSimilarity = 0.5
        return search
    }

    @Test("answers with subjects, each once, most similar first")
    func ranksSubjects() throws {
        _ = try gallery.enroll([
            reference("Ada", template(0)), reference("Grace", template(1)),
            reference("Ada", template(0, by: 0.1)),
        ])
        let answer = try gallery.identify(template(0, leaning: 1, by: 0.2), search(5))
        #expect(answer.decision == .match)
        #expect(answer.candidates.map(\.subject) == ["Ada", "Grace"])
        #expect(answer.candidates.map(\.rank) == [1, 2])
        #expect(answer.candidates[0].reference == 1)
        #expect(answer.candidates[0].similarity > answer.candidates[1].similarity)
    }

    @Test("a subject with hundreds of references does not push the others out of the answer")
    func crowdedSubject() throws {
        let crowd = (0..<500).map { reference("Crowd", template(0, by: Float($0) / 5000)) }
        _ = try gallery.enroll(crowd + [reference("Ada", template(1)), reference("Grace", template(2))])
        for fusion in Fusion.allCases {
            let answer = try gallery.identify(template(0), search(3, fusion: fusion))
            #expect(Set(answer.candidates.map(\.subject)) == ["Crowd", "Ada", "Grace"])
        }
    }

    @Test("a subject with more references than an index returns hides nobody, and a tie with it is seen")
    func overcrowdedSubject() throws {
        var generator = SeededGenerator(seed: 8)
        let video = (0..<VectorIndex.mostNeighbours + 50).map { _ in
            let jitter = generator.unitVector(16)
            return reference("Video", zip(template(0), jitter).map { $0 + 0.01 * $1 })
        }
        // A subject's best reference counts, whichever of them it is.
        let twin = [template(3), template(0, leaning: 1, by: 0.05), template(4)].map { reference("Twin", $0) }
        _ = try gallery.enroll(video + twin + [reference("Ada", template(2))])
        var search = search(3)
        search.minMargin = 0.1
        let answer = try gallery.identify(template(0), search)
        #expect(answer.candidates.map(\.subject).prefix(2) == ["Video", "Twin"])
        #expect(answer.candidates[1].similarity > 0.99 && answer.candidates[1].reference == video.count + 2)
        #expect(answer.candidates.count == 3)
        #expect(answer.decision == .ambiguous)
    }

    @Test("a name is one subject, however its letters are composed")
    func composedNames() throws {
        let digest = [UInt8](repeating: 9, count: 32)
        let composed = reference("Ren\u{E9}", template(0), digest: digest)
        let decomposed = reference("Rene\u{301}", template(0), digest: digest)
        #expect(
            try gallery.enroll([composed, decomposed]) == [.added(1), .present(1, source: composed.source)])
        #expect(try gallery.statistics().subjects == 1)
    }

    @Test("mean fusion equals the mean computed over every subject")
    func meanFusion() throws {
        var generator = SeededGenerator(seed: 7)
        var references: [NewReference] = []
        for subject in 0..<60 {
            for _ in 0..<(1 + subject % 7) {
                references.append(reference("\(subject)", generator.unitVector(16)))
            }
        }
        _ = try gallery.enroll(references)
        for _ in 0..<20 {
            let probe = generator.unitVector(16)
            var sums: [String: (sum: Float, count: Float)] = [:]
            for reference in references {
                let old = sums[reference.subject] ?? (0, 0)
                let cosine = Similarity.cosine(probe[...], reference.template[...])
                sums[reference.subject] = (old.sum + cosine, old.count + 1)
            }
            let expected = sums.map { ($0.key, $0.value.sum / $0.value.count) }.sorted { $0.1 > $1.1 }.prefix(5)
            let answer = try gallery.identify(probe, search(5, fusion: .mean))
            #expect(answer.candidates.map(\.subject) == expected.map(\.0))
        }
    }

    @Test(
        "what is removed, renamed or merged is so in the next answer, and in that of another process's gallery")
    func changesAreSeen() throws {
        _ = try gallery.enroll([reference("Ada", template(0)), reference("Grace", template(1))])
        let other = try FaceGallery(at: folder.file("faces"), readOnly: true)
        #expect(try other.identify(template(0), search(1)).candidates.first?.subject == "Ada")
        try gallery.rename("Ada", to: "Ada Lovelace")
        #expect(try other.identify(template(0), search(1)).candidates.first?.subject == "Ada Lovelace")
        try gallery.merge("Ada Lovelace", into: "Grace")
        #expect(try other.identify(template(0), search(2)).candidates.map(\.subject) == ["Grace"])
        #expect(try gallery.remove(subject: "Grace") == 2)
        #expect(try other.identify(template(0), search(2)) == nothing)
        let later = try gallery.enroll([reference("Ada", template(0))])
        #expect(later == [.added(3)])
        #expect(try other.identify(template(0), search(1)).candidates.first?.reference == 3)
    }

    @Test("a source is enrolled once for a subject, in one batch or in two")
    func dedupe() throws {
        let digest = [UInt8](repeating: 7, count: 32)
        let ada = reference("Ada", template(0), digest: digest)
        #expect(try gallery.enroll([ada, ada]) == [.added(1), .present(1, source: "test")])
        #expect(
            try gallery.enroll([ada, reference("Grace", template(0), digest: digest)]) == [
                .present(1, source: "test"), .added(2),
            ])
        #expect(try gallery.hasReference(withDigest: digest, subject: "Grace"))
        #expect(try !gallery.hasReference(withDigest: digest, subject: "Alan"))
    }

    @Test("one template that cannot be stored keeps the whole batch out")
    func badTemplates() throws {
        let good = reference("Ada", template(0))
        for bad in [
            [Float](repeating: 0, count: 16), [Float](repeating: .nan, count: 16),
            [Float](repeating: .infinity, count: 16),
        ] {
            #expect(throws: GalleryError.self) { try gallery.enroll([good, reference("Bad", bad)]) }
            #expect(throws: GalleryError.self) { try gallery.identify(bad) }
        }
        #expect(throws: GalleryError.self) { try gallery.enroll([good, reference("Short", [1, 0])]) }
        #expect(throws: GalleryError.self) { try gallery.identify([1, 0]) }
        #expect(throws: GalleryError.self) { try gallery.identify([]) }
        #expect(throws: GalleryError.self) { try gallery.identify(template(0) + template(1)) }
        #expect(throws: GalleryError.self) { try gallery.identify(template(0), search(0)) }
        #expect(try gallery.statistics().references == 0)
    }

    @Test("an empty gallery answers unknown")
    func emptyGallery() throws {
        #expect(try gallery.identify(template(0), search(5)) == nothing)
    }

    @Test("verification compares with all references of a subject")
    func verify() throws {
        _ = try gallery.enroll([reference("Ada", template(0)), reference("Ada", template(1))])
        #expect(try gallery.verify(template(1), subject: "Ada", minSimilarity: 0.9).isMatch)
        let mean = try gallery.verify(template(1), subject: "Ada", fusion: .mean, minSimilarity: 0.9)
        #expect(mean.similarity == 0.5 && !mean.isMatch)
        #expect(throws: GalleryError.self) { try gallery.verify(template(1), subject: "Nobody") }
    }

    @Test("two tied subjects are ambiguous even where one candidate is asked for")
    func ambiguousAtOne() throws {
        _ = try gallery.enroll([reference("Ada", template(0)), reference("Grace", template(0))])
        let answer = try gallery.identify(template(0), search(1))
        #expect(answer.decision == .ambiguous)
        #expect(answer.candidates.count == 1)
    }
}
