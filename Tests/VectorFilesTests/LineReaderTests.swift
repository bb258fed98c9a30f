import Foundation
import Glibc
import TestSupport
import Testing

@testable import VectorFiles

@Suite("Lines")
struct LineReaderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Lines as text; one that is too long is nil.
    private func readAll(_ reader: LineReader) throws -> [[UInt8]?] {
        var lines: [[UInt8]?] = []
        while let line = try reader.next() {
            switch line {
            case .whole(let bytes), .unended(let bytes): lines.append(Array(bytes))
            case .tooLong: lines.append(nil)
            }
        }
        return lines
    }

    @Test("are those of a file, also where they lie across blocks, and those too long are told once")
    func files() throws {
        var generator = SeededGenerator(seed: 4)
        let sizes =
            [0, 1, 3 << 20, 0, 1 << 20, (1 << 20) - 1, 5 << 20, 9 << 20, 0]
            + (0..<3_000).map { _ in Int.random(in: 0..<4_000, using: &generator) }
        let lines = sizes.enumerated().map { [UInt8](repeating: UInt8($0 % 200) + 20, count: $1) }
        for isEnded in [true, false] {
            var bytes = Array(lines.joined(separator: [0x0A]))
            if isEnded { bytes.append(0x0A) }
            let reader = try LineReader(path: try folder.write(bytes, to: "lines"), longest: 2 << 20)
            let found = try readAll(reader)
            #expect(found.count == lines.count)
            for (line, found) in zip(lines, found) { #expect(found == (line.count > 2 << 20 ? nil : line)) }
        }
    }

    @Test("of a pipe are those that were written, a few bytes at a time, and are there before its end")
    func pipes() throws {
        let pipe = Pipe()
        let reader = try LineReader(
            descriptor: pipe.fileHandleForReading.fileDescriptor, longest: 1 << 20)
        try pipe.fileHandleForWriting.write(contentsOf: Data("one\ntwo\nthr".utf8))
        #expect(try reader.next() == .whole(Array("one".utf8)[...]))
        #expect(reader.hasMoreAtOnce)
        #expect(try reader.next() == .whole(Array("two".utf8)[...]))
        #expect(!reader.hasMoreAtOnce)
        let bytes = Array("ee\n".utf8) + (0..<200_000).flatMap { Array("line \($0)\n".utf8) } + Array("x".utf8)
        let writing = Thread {
            for first in stride(from: 0, to: bytes.count, by: 777) {
                try? pipe.fileHandleForWriting.write(
                    contentsOf: Data(bytes[first..<min(first + 777, bytes.count)]))
            }
            try? pipe.fileHandleForWriting.close()
        }
        writing.start()
        #expect(try reader.next() == .whole(Array("three".utf8)[...]))
        let rest = try readAll(reader)
        #expect(rest.count == 200_001 && rest[199_999] == Array("line 199999".utf8) && rest[200_000] == [0x78])
        #expect(reader.line == 200_004)
    }
}
