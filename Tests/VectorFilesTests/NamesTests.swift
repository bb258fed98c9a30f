import TestSupport
import Testing
import VectorFiles

@Suite("Files of names")
struct NamesTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func names(_ text: String) throws -> [String] {
        let reader = try NamesReader(path: folder.write(Array(text.utf8), to: "names.txt"))
        var names: [String] = []
        while let name = try reader.next() { names.append(name) }
        return names
    }

    @Test("lines end with LF or CRLF, and the last may lack it")
    func lineEndings() throws {
        #expect(try names("Ada Lovelace\nZoë\r\nx") == ["Ada Lovelace", "Zoë", "x"])
        #expect(try names("a\n") == ["a"])
        #expect(try names("") == [])
    }

    @Test("the mark that some programs begin a file with is none of the first name's", arguments: [1, 100])
    func byteOrderMark(limit: Int) throws {
        #expect(
            try names("\u{FEFF}Ada\nBob\n").map { Array($0.utf8) } == [Array("Ada".utf8), Array("Bob".utf8)])
        #expect(try names("\u{FEFF}") == [])
        let path = try folder.write(Array("\u{FEFF}Ada\n\u{FEFF}Bob".utf8), to: "mark.txt")
        let reader = try NamesReader(path: path)
        var block = NameBlock()
        while try reader.next(limit, into: &block) > 0 {}
        #expect(block.count == 2)
        #expect(Array(block.bytes[block.range(0)]) == Array("Ada".utf8))
        // Elsewhere it is part of the name, and refused where that is enrolled.
        #expect(Array(block.bytes[block.range(1)]) == Array("\u{FEFF}Bob".utf8))
        #expect(try NamesReader.count(path: path) == 2)
    }

    @Test("a replacement character is a character like any other")
    func replacementCharacter() throws {
        #expect(try names("a\u{FFFD}b\n") == ["a\u{FFFD}b"])
    }

    @Test("a million bytes of names pass through one block")
    func manyNames() throws {
        let expected = (0..<200_000).map { "subject \($0)" }
        let read = try names(expected.joined(separator: "\n"))
        #expect(read == expected)
    }

    @Test("an empty line and one that is not text are refused by their number")
    func badLines() throws {
        let blank = try NamesReader(path: folder.write(Array("a\n\nb\n".utf8), to: "blank.txt"))
        _ = try blank.next()
        #expect(throws: VectorFileError.self) { try blank.next() }
        let binary = try NamesReader(path: folder.write([0x61, 0x0A, 0xFF, 0xFE, 0x0A], to: "binary.txt"))
        _ = try binary.next()
        let error = #expect(throws: VectorFileError.self) { try binary.next() }
        #expect(error?.description == "\(folder.file("binary.txt")): line 2 is not UTF-8 text")
    }

    @Test("blocks hold the same names as lines do, and are counted", arguments: [1, 7, 100_000])
    func blocks(limit: Int) throws {
        let expected = (0..<1_000).map { $0 % 5 == 0 ? "Zoë \($0)" : "subject \($0)" }
        let path = try folder.write(Array(expected.joined(separator: "\r\n").utf8), to: "blocks.txt")
        let reader = try NamesReader(path: path)
        var read: [String] = []
        var block = NameBlock()
        while try reader.next(limit, into: &block) > 0 {
            for name in 0..<block.count {
                read.append(String(decoding: block.bytes[block.range(name)], as: UTF8.self))
            }
            block.removeAll()
        }
        #expect(read == expected)
        #expect(try NamesReader.count(path: path) == 1_000)
        let binary = try folder.write([0x61, 0x0A, 0xFF, 0x0A], to: "bad.txt")
        #expect(throws: VectorFileError.self) { try NamesReader.count(path: binary) }
    }

    @Test("a line without end is refused before it fills the memory")
    func endlessLine() throws {
        let path = try folder.write([UInt8](repeating: 0x61, count: 5 << 20), to: "endless.txt")
        let error = #expect(throws: VectorFileError.self) { try NamesReader.count(path: path) }
        #expect(error?.description.contains("line 1 is longer") == true)
    }

    @Test("what is written is read back, and an unfinished file leaves nothing")
    func roundTrip() throws {
        let path = folder.file("out.txt")
        do {
            let abandoned = try NamesWriter(path: path)
            try abandoned.append("lost")
        }
        #expect(throws: VectorFileError.missing(path: path)) { try NamesReader(path: path) }
        let writer = try NamesWriter(path: path)
        try writer.append("Ada")
        try writer.append("Grace")
        #expect(throws: VectorFileError.self) { try writer.append("two\nlines") }
        try writer.finish()
        let reader = try NamesReader(path: path)
        #expect(try reader.next() == "Ada")
        #expect(try reader.next() == "Grace")
        #expect(try reader.next() == nil)
    }
}
