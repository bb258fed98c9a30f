import Foundation
import TestSupport
import Testing

/// What docs/operations.md promises of galleries that an earlier version made.
@Suite("A gallery of version 0.1.0") struct OldGalleryTests {
    private let folder: TemporaryFolder
    private let program: Facegallery

    init() throws {
        folder = try TemporaryFolder()
        program = Facegallery(folder)
        let kept = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/gallery-0.1.0.tar.gz")
        let unpacked = try TestedProgram(path: "/bin/tar").run(["-xzf", kept.path], in: folder)
        #expect(unpacked.exitCode == 0, "\(unpacked.err)")
    }

    private func matches(_ lines: String) throws -> [String?] {
        try folder.write(Array(lines.utf8), to: "probes.jsonl")
        let result = try program(
            "identify", "-g", "g", "--embeddings", "-", "--min-similarity", "0.7", "--json",
            input: folder.file("probes.jsonl"))
        #expect(result.exitCode == 0, "\(result.err)")
        return try result.objects().map { line in
            guard line["decision"] as? String == "match" else { return nil }
            return (line["candidates"] as? [[String: Any]])?.first?["subject"] as? String
        }
    }

    @Test("opens, is sound and answers as it did")
    func answers() throws {
        let check = try program("check", "-g", "g")
        #expect(
            check.exitCode == 0 && check.out.contains("3 subjects, 4 references: sound"),
            "\(check.out)\(check.err)")
        let zeros = String(repeating: ",0", count: 11)
        let found = try matches(
            """
            {"embedding": [0.9,0.4,0,0,0\(zeros)]}
            {"embedding": [0,0,0,0,1\(zeros)]}
            {"embedding": [0,0,0,0,0,0,1,0,0,0,0,0,0,0,0,0]}

            """)
        #expect(found == ["Ada", "Zoë", nil])
    }

    @Test("can be changed, and stays sound")
    func changes() throws {
        try folder.write(
            Array(#"{"subject": "New", "embedding": [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1]}"#.utf8), to: "new.jsonl")
        let enrolled = try program(
            "enroll", "-g", "g", "--embeddings", "-", input: folder.file("new.jsonl"))
        #expect(enrolled.exitCode == 0, "\(enrolled.err)")
        #expect(try program("rename", "-g", "g", "Grace", "Grace Hopper").exitCode == 0)
        #expect(try matches("{\"embedding\": [0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0]}\n") == ["Grace Hopper"])
        let check = try program("check", "-g", "g")
        #expect(check.out.contains("4 subjects, 5 references: sound"), "\(check.out)\(check.err)")
        #expect(try program("compact", "-g", "g").exitCode == 0)
        #expect(try matches("{\"embedding\": [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1]}\n") == ["New"])
    }
}
