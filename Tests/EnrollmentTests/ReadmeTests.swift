import Enrollment
import FaceImage
import Foundation
import Gallery
import TestSupport
import Testing

/// The example of the README, with its names as parameters.
private func readmeExample(_ path: String, _ people: String, _ party: String) throws -> [(Decision, String)] {
    var said: [(Decision, String)] = []
    let gallery = try FaceGallery(at: path)
    let encoder = try PhotoEncoder(of: gallery)
    try PhotoEnrollment(into: gallery, encoder: encoder).run(.paths([people]))
    for face in try encoder.faces(in: .path(party)) {
        let answer = try gallery.identify(face.template)
        said.append((answer.decision, answer.candidates.first?.subject ?? "nobody"))
    }
    return said
}

@Suite("The README")
struct ReadmeTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test("holds the example that is compiled here, line for line")
    func sameExample() throws {
        let readme = try String(contentsOf: Self.root.appendingPathComponent("README.md"), encoding: .utf8)
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        let start = try #require(readme.range(of: "```swift\n")).upperBound
        let end = try #require(readme.range(of: "```", range: start..<readme.endIndex)).lowerBound
        let compiled = source.replacingOccurrences(of: "(at: path)", with: "(at: \"faces\")")
            .replacingOccurrences(of: "[people]", with: "[\"people/\"]")
            .replacingOccurrences(of: ".path(party)", with: ".path(\"party.jpg\")")
            .replacingOccurrences(of: "said.append((", with: "print(")
            .replacingOccurrences(of: "\"nobody\"))", with: "\"nobody\")")
        for line in readme[start..<end].split(separator: "\n") {
            #expect(compiled.contains(line.drop { $0 == " " }), "\(line)")
        }
    }

    @Test(
        "shows an example that works",
        .enabled(if: PortraitGallery.hasModels, "the models are fetched by make setup"))
    func exampleWorks() throws {
        let portraits = try PortraitGallery()
        let folder = portraits.folder
        try portraits.copy("obama.jpg", to: "people/Ada/1.jpg")
        try portraits.copy("obama2.jpg", to: "party.jpg")
        // Twice: whoever is enrolled stays one reference.
        for _ in 1...2 {
            let said = try readmeExample(folder.file("faces"), folder.file("people"), folder.file("party.jpg"))
            #expect(said.count == 1)
            #expect(said.first?.0 == .match && said.first?.1 == "Ada")
            #expect(try FaceGallery(at: folder.file("faces")).statistics().references == 1)
        }
    }
}
