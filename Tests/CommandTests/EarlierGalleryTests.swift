import Foundation
import TestSupport
import Testing

/// Galleries that `Fixtures/galleries/make.py` made with the programs of those days.
@Suite("A gallery of an earlier version")
struct EarlierGalleryTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures/galleries")

    private let folder: TemporaryFolder
    private let facegallery: Facegallery

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
    }

    /// What two versions must agree on: decisions, subjects and references, and similarities but for the last digits.
    private func facts(_ answer: [String: Any]) -> [String] {
        let candidates = answer["candidates"] as? [[String: Any]] ?? []
        return ["\(answer["decision"] ?? "")"]
            + candidates.map { candidate in
                let similarity = (candidate["similarity"] as? Double).map { Int(($0 * 100_000).rounded()) }
                return "\(candidate["subject"] ?? "") \(candidate["reference"] ?? "") \(similarity ?? -1)"
            }
    }

    @Test(
        "opens, is sound, answers as it did then, and can be changed", arguments: ["2026-11-25", "2026-11-28"])
    func opens(_ version: String) throws {
        for name in ["g", "probes.npy"] {
            try FileManager.default.copyItem(
                atPath: Self.fixtures.appendingPathComponent("\(version)/\(name)").path,
                toPath: folder.file(name))
        }
        let answers = try String(
            contentsOf: Self.fixtures.appendingPathComponent("\(version)/answers.jsonl"), encoding: .utf8)
        let then = try answers.split(separator: "\n").map { line in
            facts(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:])
        }

        func answersNow() throws -> [[String]] {
            let result = try facegallery(
                "identify", "-g", "g", "--embeddings", "probes.npy", "-k", "3", "--min-similarity", "0.9",
                "--json")
            #expect(result.exitCode == 0, "\(result.err)")
            return try result.objects().map(facts)
        }
        func check() throws {
            let check = try facegallery("check", "-g", "g")
            #expect(check.exitCode == 0, "\(check.out)\(check.err)")
        }

        try check()
        #expect(then.count == 30)
        #expect(try answersNow() == then)
        #expect(try facegallery("stats", "-g", "g", "--json").objects().first?["subjects"] as? Int == 28)

        #expect(try facegallery("snapshot", "-g", "g", "copy").exitCode == 0)
        #expect(try facegallery("rename", "-g", "g", "Zoë", "Zoe").exitCode == 0)
        #expect(try facegallery("remove", "-g", "g", "Zoe").exitCode == 0)
        try check()
        #expect(try answersNow() != then)
        #expect(try facegallery("compact", "-g", "g").exitCode == 0)
        try check()
        try FileManager.default.removeItem(atPath: folder.file("g"))
        #expect(try facegallery("restore", "copy", "-g", "g").exitCode == 0)
        #expect(try answersNow() == then)
    }
}
