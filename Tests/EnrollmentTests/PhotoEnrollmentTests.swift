import Enrollment
import FaceImage
import Foundation
import Gallery
import Synchronization
import TestSupport
import Testing

@Suite(
    "An enrolment of photos by a program of its own",
    .enabled(if: PortraitGallery.hasModels, "the models are fetched by make setup"))
struct PhotoEnrollmentTests {
    private let portraits: PortraitGallery
    private let folder: TemporaryFolder
    private let gallery: FaceGallery
    private let encoder: PhotoEncoder

    /// What became of a photo, without what a test need not compare.
    private enum Said: Equatable {
        case enrolled(String), present(String), refused(String, RefusalReason), finished
    }

    init() throws {
        portraits = try PortraitGallery()
        (folder, gallery, encoder) = (portraits.folder, portraits.gallery, portraits.encoder)
        try copy("obama.jpg", to: "people/Ada/1.jpg")
        try copy("biden.jpg", to: "people/Grace/1.jpg")
    }

    private func copy(_ portrait: String, to path: String) throws { try portraits.copy(portrait, to: path) }

    private func settings(_ change: (inout EnrollmentSettings) -> Void = { _ in }) -> EnrollmentSettings {
        var settings = EnrollmentSettings()
        settings.jobs = 1
        change(&settings)
        return settings
    }

    private func enrol(
        _ settings: EnrollmentSettings? = nil, stop: EnrollmentStop = EnrollmentStop(),
        then: @escaping (EnrollmentEvent) throws -> Void = { _ in }
    ) throws -> (said: [Said], summary: EnrollmentSummary) {
        var said: [Said] = []
        let job = PhotoEnrollment(
            into: gallery, encoder: encoder, settings: settings ?? self.settings(), stop: stop)
        let summary = try job.run(.paths([folder.file("people")])) { event, _ in
            switch event {
            case .enrolled(let photo): said.append(.enrolled(photo.subject))
            case .present(_, let subject, _, _): said.append(.present(subject))
            case .refused(_, let subject, let refusal): said.append(.refused(subject, refusal.reason))
            case .job(.finished): said.append(.finished)
            default: break
            }
            try then(event)
        }
        return (said, summary)
    }

    private func whoIs(_ portrait: String) throws -> String? {
        let file = try PhotoFile(.path(ModelCache.standard.path + "/photos/" + portrait))
        let answer = try gallery.identify(encoder.face(in: file, largest: true).template)
        return answer.decision == .match ? answer.candidates.first?.subject : nil
    }

    @Test("tells each photo once it is safe, and passes over it the next time")
    func twice() throws {
        let first = try enrol()
        #expect(first.said == [.enrolled("Ada"), .enrolled("Grace"), .finished])
        #expect(first.summary.enrolled == 2 && !first.summary.interrupted)
        #expect(try whoIs("obama2.jpg") == "Ada")
        let second = try enrol()
        #expect(second.said == [.present("Ada"), .present("Grace"), .finished])
        #expect(try gallery.statistics().references == 2)
    }

    @Test("refuses a photo by a reason that a program can ask for, and goes on")
    func refusal() throws {
        try folder.write(
            Array("P6\n64 64 255\n".utf8) + [UInt8](repeating: 90, count: 3 * 64 * 64), to: "people/Ada/0.ppm")
        try folder.write([1, 2, 3], to: "people/Grace/2.jpg")
        let (said, summary) = try enrol()
        #expect(
            said == [
                .refused("Ada", .noFace), .enrolled("Ada"), .enrolled("Grace"), .refused("Grace", .unreadable),
                .finished,
            ]
                || said == [
                    .refused("Ada", .noFace), .refused("Grace", .unreadable), .enrolled("Ada"),
                    .enrolled("Grace"),
                    .finished,
                ])
        #expect(summary.reasons == [.noFace: 1, .unreadable: 1])
    }

    @Test("writes nothing in a dry run, and says what it would do")
    func dryRun() throws {
        let (said, summary) = try enrol(settings { $0.isDryRun = true })
        #expect(said == [.enrolled("Ada"), .enrolled("Grace"), .finished])
        #expect(summary.dryRun && summary.enrolled == 2)
        #expect(try gallery.statistics().references == 0)
    }

    @Test("ends early when it is stopped, and goes on from there")
    func stopped() throws {
        let stop = EnrollmentStop()
        stop.request()
        let (said, summary) = try enrol(stop: stop)
        #expect(said == [.finished] && summary.interrupted)
        #expect(try enrol().summary.enrolled == 2)
    }

    @Test("is ended by what its listener throws, and what was told stays")
    func listenerThrows() throws {
        struct Enough: Error {}
        let told = Mutex(0)
        #expect(throws: Enough.self) {
            _ = try enrol { event in
                if case .enrolled = event {
                    told.withLock { $0 += 1 }
                    throw Enough()
                }
            }
        }
        #expect(told.withLock { $0 } >= 1)
        #expect(try gallery.statistics().references >= 1)
        #expect(try gallery.check().isSound)
    }

    @Test("says which folder holds no photo before it does anything")
    func emptyFolder() throws {
        try FileManager.default.createDirectory(
            atPath: folder.file("none"), withIntermediateDirectories: true)
        let job = PhotoEnrollment(into: gallery, encoder: encoder)
        #expect(throws: EnrollmentError.noPhotos(folder: folder.file("none"), passedOver: nil)) {
            try job.run(.paths([folder.file("none")]))
        }
        #expect(throws: EnrollmentError.standardInputTwice) { try job.run(.paths(["-", "-"])) }
    }
}
