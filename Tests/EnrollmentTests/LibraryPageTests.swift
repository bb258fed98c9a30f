import Enrollment
import Foundation
import TestSupport
import Testing

/// The examples of `docs/swift.md`, with what they need as parameters.
private func enrolOne(_ gallery: FaceGallery, _ encoder: PhotoEncoder) throws {
    switch try gallery.enroll(photo: "ada.jpg", as: "Ada", encoder: encoder) {
    case .enrolled(let reference): print("reference \(reference)")
    case .present: print("enrolled before")
    case .refused(let refusal): print(refusal.reason, refusal.message)
    }
}

private func enrolMany(_ gallery: FaceGallery, _ encoder: PhotoEncoder) async throws {
    for try await photo in PhotoEnrollment(into: gallery, encoder: encoder).events(.paths(["people/"])) {
        switch photo.event {
        case .enrolled(let enrolled): print(enrolled.photo.path, "is", enrolled.subject)
        case .refused(let item, _, let refusal): print(item.path, refusal.message)
        default: break
        }
    }
}

private func ask(_ gallery: FaceGallery, _ template: [Float]) async throws -> Answer {
    let answer = try await gallery.identify(template, on: .shared)
    return answer
}

private func handle(_ gallery: FaceGallery) {
    do throws(GalleryError) {
        _ = try gallery.references(of: "Ada")
    } catch .store(.unknownSubject(let name)) {
        print("nobody is called \(name)")
    } catch {
        print(error)
    }
}

@Suite("The page for Swift programmers")
struct LibraryPageTests {
    @Test("has no example that is not compiled, line for line, by a test")
    func examples() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/swift.md"), encoding: .utf8)
        // The conformance of a storage stands, with the name of the example's, beside the storages.
        let compiled = try ["EnrollmentTests/LibraryPageTests.swift", "GalleryTests/ConformanceTests.swift"].map
        {
            try String(contentsOf: root.appendingPathComponent("Tests/\($0)"), encoding: .utf8)
        }.joined().replacingOccurrences(of: "MemoryStorage(settings)", with: "MyStorage(settings)")
            .replacingOccurrences(of: "func memory(", with: "func keeps(")
        var (isExample, lines) = (false, 0)
        for line in page.split(separator: "\n") {
            if line.hasPrefix("```") {
                isExample = line == "```swift"
            } else if isExample {
                lines += 1
                let code = line.trimmingCharacters(in: .whitespaces)
                    .replacingOccurrences(of: "@Test(arguments", with: "arguments")
                #expect(compiled.contains(code), "\(line)")
            }
        }
        #expect(lines > 20)
    }
}

@Suite("Events of an enrolment", .timeLimit(.minutes(2)))
struct EnrollmentEventsTests {
    private static let hasModels = FileManager.default.fileExists(atPath: ModelCache.standard.yuNet)
    private let folder: TemporaryFolder
    private let gallery: FaceGallery
    private let encoder: PhotoEncoder

    init() throws {
        folder = try TemporaryFolder()
        let card = try ModelCache.standard.card(ofNetwork: ModelCache.defaultNetwork)
        try FaceGallery.create(at: folder.file("faces"), network: card)
        gallery = try FaceGallery(at: folder.file("faces"))
        encoder = try PhotoEncoder(of: gallery)
        let photos = ModelCache.standard.path + "/photos"
        for (person, photo) in [("Ada", "obama.jpg"), ("Bob", "biden.jpg")] {
            try FileManager.default.createDirectory(
                atPath: folder.file("people/\(person)"), withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: "\(photos)/\(photo)", toPath: folder.file("people/\(person)/1.jpg"))
        }
        try Data("no photo".utf8).write(to: URL(fileURLWithPath: folder.file("people/Bob/2.jpg")))
    }

    private var events: EnrollmentEvents {
        PhotoEnrollment(into: gallery, encoder: encoder).events(.paths([folder.file("people")]))
    }

    @Test("come one for each photo, with the account, and end with the work", .enabled(if: hasModels))
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
        "end with CancellationError for a task that is cancelled, and what was told is enrolled",
        .enabled(if: hasModels))
    func cancelled() async throws {
        let events = events
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            for try await _ in events {}
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("carry the error of an enrolment that cannot begin", .enabled(if: hasModels))
    func failure() async throws {
        let events = PhotoEnrollment(into: gallery, encoder: encoder).events(.paths([folder.file("nowhere")]))
        var refusals = 0
        do {
            for try await photo in events { if case .refused = photo.event { refusals += 1 } }
            #expect(refusals == 1)
        } catch { #expect(!(error is CancellationError)) }
    }

    @Test("one photo is enrolled once, and refused with a reason", .enabled(if: hasModels))
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
