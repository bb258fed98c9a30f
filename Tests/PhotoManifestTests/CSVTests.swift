import TestSupport
import Testing

@testable import PhotoManifest

@Suite("A manifest in CSV")
struct CSVTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func rows(_ text: String) throws -> [ManifestRow] {
        try rows(Array(text.utf8))
    }

    private func rows(_ bytes: [UInt8]) throws -> [ManifestRow] {
        var reader = try ManifestReader(folder.write(bytes, to: "people.csv"))
        var rows: [ManifestRow] = []
        while let row = try reader.next() { rows.append(row) }
        return rows
    }

    private func photo(_ line: Int, _ path: String, _ subject: String, _ metadata: [String: String] = [:])
        -> ManifestRow
    {
        ManifestRow(line: line, content: .photo(path: path, subject: subject, metadata: metadata))
    }

    @Test("gives paths, subjects and the other columns as metadata, whatever the order of columns")
    func columns() throws {
        let text = "city,subject,path,year\nLondon,Ada,a.jpg,1815\n,Grace,g/1.jpg,1906\n"
        #expect(
            try rows(text) == [
                photo(2, "a.jpg", "Ada", ["city": "London", "year": "1815"]),
                photo(3, "g/1.jpg", "Grace", ["year": "1906"]),
            ])
    }

    @Test("keeps commas, quotes and line breaks within quotes, and counts the lines of the file")
    func quotes() throws {
        let text =
            "path,subject\r\n\"a,1.jpg\",\"Ada \"\"Countess\"\" Lovelace\"\r\n\"b\r\n\nc.jpg\",Bo\r\nd.jpg,Di"
        #expect(
            try rows(text) == [
                photo(2, "a,1.jpg", "Ada \"Countess\" Lovelace"), photo(3, "b\r\n\nc.jpg", "Bo"),
                photo(6, "d.jpg", "Di"),
            ])
    }

    @Test("begins with a byte order mark or without, has blank lines, and may lack the last line's end")
    func marksAndBlanks() throws {
        #expect(
            try rows([0xEF, 0xBB, 0xBF] + Array("path,subject\n\r\n\na.jpg,Ada".utf8)) == [
                photo(4, "a.jpg", "Ada")
            ])
    }

    @Test("of rows that cannot be used each costs itself alone, and says which line it is")
    func badRows() throws {
        let text = "path,subject\na.jpg\n,Ada\nb\"c,Bo\n\"d\"e,Di\nf.jpg,Fay,x\n"
        let rows = try rows(Array(text.utf8) + [0x67, 0xFF, 0x2C, 0x47, 0x0A] + Array("h.jpg,Hedy\n".utf8))
        #expect(rows.map(\.line) == [2, 3, 4, 5, 6, 7, 8])
        for row in rows.dropLast() {
            guard case .unusable(let reason) = row.content else {
                Issue.record("line \(row.line) was taken")
                continue
            }
            #expect(!reason.isEmpty)
        }
        #expect(rows.last == photo(8, "h.jpg", "Hedy"))
    }

    @Test("a quote that is never closed ends the reading at its line, after the rows before it")
    func openQuote() throws {
        var reader = try ManifestReader(
            folder.write(Array("path,subject\na.jpg,Ada\n\"b.jpg,Bo\nc.jpg,Cy\n".utf8), to: "people.csv"))
        #expect(try reader.next() == photo(2, "a.jpg", "Ada"))
        let failure = #expect(throws: ManifestError.self) { _ = try reader.next() }
        guard case .broken(_, 3, _) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test("a record without end is refused before it fills the memory")
    func endlessRecord() throws {
        let bytes =
            Array("path,subject\n".utf8) + [UInt8](repeating: 0x61, count: CSVRecords.longestRecord + 10)
        let failure = #expect(throws: ManifestError.self) { _ = try rows(bytes) }
        guard case .broken(_, 2, _) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test(
        "without a usable first line is refused, and the message says what to write",
        arguments: ["", "\n\n", "path\n", "Path,Subject\n", "path,path,subject\n", "\"path\"x,subject\n"])
    func badHeaders(text: String) throws {
        let failure = #expect(throws: ManifestError.self) { _ = try rows(text) }
        guard case .badHeader(let manifest, _) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(manifest.hasSuffix("people.csv"))
    }

    @Test("of random bytes never crashes the reader, and it always comes to an end", arguments: 0..<200)
    func randomBytes(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let alphabet: [UInt8] = [0x22, 0x2C, 0x0A, 0x0D, 0x61, 0x00, 0xFF, 0xC3, 0xA9]
        let body = (0..<300).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
        do {
            let found = try rows(Array("path,subject\n".utf8) + body)
            #expect(found.count <= 300)
            #expect(zip(found, found.dropFirst()).allSatisfy { $0.line < $1.line })
        } catch ManifestError.broken(_, let line, _) {
            #expect(line >= 2)
        }
    }

    @Test("that is not there, or of no known kind, is an error of its own")
    func missing() throws {
        #expect(throws: ManifestError.missing(manifest: "/nowhere/x.csv")) {
            _ = try ManifestReader("/nowhere/x.csv")
        }
        #expect(throws: ManifestError.unknownFormat(manifest: "people.txt")) {
            _ = try ManifestReader("people.txt")
        }
    }
}
