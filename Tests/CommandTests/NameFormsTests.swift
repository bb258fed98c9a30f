import Foundation
import TestSupport
import Testing

/// However a list of names was saved, nobody gets a namesake who looks the same.
@Suite("Names from files")
struct NameFormsTests {
    private let folder: TemporaryFolder
    private let facegallery: Facegallery

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
        var generator = SeededGenerator(seed: 3)
        try folder.write(npy((0..<2).map { _ in generator.unitVector(16) }), to: "x.npy")
        #expect(try facegallery("create", "-g", "g", "--dimension", "16").exitCode == 0)
    }

    @Test("a mark at the start, blanks at the ends, CRLF and letters taken apart make no second subject")
    func oneSubject() throws {
        let lists = [
            "Zo\u{EB}\nBob\n", "\u{FEFF}Zo\u{EB}\nBob\n", "Zo\u{EB} \nBob\t\n", "\u{A0}Zo\u{EB}\r\nBob\r\n",
            "Zoe\u{308}\n Bob",
        ]
        for (number, list) in lists.enumerated() {
            try folder.write(Array(list.utf8), to: "names.txt")
            let words = ["enroll", "-g", "g", "--embeddings", "x.npy", "--subjects", "names.txt", "--json"]
            let rehearsed = try facegallery.run(words + ["--dry-run"])
            let result = try facegallery.run(words)
            #expect(result.exitCode == 0, "\(result.err)")
            for summary in [try rehearsed.objects().last, try result.objects().last] {
                #expect(summary?["present"] as? Int == (number == 0 ? 0 : 2), "list \(number)")
            }
        }
        let lines = ["Zo\u{EB} ", "Zoe\u{308}", "\\u00a0Bob\\r\\n"].map {
            "{\"subject\": \"\($0)\", \"embedding\": [\((1...16).map(String.init).joined(separator: ","))]}\n"
        }
        try folder.write(Array(("\u{FEFF}" + lines.joined()).utf8), to: "lines")
        let result = try facegallery("enroll", "-g", "g", "--embeddings", "-", input: folder.file("lines"))
        #expect(result.exitCode == 0, "\(result.err)")
        let subjects = try facegallery("subjects", "-g", "g")
        #expect(Array(subjects.out.utf8) == Array("2\tBob\n2\tZo\u{EB}\n".utf8), "\(subjects.out)")
        // Users may type the name in any form.
        for name in ["Zo\u{EB}", "Zoe\u{308}", " Zo\u{EB}"] {
            #expect(try facegallery("subjects", "-g", "g", name).lines.count == 2)
        }
        #expect(try facegallery("rename", "-g", "g", "Bob ", "  Robert").exitCode == 0)
        #expect(try facegallery("subjects", "-g", "g").out.hasPrefix("2\tRobert\n"))
    }

    @Test("a name with characters that nobody sees is refused by their number, and so is one of an export")
    func invisible() throws {
        try folder.write(Array("Ada\u{200B}\nBob\u{FEFF}\n".utf8), to: "names.txt")
        let result = try facegallery(
            "enroll", "-g", "g", "--embeddings", "x.npy", "--subjects", "names.txt", "--json")
        #expect(result.exitCode == 65)
        let messages = try result.objects().compactMap { $0["message"] as? String }
        #expect(messages.count == 2 && messages[0].contains("U+200B") && messages[1].contains("U+FEFF"))
        try folder.write(Array("Ada\nBob\n".utf8), to: "names.txt")
        #expect(
            try facegallery("enroll", "-g", "g", "--embeddings", "x.npy", "--subjects", "names.txt").exitCode
                == 0)
        let export = try facegallery("export", "-g", "g", "--jsonl", "-").out
        for (name, text) in [("A\\u202eda", "U+202E"), ("A\u{200D}da", "U+200D"), (" ", "it is empty")] {
            try folder.write(
                Array(export.replacingOccurrences(of: "\"Ada\"", with: "\"\(name)\"").utf8), to: "x.jsonl")
            let result = try facegallery("import", "-g", "copy", "x.jsonl")
            #expect(result.exitCode == 65 && result.err.contains(text), "\(result.err)")
        }
        // An editor's mark and blanks change nothing.
        let marked = "\u{FEFF}" + export.replacingOccurrences(of: "\"Ada\"", with: "\"Ada \"")
        try folder.write(Array(marked.utf8), to: "x.jsonl")
        #expect(try facegallery("import", "-g", "copy", "x.jsonl").exitCode == 0)
        #expect(try facegallery("subjects", "-g", "copy").out == "1\tAda\n1\tBob\n")
    }
}
