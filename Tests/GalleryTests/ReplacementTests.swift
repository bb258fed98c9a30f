import Gallery
import GalleryModel
import Testing
import TestSupport

@Suite("A reference that replaces another")
struct ReplacementTests {
    private let folder: TemporaryFolder
    private let gallery: FaceGallery

    init() throws {
        folder = try TemporaryFolder()
        try FaceGallery.create(at: folder.file("faces"), dimension: 16)
        gallery = try FaceGallery(at: folder.file("faces"))
    }

    private func photo(_ number: UInt8, at source: String, of subject: String = "Ada") -> NewReference {
        var template = [Float](repeating: 0.1, count: 16)
        template[Int(number) % 16] = 1
        return NewReference(
            subject: subject, source: source, sourceDigest: [UInt8](repeating: number, count: 32),
            template: template)
    }

    private func sources(of subject: String = "Ada") throws -> [ReferenceID: String] {
        try Dictionary(uniqueKeysWithValues: gallery.references(of: subject).map { ($0.id, $0.source) })
    }

    @Test("takes its place in one transaction, also where the subject had no other")
    func replaces() throws {
        _ = try gallery.enroll([photo(1, at: "a")])
        let change = ReferenceAddition(photo(2, at: "a"), replaces: FoundReference(reference: 1, source: "a"))
        let done = try gallery.change(adding: [change], updating: [])
        #expect(done.additions == [.added(2, replaced: 1)])
        #expect(try sources() == [2: "a"])
        #expect(try gallery.check().isSound)
    }

    @Test("removes nothing if it is not added: neither if it is there before, nor if it comes twice")
    func notAdded() throws {
        _ = try gallery.enroll([photo(1, at: "a"), photo(2, at: "b"), photo(3, at: "c")])
        let done = try gallery.change(
            adding: [
                ReferenceAddition(photo(1, at: "b"), replaces: FoundReference(reference: 2, source: "b")),
                ReferenceAddition(photo(4, at: "d")),
                ReferenceAddition(photo(4, at: "c"), replaces: FoundReference(reference: 3, source: "c")),
            ], updating: [])
        #expect(
            done.additions == [.present(1, source: "a"), .added(4), .present(4, source: "d")])
        #expect(try sources() == [1: "a", 2: "b", 3: "c", 4: "d"])
    }

    @Test("leaves a reference that has moved meanwhile, and one that is moved in the same transaction")
    func moved() throws {
        _ = try gallery.enroll([photo(1, at: "a"), photo(2, at: "b")])
        let shift = ReferenceUpdate(
            reference: 1, metadata: [:], stamp: nil,
            move: SourceMove(from: "a", to: "b", replaces: FoundReference(reference: 2, source: "b")))
        let further = ReferenceUpdate(
            reference: 2, metadata: [:], stamp: nil, move: SourceMove(from: "b", to: "c"))
        let new = ReferenceAddition(photo(3, at: "a"), replaces: FoundReference(reference: 1, source: "a"))
        let done = try gallery.change(adding: [new], updating: [shift, further])
        #expect(done.updates == [.updated(), .updated()])
        #expect(done.additions == [.added(3)])
        #expect(try sources() == [1: "b", 2: "c", 3: "a"])

        // What the same decisions would do a second time, as those of a job that comes too late.
        let late = try gallery.change(
            adding: [ReferenceAddition(photo(4, at: "a"), replaces: FoundReference(reference: 1, source: "a"))],
            updating: [shift])
        #expect(late.updates == [.elsewhere(source: "b")])
        #expect(late.additions == [.added(4)])
        #expect(try sources() == [1: "b", 2: "c", 3: "a", 4: "a"])
    }

    @Test("whose own reference was moved onto the place of another that stayed removes that one")
    func movedOnto() throws {
        _ = try gallery.enroll([photo(1, at: "right"), photo(2, at: "wrong")])
        let move = ReferenceUpdate(
            reference: 1, metadata: ["city": "Bern"], stamp: nil,
            move: SourceMove(
                from: "right", to: "wrong", replaces: FoundReference(reference: 2, source: "wrong")))
        #expect(try gallery.change(adding: [], updating: [move]).updates == [.updated(replaced: 2)])
        #expect(try sources() == [1: "wrong"])
        #expect(try gallery.reference(1)?.metadata == ["city": "Bern"])
        try gallery.remove(reference: 1)
        #expect(try gallery.change(adding: [], updating: [move]).updates == [.gone])
    }
}
