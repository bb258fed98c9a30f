import Foundation
import Gallery
import GalleryModel
import Testing
import TestSupport

/// What `identify` prints.
@Suite("Printed answers")
struct AnswerTests {
    private let folder: TemporaryFolder
    private let facegallery: Facegallery

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
    }

    @Test("an answer with more metadata than is held at once is one whole line, each candidate with its own")
    func largeMetadata() throws {
        let path = folder.file("g")
        try FaceGallery.create(at: path, dimension: 16)
        var generator = SeededGenerator(seed: 77)
        let text = String(repeating: "\u{1B}\"é", count: 6_000)
        let references = (0..<60).map { number in
            NewReference(
                subject: "s\(number)", source: "\(number)", metadata: ["number": "\(number)", "text": text],
                template: generator.unitVector(16))
        }
        _ = try FaceGallery(at: path).enroll(references)
        try folder.write(npy([references[7].template, references[8].template]), to: "x.npy")
        let arguments = ["identify", "-g", "g", "--embeddings", "x.npy", "-k", "50", "--min-similarity", "0.9"]
        let result = try facegallery.run(arguments + ["--with-metadata", "--json"])
        #expect(result.exitCode == 0, "\(result.err)")
        let answers = try result.objects()
        #expect(answers.map { $0["probe"] as? String } == ["0", "1"])
        for (answer, first) in zip(answers, ["s7", "s8"]) {
            #expect(answer["decision"] as? String == "match" && answer["threshold"] as? Double == 0.9)
            let candidates = answer["candidates"] as? [[String: Any]] ?? []
            #expect(candidates.map { $0["rank"] as? Int } == (1...50).map { $0 })
            #expect(candidates.first?["subject"] as? String == first)
            for candidate in candidates {
                let metadata = candidate["metadata"] as? [String: String]
                #expect(
                    metadata?["text"] == text
                        && metadata?["number"].map { "s" + $0 } == candidate["subject"] as? String)
            }
        }
        let bare = try facegallery.run(arguments + ["--json"]).objects()
        #expect((bare[0]["candidates"] as? [[String: Any]])?.allSatisfy { $0["metadata"] == nil } == true)
        let told = try facegallery.run(arguments + ["--with-metadata"])
        #expect(told.lines.count == 102 && told.lines[1].contains("number"))
    }
}
