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
