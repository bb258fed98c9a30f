import CTestHDF5
import Foundation
import TestSupport
import Testing

/// What `enroll --embeddings` takes.
@Suite("Files and streams of templates", .serialized)
struct TemplateInputTests {
    let folder: TemporaryFolder
    let facegallery: Facegallery
    private let rows: [[Float]]
    private let names = (0..<60).map { "subject \($0 / 2)" }

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
        var generator = SeededGenerator(seed: 21)
        rows = (0..<60).map { _ in generator.unitVector(16) }
        try folder.write(npy(rows), to: "x.npy")
        try folder.write(Array(names.joined(separator: "\n").utf8), to: "names.txt")
        #expect(try facegallery("create", "-g", "g", "--dimension", "16").exitCode == 0)
    }

    private func little(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    private func jsonLines(_ rows: [[Float]]) -> String {
        zip(names, rows).map { "{\"subject\": \"\($0)\", \"embedding\": \($1)}\n" }.joined()
    }

    /// Whether each row finds itself.
    private func expectAnswers() throws {
        let answers = try facegallery(
            "identify", "-g", "g", "--embeddings", "x.npy", "-k", "1", "--min-similarity", "0.999", "--json"
        ).objects()
        #expect(answers.count == rows.count)
        for (row, answer) in answers.enumerated() {
            let candidates = answer["candidates"] as? [[String: Any]] ?? []
            #expect(candidates.first?["subject"] as? String == names[row])
            #expect(candidates.first?["reference"] as? Int == row + 1)
        }
        #expect(try facegallery("check", "-g", "g").exitCode == 0)
    }

    @Test("fvecs and HDF5 give the same gallery as npy", arguments: ["x.fvecs", "x.hdf5", "x.npy"])
    func formats(name: String) throws {
        let vecs = rows.flatMap { row in little(16) + row.flatMap { little($0.bitPattern) } }
        try folder.write(vecs, to: "x.fvecs")
        let path = folder.file("x.hdf5")
        #expect(unsafe test_hdf5_new(path, "angular", 0) == 0)
        #expect(unsafe test_hdf5_add_floats(path, "train", [60, 16], 2, Array(rows.joined()), 7) == 0)
        let result = try facegallery("enroll", "-g", "g", "--embeddings", name, "--subjects", "names.txt")
        #expect(result.exitCode == 0 && result.err.contains("60 templates enrolled"), "\(result.err)")
        try expectAnswers()
        let source = try facegallery("subjects", "-g", "g", "--json", "subject 1").objects().first
        #expect(source?["source"] as? String == "\(name):2")
    }

    @Test("JSON Lines on standard input are enrolled, and again nothing twice")
    func jsonLines() throws {
        let input = folder.file("x.jsonl")
        try folder.write(Array(jsonLines(rows).utf8), to: "x.jsonl")
        #expect(try facegallery("enroll", "-g", "g", "--embeddings", "-", input: input).exitCode == 0)
        try expectAnswers()
        let again = try facegallery("enroll", "-g", "g", "--embeddings", "-", "--json", input: input)
        #expect(try again.objects().last?["present"] as? Int == 60)
    }

    @Test("lines that cannot be used are refused by their number, and the others enrolled")
    func badLines() throws {
        let embedding = "\(rows[0])"
        let lines = [
            "{\"subject\": \"Ada\", \"embedding\": \(embedding)}", "", "nonsense", "[]",
            "{\"subject\": \"Ada\"}",
            "{\"subject\": \"Ada\", \"embedding\": [1, 2]}", "{\"subject\": 5, \"embedding\": \(embedding)}",
            "{\"subject\": \"\", \"embedding\": \(embedding)}",
            "{\"subject\": \"Ada\", \"embedding\": [\(String(repeating: "0, ", count: 15))0]}",
            "{\"subject\": \"Ada\", \"embedding\": [\(String(repeating: "1e99, ", count: 15))1]}",
            String(repeating: "[", count: 100_000), String(repeating: "x", count: 3 << 20),
            "{\"subject\": \"Grace\", \"embedding\": \(rows[1]), \"more\": true}",
        ]
        try folder.write(Array(lines.joined(separator: "\n").utf8) + [0x0A, 0xFF, 0xFE], to: "bad.jsonl")
        let result = try facegallery(
            "enroll", "-g", "g", "--embeddings", "-", "--json", input: folder.file("bad.jsonl"))
        #expect(result.exitCode == 65)
        let summary = try result.objects().last ?? [:]
        #expect(summary["enrolled"] as? Int == 2 && summary["refused"] as? Int == 11)
        for line in [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14] { #expect(result.err.contains("row \(line):")) }
        #expect(try facegallery("subjects", "-g", "g").lines == ["1\tAda", "1\tGrace"])
    }

    @Test("a file that ends early keeps what came before, and says so")
    func cutOff() throws {
        var vecs = rows.flatMap { row in little(16) + row.flatMap { little($0.bitPattern) } }
        vecs[50 * 68] = 17
        try folder.write(vecs, to: "x.fvecs")
        let result = try facegallery("enroll", "-g", "g", "--embeddings", "x.fvecs", "--subjects", "names.txt")
        #expect(result.exitCode == 65 && result.err.contains("row 50 claims 17 numbers"), "\(result.err)")
        #expect(try facegallery("check", "-g", "g").exitCode == 0)
    }

    @Test("names that do not fit and options that exclude each other are refused before anything is written")
    func refusedAtOnce() throws {
        try folder.write(Array("a\nb\n".utf8), to: "two.txt")
        let few = try facegallery("enroll", "-g", "g", "--embeddings", "x.npy", "--subjects", "two.txt")
        #expect(few.exitCode == 65 && few.err.contains("2 names for the 60 rows"))
        #expect(
            try facegallery("enroll", "-g", "g", "--embeddings", "-", "--subjects", "two.txt").exitCode == 64)
        #expect(try facegallery("enroll", "-g", "g", "--embeddings", "x.npy").exitCode == 64)
        #expect(
            try facegallery("enroll", "-g", "g", "--embeddings", "none.bvecs", "--subjects", "two.txt").exitCode
                == 66)
        #expect(try facegallery("subjects", "-g", "g").lines.isEmpty)
    }
}
