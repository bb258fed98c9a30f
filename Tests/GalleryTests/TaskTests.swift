import Concurrency
import Gallery
import GalleryModel
import GalleryTesting
import TestSupport
import Testing

@Suite("A gallery used from tasks", .timeLimit(.minutes(1)))
struct TaskTests {
    private static let settings = StoreSettings(
        dimension: 16, networkName: "given", networkFingerprint: "given")

    private static func template(_ number: Int) -> [Float] {
        var generator = SeededGenerator(seed: UInt64(number))
        return generator.unitVector(16)
    }

    private func gallery() throws -> FaceGallery {
        let gallery = FaceGallery(storage: try MemoryStorage(Self.settings), name: "memory", card: nil)
        _ = try gallery.enroll(
            (0..<200).map {
                NewReference(subject: "s\($0 % 100)", source: "\($0)", template: Self.template($0))
            })
        return gallery
    }

    @Test("answers eight tasks at once as it answers one")
    func eight() async throws {
        let gallery = try gallery()
        let search = FaceGallery.Search(count: 3, mode: .exact, minSimilarity: 0.9)
        let answers = try await withThrowingTaskGroup { group in
            for number in 0..<8 {
                group.addTask {
                    (number, try await gallery.identify(Self.template(number), search, on: .shared))
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for number in 0..<8 {
            #expect(answers[number] == (try gallery.identify(Self.template(number), search)))
            #expect(
                answers[number]?.decision == .match
                    && answers[number]?.candidates.first?.subject == "s\(number)")
        }
    }

    @Test("throws CancellationError to a task that is cancelled, and the error of the wish to a thread")
    func cancelled() async throws {
        let gallery = try gallery()
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return try await gallery.identify(Self.template(1), on: .shared)
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        let wish = Cancellation()
        wish.cancel()
        let error = #expect(throws: GalleryError.self) {
            try gallery.identify(Self.template(1), FaceGallery.Search(cancellation: wish))
        }
        guard case .store(.cancelled)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        let late = Cancellation(deadline: .now - .seconds(1))
        let other = #expect(throws: GalleryError.self) {
            try gallery.identify(Self.template(1), FaceGallery.Search(cancellation: late))
        }
        #expect(other?.kind == .tryAgain)
    }

    @Test("finds duplicates and spoilt references in any storage, and ends a scan that nobody wants")
    func comparisons() async throws {
        let gallery = try gallery()
        _ = try gallery.enroll([NewReference(subject: "twin", source: "t", template: Self.template(5))])
        let report = try await gallery.duplicates(minSimilarity: 0.999, on: .shared)
        #expect(report.pairs.map { [$0.first.subject, $0.second.subject] } == [["s5", "twin"]])
        #expect(try gallery.audit().references == 201)
        let wish = Cancellation()
        wish.cancel()
        #expect(throws: GalleryError.self) { try gallery.duplicates(minSimilarity: 0.9, cancellation: wish) }
    }

    @Test("says of a storage without files that it has no care to take")
    func care() throws {
        let gallery = try gallery()
        #expect(try gallery.statistics().references == 200)
        #expect(try gallery.statistics().index == nil)
        try gallery.settle()
        gallery.share()
        let error = #expect(throws: GalleryError.self) { try gallery.check() }
        guard case .store(.unsupported(let storage, _))? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(storage == "memory")
    }
}
