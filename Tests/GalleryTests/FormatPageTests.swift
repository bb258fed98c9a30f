import Foundation
import Gallery
import GalleryModel
import Testing
import TestSupport
import VectorIndex

@Suite("docs/format.md, with FAISS")
struct FormatPageTests {
    private static let tools = SetUpCache.file("test-tools")
    private static let isInstalled = ["faiss", "lmdb", "numpy"].allSatisfy {
        FileManager.default.fileExists(atPath: "\(tools)/\($0)")
    }

    @Test(
        "its Python example searches an exported index and names who is found",
        .enabled(if: isInstalled, "lmdb, numpy and faiss-cpu are fetched by make test"))
    func pythonExample() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/format.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let section = try #require(text.range(of: "## Searching it from Python"))
        let start = try #require(text.range(of: "```python\n", range: section.upperBound..<text.endIndex))
        let end = try #require(text.range(of: "```", range: start.upperBound..<text.endIndex))
        let folder = try TemporaryFolder()
        let script = try folder.write(Array(text[start.upperBound..<end.lowerBound].utf8), to: "search.py")
        try FaceGallery.create(at: folder.file("faces"), dimension: 32)
        let gallery = try FaceGallery(at: folder.file("faces"))
        var generator = SeededGenerator(seed: 61)
        let people = (0..<300).map { number in
            NewReference(
                subject: "Zoë \(number / 2)", source: "\(number)", template: generator.unitVector(32))
        }
        _ = try gallery.enroll(people)
        _ = try gallery.remove(subject: "Zoë 4")
        try gallery.exportFaiss(to: folder.file("faces.faiss"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script, folder.file("faces"), folder.file("faces.faiss")]
        process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONPATH": Self.tools]) { $1 }
        let (out, err) = (try folder.write([], to: "out"), try folder.write([], to: "err"))
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: out))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: err))
        try process.run()
        process.waitUntilExit()
        let failure = try String(contentsOfFile: err, encoding: .utf8)
        #expect(process.terminationStatus == 0, "\(failure)")
        let lines = try String(contentsOfFile: out, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 298)
        for line in lines {
            let parts = line.split(separator: "\t")
            let id = try #require(Int64(parts[0]))
            // What the page finds, the engine's own exact search finds.
            var search = FaceGallery.Search()
            search.mode = .exact
            search.count = 2
            let answer = try gallery.identify(people[Int(id) - 1].template, search)
            #expect(answer.candidates[0].subject == parts[1])
            #expect(answer.candidates[1].subject == parts[2])
            #expect(abs(answer.candidates[1].similarity - (Float(parts[3]) ?? 9)) < 1e-5)
        }
    }
}
