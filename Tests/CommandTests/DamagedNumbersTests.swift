import Foundation
import GalleryModel
import Testing
import TestSupport
@testable import TemplateStore

/// Numbers that no photo and no network gives, in a gallery whose checksums are right.
@Suite("Numbers out of range")
struct DamagedNumbersTests {
    private let folder: TemporaryFolder
    private let facegallery: Facegallery
    private var generator = SeededGenerator(seed: 17)

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
    }

    /// Runs the program; whatever it answers, it ends as it means to.
    @discardableResult
    private func run(
        _ words: [String], at location: SourceLocation = #_sourceLocation
    ) throws -> Facegallery.Result {
        let result = try facegallery.run(words)
        #expect(
            [0, 1, 65].contains(result.exitCode), "\(words): \(result.exitCode) \(result.err)",
            sourceLocation: location)
        #expect(!result.err.contains("Fatal error"), "\(words)", sourceLocation: location)
        return result
    }

    private func enrol(_ numbers: [Double], in gallery: String) throws {
        let content = try ForeignContent(at: folder.file(gallery))
        for number in numbers {
            try content.enrol(
                "Ada", unchecked: [1] + [Float](repeating: 0, count: 15),
                quality: ReferenceQuality(
                    faceSize: -7, sharpness: number, yaw: number, roll: number, score: number),
                enrolled: number)
        }
    }

    @Test("of a quality are listed as they are")
    func qualities() throws {
        let numbers = [1e308, -1e308, 1e19, -1e19]
        try enrol(numbers, in: "g")
        let list = try run(["subjects", "-g", "g", "Ada"])
        #expect(list.lines.count == numbers.count)
        #expect(list.out.contains("sharpness 1e+308"), "\(list.out)")
        let objects = try run(["subjects", "-g", "g", "Ada", "--json"]).objects()
        #expect(objects.map { $0["enrolled"] as? Double } == numbers)
        // What import would refuse is not written.
        for file in [["--jsonl", "x.jsonl"], ["--hdf5", "x.h5"], ["--jsonl", "-"]] {
            let result = try run(["export", "-g", "g"] + file)
            #expect(result.exitCode == 65 && result.err.contains("reference 1 of the gallery"), "\(result.err)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("x.jsonl")))
    }

    @Test(
        "of a quality that are none are damage of the gallery", arguments: [Double.infinity, -.infinity, .nan])
    func noNumbers(number: Double) throws {
        try enrol([number], in: "g")
        for words in [["subjects", "-g", "g", "Ada"], ["export", "-g", "g", "--jsonl", "-"]] {
            let result = try run(words)
            #expect(result.exitCode == 65 && result.err.contains("damaged"), "\(words): \(result.err)")
        }
        #expect(try run(["check", "-g", "g"]).exitCode != 0)
    }

    @Test(
        "of templates end no command",
        arguments: [
            Float.infinity, -.infinity, .nan, .greatestFiniteMagnitude, 1e30, .leastNonzeroMagnitude, 0,
        ])
    mutating func templates(number: Float) throws {
        let content = try ForeignContent(at: folder.file("g"))
        var rows = (0..<40).map { _ in generator.unitVector(16) }
        for (place, row) in rows.enumerated() {
            try content.enrol("subject \(place / 4)", row)
        }
        // With an index of before the damage, answers get as far as the templates themselves.
        #expect(try run(["check", "-g", "g", "--repair"]).exitCode == 0)
        for place in 0..<3 {
            try content.replace(Int64(place * 4 + 1), unchecked: [Float](repeating: number, count: 16))
            var mixed = rows[place]
            mixed[place] = number
            try content.replace(Int64(place * 4 + 2), unchecked: mixed)
        }
        rows = Array(rows.prefix(3))
        try folder.write(npy(rows), to: "x.npy")
        for json in [[], ["--json"]] {
            for words in [
                ["identify", "--embeddings", "x.npy"], ["identify", "--embeddings", "x.npy", "--exact"],
                [
                    "identify", "--embeddings", "x.npy", "--fusion", "mean", "-k", "100", "--min-similarity",
                    "0.5",
                ],
                ["identify", "--embeddings", "x.npy", "--fusion", "mean", "--exact", "-k", "100"],
                ["duplicates", "--min-similarity", "0.3"], ["duplicates", "--min-similarity", "-1"],
                ["audit", "--min-similarity", "0.3"], ["audit"], ["stats"], ["check"],
            ] {
                try run(words + ["-g", "g"] + json)
            }
        }
        let check = try run(["check", "-g", "g"])
        #expect(
            check.exitCode == 1 && check.out.contains("the template of reference 9"),
            "\(check.exitCode) \(check.out) \(check.err)")
    }

    @Test("of an export are refused by line, and nothing of the line is enrolled")
    mutating func exports() throws {
        let content = try ForeignContent(at: folder.file("g"))
        try content.store.write { (writer) throws(StoreError) in
            try writer.add(
                NewReference(
                    subject: "Ada", source: "photo",
                    quality: ReferenceQuality(faceSize: 80, sharpness: 33, yaw: 1, roll: 2, score: 3),
                    enrolled: 1.5e9, template: generator.unitVector(16)))
        }
        let lines = try run(["export", "-g", "g", "--jsonl", "-"]).lines.map(String.init)
        let template = try #require(lines[1].firstRange(of: "\"embedding\":[")).upperBound
        for (old, new) in [
            ("33.0", "1e308"), ("33.0", "-1"), ("33.0", "1e400"),
            ("\"faceSize\":80", "\"faceSize\":9223372036854775807"),
            ("1500000000.0", "1e300"), ("\"yaw\":1.0", "\"yaw\":1e19"), ("\"score\":3.0", "\"score\":1e18"),
            ("\"reference\":1", "\"reference\":1e30"),
            (String(lines[1][template...].prefix { $0 != "," }), "1e39"),
            (String(lines[1][template...].prefix { $0 != "," }), "3e38"),
            (String(lines[1][template...].prefix { $0 != "," }), "1e-46"),
        ] {
            let changed = lines[1].replacingOccurrences(of: old, with: new)
            #expect(changed != lines[1], "\(old)")
            try folder.write(Array("\(lines[0])\n\(changed)\n".utf8), to: "x.jsonl")
            let result = try run(["import", "-g", "copy", "x.jsonl"])
            #expect(result.exitCode == 65 && result.err.contains("line 2"), "\(new): \(result.err)")
            #expect(try run(["subjects", "-g", "copy"]).out.isEmpty)
        }
    }
}
