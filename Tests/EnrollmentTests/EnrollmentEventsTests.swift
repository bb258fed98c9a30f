import Enrollment
import TestSupport
import Testing

@Suite(
    "Events of an enrolment", .awaiting,
    .enabled(if: PortraitGallery.hasModels, "the models are fetched by make setup"))
struct EnrollmentEventsTests {
    private let folder: TemporaryFolder
    private let gallery: FaceGallery
    private let encoder: PhotoEncoder

    init() throws {
        let portraits = try PortraitGallery()
        (folder, gallery, encoder) = (portraits.folder, portraits.gallery, portraits.encoder)
        try portraits.copy("obama.jpg", to: "people/Ada/1.jpg")
        try portraits.copy("biden.jpg", to: "people/Bob/1.jpg")
        try folder.write(Array("no photo".utf8), to: "people/Bob/2.jpg")
    }

    private var events: EnrollmentEvents {
        PhotoEnrollment(into: gallery, encoder: encoder).events(.paths([folder.file("people")]))
    }

    @Test("come one for each photo, with the account, and end with the work")
    func all() async throws {
        var (enrolled, refused, last): ([String], [RefusalReason], EnrollmentSummary?) = ([], [], nil)
        for try await photo in events {
            switch photo.event {
            case .enrolled(let photo): enrolled.append(photo.subject)
            case .refused(_, _, let refusal): refused.append(refusal.reason)
            default: break
            }
            last = photo.summary
        }
        #expect(enrolled.sorted() == ["Ada", "Bob"])
        #expect(refused == [.unreadable])
        #expect(last?.done == 3)
        #expect(try gallery.statistics().references == 2)
    }

    @Test(
        "end with CancellationError for a task that is cancelled, and what was told is enrolled")
    func cancelled() async throws {
        let events = events
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            for try await _ in events {}
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("carry the error of an enrolment that cannot begin")
    func failure() async throws {
        let events = PhotoEnrollment(into: gallery, encoder: encoder).events(.paths([folder.file("nowhere")]))
        var refusals = 0
        do {
            for try await photo in events { if case .refused = photo.event { refusals += 1 } }
            #expect(refusals == 1)
        } catch { #expect(!(error is CancellationError)) }
    }

    @Test("one photo is enrolled once, and refused with a reason")
    func onePhoto() throws {
        let photo = folder.file("people/Ada/1.jpg")
        guard case .enrolled(let id) = try gallery.enroll(photo: photo, as: "Ada", encoder: encoder) else {
            Issue.record("not enrolled")
            return
        }
        #expect(try gallery.reference(id)?.source.hasSuffix("people/Ada/1.jpg") == true)
        guard case .present = try gallery.enroll(photo: photo, as: "Ada", encoder: encoder) else {
            Issue.record("enrolled twice")
            return
        }
        let bad = try gallery.enroll(photo: folder.file("people/Bob/2.jpg"), as: "Bob", encoder: encoder)
        guard case .refused(let refusal) = bad else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.reason == .unreadable)
    }
}
