import TestSupport
import Testing

@testable import PhotoManifest

@Suite("A manifest in JSON Lines")
struct JSONLinesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func rows(_ bytes: [UInt8]) throws -> [ManifestRow] {
        var reader = try ManifestReader(folder.write(bytes, to: "people.jsonl"))
        var rows: [ManifestRow] = []
        while let row = try reader.next() { rows.append(row) }
        return rows
    }

    @Test("gives paths, subjects, and other values as texts; null is nothing")
    func values() throws {
        let text = """
            {"path":"a.jpg","subject":"Ada","born":1815,"royal":false,"weight":0.5,"died":null}

            {"subject":"Zo\\u00eb","path":"z/1.jpg","note":"a\\nb"}\r\n
            """
        #expect(
            try rows(Array(text.utf8)) == [
                ManifestRow(
                    line: 1,
                    content: .photo(
                        path: "a.jpg", subject: "Ada",
                        metadata: ["born": "1815", "royal": "false", "weight": "0.5"])),
                ManifestRow(
                    line: 3, content: .photo(path: "z/1.jpg", subject: "Zoë", metadata: ["note": "a\nb"])),
            ])
    }

    @Test(
        "of lines that cannot be used each costs itself alone",
        arguments: [
            "{\"path\":\"a.jpg\"", "[1,2]", "{\"path\":\"a.jpg\"}", "{\"subject\":\"Ada\"}", "nonsense",
            "{\"path\":\"a.jpg\",\"subject\":\"Ada\",\"more\":{\"x\":1}}",
            "{\"path\":\"\",\"subject\":\"Ada\"}",
            String(repeating: "[", count: 100_000),
        ])
    func badLines(line: String) throws {
        let good = #"{"path":"b.jpg","subject":"Bo"}"#
        let rows = try rows(Array("\(line)\n\(good)\n".utf8))
        #expect(rows.count == 2)
        guard case .unusable = rows.first?.content else {
            Issue.record("\(line.prefix(60)) was taken")
            return
        }
        #expect(rows.last == ManifestRow(line: 2, content: .photo(path: "b.jpg", subject: "Bo", metadata: [:])))
    }

    @Test("a line without end takes no more memory than the longest that is read")
    func longLine() throws {
        let bytes =
            [UInt8](repeating: 0x20, count: JSONLines.longestLine + 1)
            + Array("\n{\"path\":\"b.jpg\",\"subject\":\"Bo\"}".utf8)
        let rows = try rows(bytes)
        #expect(rows.map(\.line) == [1, 2])
    }

    @Test("of random bytes never crashes the reader", arguments: 0..<100)
    func randomBytes(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let alphabet = Array("{}[]\":,\\u00e1\n tf0-e.".utf8) + [0x00, 0xFF]
        let body = (0..<400).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
        for row in try rows(body) {
            guard case .unusable = row.content else {
                Issue.record("line \(row.line) was taken")
                continue
            }
        }
    }
}
