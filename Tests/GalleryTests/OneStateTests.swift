import Foundation
import Gallery
import GalleryModel
import Synchronization
import Testing
import TestSupport

/// A unit vector of 16 numbers with this cosine to the first axis.
private func template(_ similarity: Float, towards axis: Int) -> [Float] {
    var vector = [Float](repeating: 0, count: 16)
    vector[0] = similarity
    vector[axis] = (1 - similarity * similarity).squareRoot()
    return vector
}

private func reference(
    _ subject: String, _ template: [Float], metadata: [String: String] = [:]
) -> NewReference {
    NewReference(subject: subject, source: "test", metadata: metadata, template: template)
}

/// What a question is answered; nil where it is of a subject that is not there.
private func unlessUnknown<Answer>(_ question: () throws -> Answer) throws -> Answer? {
    do { return try question() } catch let error as GalleryError {
        guard case .store(.unknownSubject) = error else { throw error }
        return nil
    }
}

/// Every question is answered from one committed state, whatever is committed while it is asked.
@Suite("A question beside changes", .serialized)
struct OneStateTests {
    private static let changes = 50
    private static let probe = template(1, towards: 15)

    let folder: TemporaryFolder
    let gallery: FaceGallery

    init() throws {
        folder = try TemporaryFolder()
        try FaceGallery.create(at: folder.file("faces"), dimension: 16)
        gallery = try FaceGallery(at: folder.file("faces"))
    }

    private func search(_ fusion: Fusion = .max) -> FaceGallery.Search {
        var search = FaceGallery.Search()
        search.count = 1
        search.minSimilarity = 0.6
        search.fusion = fusion
        return search
    }

    /// How many threads ask, and what they were told.
    private final class Questioning<Answer: Hashable & Sendable>: Sendable {
        let begun = DispatchSemaphore(value: 0)
        let isOver = Atomic(false)
        let ended = DispatchGroup()
        let outcome = Mutex<Result<Set<Answer>, any Error>>(.success([]))
    }

    /// Asks again and again, in this gallery and in one opened apart, while `change` is called; the answers.
    private func answers<Answer: Hashable & Sendable>(
        while change: (FaceGallery, Int) throws -> Void,
        _ ask: @escaping @Sendable (FaceGallery) throws -> Answer
    ) throws -> Set<Answer> {
        let questioning = Questioning<Answer>()
        let askers = [gallery, try FaceGallery(at: folder.file("faces"), readOnly: true)]
        // Threads of their own: tasks share a few, which other tests may block.
        for asked in askers {
            questioning.ended.enter()
            Thread.detachNewThread {
                var answers: Set<Answer> = []
                do {
                    answers.insert(try ask(asked))
                    questioning.begun.signal()
                    while !questioning.isOver.load(ordering: .relaxed) { answers.insert(try ask(asked)) }
                    let told = answers
                    questioning.outcome.withLock { $0 = $0.map { $0.union(told) } }
                } catch {
                    questioning.outcome.withLock { $0 = .failure(error) }
                    questioning.begun.signal()
                }
                questioning.ended.leave()
            }
        }
        for _ in askers { questioning.begun.wait() }
        defer {
            questioning.isOver.store(true, ordering: .relaxed)
            questioning.ended.wait()
        }
        for number in 0..<Self.changes { try change(gallery, number) }
        questioning.isOver.store(true, ordering: .relaxed)
        questioning.ended.wait()
        return try questioning.outcome.withLock { $0 }.get()
    }

    @Test("names nobody but whom some state has first, while subjects are merged", arguments: Fusion.allCases)
    func merging(fusion: Fusion) throws {
        // In every state X or Y has the best reference, and Z is second.
        _ = try gallery.enroll([
            reference("Y", template(0.97, towards: 1)), reference("Z", template(0.95, towards: 2)),
            reference("X", template(0.97, towards: 3)),
        ])
        let names = try answers { gallery, _ in
            try gallery.merge("X", into: "Y")
            _ = try gallery.enroll([reference("X", template(0.97, towards: 3))])
        } _: { gallery in
            let answer = try gallery.identify(Self.probe, search(fusion))
            return answer.candidates.first?.subject
        }
        #expect(names.isSubset(of: ["X", "Y"]), "\(names)")
    }

    @Test("finds whoever is enrolled in every state, while her only reference is replaced")
    func replacing() throws {
        _ = try gallery.enroll([
            reference("Ada", template(0.97, towards: 1)), reference("Zoe", template(0.9, towards: 2)),
        ])
        let newest = Mutex(ReferenceID(1))
        let answers = try answers { gallery, _ in
            try newest.withLock { id in
                let addition = ReferenceAddition(
                    reference("Ada", template(0.97, towards: 1)),
                    replaces: FoundReference(reference: id, source: "test"))
                let added = try gallery.change(adding: [addition], updating: []).additions
                if case .added(let next, _) = added[0] { id = next }
            }
        } _: { gallery in
            let answer = try gallery.identify(Self.probe, search())
            return "\(answer.decision) \(answer.candidates.first?.subject ?? "nobody")"
        }
        #expect(answers == ["match Ada"])
    }

    @Test("gives a candidate the metadata of the state it was found in")
    func metadata() throws {
        let first = reference("Ada", template(0.97, towards: 1), metadata: ["is": "there"])
        _ = try gallery.enroll([first])
        let answers = try answers { gallery, _ in
            try gallery.remove(subject: "Ada")
            _ = try gallery.enroll([first])
        } _: { gallery in
            var search = search()
            search.withMetadata = true
            return try gallery.identify(Self.probe, search).candidates.first?.metadata
        }
        // In states without Ada there is no candidate.
        #expect(answers.isSubset(of: [nil, ["is": "there"]]), "\(answers)")
        #expect(answers.contains(["is": "there"]))
    }

    @Test("compares a face with all references of the subject, or says that there is no such subject")
    func verifying() throws {
        let references = [
            reference("Ada", template(0.9, towards: 1)), reference("Ada", template(0.5, towards: 2)),
        ]
        _ = try gallery.enroll(references)
        let answers = try answers { gallery, _ in
            try gallery.remove(subject: "Ada")
            _ = try gallery.enroll(references)
        } _: { gallery in
            try unlessUnknown {
                let mean = try gallery.verify(Self.probe, subject: "Ada", fusion: .mean, minSimilarity: 0.6)
                return (mean.similarity * 100).rounded() / 100
            }
        }
        #expect(answers.isSubset(of: [nil, 0.7]), "\(answers)")
    }

    @Test("lists a subject with its references, never without")
    func listing() throws {
        let references = [
            reference("Ada", template(0.9, towards: 1)), reference("Bo", template(0.5, towards: 2)),
        ]
        _ = try gallery.enroll(references)
        let counts = try answers { gallery, _ in
            // All of Ada's references are Bo's, and then all are removed, and both enrolled again.
            try gallery.merge("Ada", into: "Bo")
            try gallery.remove(subject: "Bo")
            _ = try gallery.enroll(references)
        } _: { gallery in
            try unlessUnknown { try gallery.references(ofEach: ["Ada", "Bo"]).map(\.count) }
        }
        #expect(counts.isSubset(of: [nil, [1, 1]]), "\(counts)")
    }
}
