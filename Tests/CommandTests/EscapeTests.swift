import Foundation
import GalleryModel
import Glibc
import Testing
import TestSupport
@testable import TemplateStore

/// Names, paths, metadata and cards are others': nothing in them reaches a terminal as it is.
@Suite("Nothing steers the terminal")
struct EscapeTests {
    /// Escape sequences, a bell, C1's own sequence, a turn of the direction, and three ends of a line before a word that
    /// would then stand alone.
    private static let hostile =
        "x\u{1B}]0;owned\u{7}\u{1B}[31m\u{9B}2J\u{7F}\u{202E}\u{2066}\u{200B}\u{FEFF}\u{2028}FORGED\u{2029}FORGED\r\nFORGED\tx"
    /// The same without what a path cannot hold.
    private static var path: String { hostile }

    private let folder: TemporaryFolder
    private let facegallery: Facegallery
    private let gallery: String
    private let rows: [[Float]]

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
        gallery = "g\(Self.path)"
        var generator = SeededGenerator(seed: 91)
        rows = (0..<6).map { _ in generator.unitVector(16) }
        let content = try ForeignContent(at: folder.file(gallery), network: "net \(Self.hostile)")
        for (number, row) in rows.enumerated() {
            let name = number == 5 ? Self.hostile + "4" : "\(Self.hostile)\(number)"
            try content.enrol(
                number == 5 ? "plain" : name, number == 5 ? rows[4] : row, source: "photo \(Self.hostile).jpg",
                metadata: [Self.hostile: Self.hostile])
        }
    }

    /// Runs the program, and looks at each character that it prints.
    @discardableResult
    private func run(
        _ words: [String], exitCode: Int32? = 0, input: String? = nil,
        at location: SourceLocation = #_sourceLocation
    ) throws -> Facegallery.Result {
        let result = try facegallery.run(words, input: input)
        if let exitCode {
            #expect(result.exitCode == exitCode, "\(result.err.printable)", sourceLocation: location)
        }
        for (stream, text) in [("output", result.out), ("error", result.err)] {
            let raw = text.unicodeScalars.filter { $0.isUnprintable && $0 != "\n" && $0 != "\t" }
            #expect(
                raw.isEmpty, "\(words.joined(separator: " ").printable): \(stream) has \(raw.map(\.value))",
                sourceLocation: location)
            let forged = text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("FORGED") }
            #expect(forged.isEmpty, "\(words): \(stream)", sourceLocation: location)
            if words.contains("--json"), stream == "output" {
                for line in text.split(separator: "\n") {
                    #expect(
                        (try? JSONSerialization.jsonObject(with: Data(line.utf8))) != nil,
                        sourceLocation: location)
                }
            }
        }
        return result
    }

    @Test("whatever names, sources and metadata hold, in every verb that prints them")
    func everyVerb() throws {
        let (g, name) = (["-g", gallery], "\(Self.hostile)0")
        try folder.write(npy(rows), to: "\(Self.path).npy")
        try folder.write(npy([[Float](repeating: 0, count: 16)]), to: "zero \(Self.path).npy")
        for json in [[], ["--json"]] {
            for words in [
                ["subjects"], ["subjects", name], ["stats"],
                ["audit", "--min-similarity", "-1", "--max-likenesses", "1"],
                ["duplicates", "--min-similarity", "0.5"],
                ["identify", "--embeddings", "\(Self.path).npy"],
                ["identify", "--embeddings", "\(Self.path).npy", "--with-metadata", "--min-similarity", "0.5"],
                ["identify", "--embeddings", "\(Self.path).npy", "--fusion", "mean", "--exact"],
            ] {
                let result = try run(words + g + json)
                #expect(!result.out.isEmpty, "\(words)")
            }
            // Names with control characters are damage: no command puts them there.
            try run(["check"] + g + json, exitCode: 1)
            try run(["identify", "--embeddings", "zero \(Self.path).npy"] + g + json, exitCode: 65)
            try run(["identify", "--embeddings", "none \(Self.path).npy"] + g + json, exitCode: 66)
            try run(["subjects", "none \(Self.hostile)"] + g + json, exitCode: 66)
            try run(["compact"] + g + json)
            try run(["snapshot", "s\(json.count)\(Self.path)"] + g + json)
            try run(["restore", "s\(json.count)\(Self.path)", "-g", "r\(json.count)\(Self.path)"] + json)
        }
        let exported = try run(["export", "--jsonl", "-"] + g)
        #expect(exported.out.contains("\\u202e") && exported.lines.count == 7)
        try run(["export", "--jsonl", "e\(Self.path)"] + g)
        try run(["export", "--hdf5", "h\(Self.path)"] + g)
        try run(["export", "--embeddings", "m\(Self.path)", "--subjects", "n\(Self.path)"] + g, exitCode: 65)
        try run(["export", "--faiss", "f\(Self.path)"] + g)
        for file in ["e", "h"] {
            let result = try run(["import", "-g", "i\(file)\(Self.path)", "\(file)\(Self.path)"], exitCode: 65)
            #expect(result.err.contains("U+001B") && result.err.contains("rename"), "\(result.err)")
        }
        try run(["rename", name, "new \(Self.hostile)"] + g, exitCode: 65)
        try run(["rename", "none \(Self.hostile)", "new"] + g, exitCode: 66)
        try run(["merge", name, "\(Self.hostile)1"] + g)
        try run(["merge", name, "\(Self.hostile)1"] + g, exitCode: 66)
        try run(["rename", "\(Self.hostile)1", "new"] + g)
        try run(["remove", "\(Self.hostile)2", "none \(Self.hostile)"] + g, exitCode: 66)
        try run([Self.hostile], exitCode: 64)
        try run(["stats", "--\(Self.hostile)"], exitCode: 64)
        try run(["create", "-g", gallery, "--dimension", "16"], exitCode: 73)
        try run(["create", "-g", "c\(Self.path)", "--dimension", "16"])
        try run(["create", "-g", "c2", "--network", "./none\(Self.path)"], exitCode: 66)
        try run(["network", "show", "./none\(Self.path)"], exitCode: 66)
        try run(["train", "none\(Self.path)", "--out", "out\(Self.path)"], exitCode: nil)
    }

    @Test("whatever is enrolled, accepted or refused")
    func enrolment() throws {
        let names = (0..<6).map { $0 == 3 ? "plain" : "a\u{1B}[31m\u{202E}\($0)" }
        try folder.write(npy(rows), to: "x\(Self.path).npy")
        try folder.write(Array(names.joined(separator: "\n").utf8), to: "x\(Self.path).txt")
        let line = ["subject": Self.hostile, "embedding": "none"]
        try folder.write(
            Array(try JSONSerialization.data(withJSONObject: line)) + Array("\n{\u{1B}[31m\n".utf8), to: "lines"
        )
        for words in [["--dry-run"], [], ["--json"], ["--rejects", "rejects\(Self.path)"]] {
            let result = try run(
                [
                    "enroll", "-g", gallery, "--embeddings", "x\(Self.path).npy", "--subjects",
                    "x\(Self.path).txt",
                ] + words,
                exitCode: 65)
            #expect(result.err.contains("U+001B"))
            try run(
                ["enroll", "-g", gallery, "--embeddings", "-"] + words, exitCode: 65,
                input: folder.file("lines"))
        }
        let rejects = try Data(contentsOf: URL(fileURLWithPath: folder.file("rejects\(Self.path)")))
        #expect(!rejects.contains(0x1B))
        try run(["enroll", "-g", gallery, "none\(Self.path).jpg"], exitCode: nil)
        try run(["enroll", "-g", gallery, "--manifest", "none\(Self.path).csv"], exitCode: nil)
        try folder.write(Array("\(Self.hostile)".utf8), to: "m.csv")
        try run(["enroll", "-g", gallery, "--manifest", "m.csv"], exitCode: nil)
    }

    @Test(
        "photos and people whose files have such names", .enabled(if: Facegallery.hasModels, "needs the models")
    )
    func photos() throws {
        let portrait = try Data(contentsOf: URL(fileURLWithPath: Facegallery.portrait("biden.jpg")))
        let people = folder.file("people \(Self.path)")
        try FileManager.default.createDirectory(
            atPath: people + "/ok", withIntermediateDirectories: true)
        try FileManager.default.createDirectory(
            atPath: people + "/" + Self.path, withIntermediateDirectories: true)
        try portrait.write(to: URL(fileURLWithPath: people + "/ok/\(Self.path).jpg"))
        try portrait.write(to: URL(fileURLWithPath: people + "/\(Self.path)/1.jpg"))
        try Data("no photo".utf8).write(to: URL(fileURLWithPath: people + "/ok/z\(Self.path).jpg"))
        try run(["create", "-g", "p"])
        for json in [[], ["--json"]] {
            try run(["enroll", "-g", "p", people, "--rejects", "r\(Self.path)"] + json, exitCode: nil)
            try run(["identify", "-g", "p", people] + json, exitCode: nil)
            try run(
                ["verify", people + "/ok/\(Self.path).jpg", people + "/\(Self.path)/1.jpg"] + json)
            try run(
                ["embed", people, "--out", "o\(Self.path)", "--names", "on\(Self.path)"] + json, exitCode: nil)
            try run(
                ["verify", people + "/ok/z\(Self.path).jpg", people + "/ok/\(Self.path).jpg"] + json,
                exitCode: 65)
        }
    }

    @Test("the card of a network of somebody's", .enabled(if: Facegallery.hasModels, "needs the models"))
    func cards() throws {
        let source = SetUpCache.file("networks/sface")
        let network = folder.file("net\(Self.path)")
        try FileManager.default.createDirectory(atPath: network, withIntermediateDirectories: true)
        for file in try FileManager.default.contentsOfDirectory(atPath: source) where file != "card.json" {
            try FileManager.default.copyItem(atPath: source + "/" + file, toPath: network + "/" + file)
        }
        var card = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: source + "/card.json")))
                as? [String: Any])
        for key in ["name", "license", "source"] { card[key] = Self.hostile }
        var threshold = card["threshold"] as? [String: Any] ?? [:]
        threshold["measured"] = Self.hostile
        card["threshold"] = threshold
        try JSONSerialization.data(withJSONObject: card).write(to: URL(fileURLWithPath: network + "/card.json"))
        for json in [[], ["--json"]] {
            try run(["network", "show", "./net\(Self.path)"] + json)
        }
        try run(["network", "export", "./net\(Self.path)", "--onnx", "o\(Self.path)"], exitCode: nil)
        try run(["create", "-g", "n", "--network", "./net\(Self.path)"], exitCode: nil)
        try run(["stats", "-g", "n"], exitCode: nil)
    }
}
