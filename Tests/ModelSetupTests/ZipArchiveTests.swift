import Foundation
import TestSupport
import Testing

@testable import ModelSetup

@Suite("ZIP archives") struct ZipArchiveTests {
    /// An archive as Python's zipfile writes it: one member deflated, one stored.
    static func archive() throws -> [UInt8] {
        let folder = try TemporaryFolder()
        let script = """
            import zipfile
            with zipfile.ZipFile("x.whl", "w") as z:
                z.writestr("a/deflated.txt", "many " * 5000, zipfile.ZIP_DEFLATED)
                z.writestr("stored.txt", "few", zipfile.ZIP_STORED)
                z.writestr("empty", "", zipfile.ZIP_DEFLATED)
                z.comment = b"a comment after the list"
            """
        let result = try TestedProgram(path: "/usr/bin/python3").run(["-c", script], in: folder)
        #expect(result.exitCode == 0, "\(result.err)")
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.file("x.whl"))))
    }

    @Test("give back what was put in, deflated or stored")
    func members() throws {
        let archive = try ZipArchive(Self.archive())
        let many = Array(String(repeating: "many ", count: 5000).utf8)
        #expect(try archive.contents(of: "a/deflated.txt", limit: 1 << 20) == many)
        #expect(try archive.contents(of: "stored.txt", limit: 3) == Array("few".utf8))
        #expect(try archive.contents(of: "empty", limit: 0) == [])
        #expect(try archive.contents(of: "deflated.txt", limit: 1 << 20) == nil)
        #expect(throws: ZipArchive.Fault.self) { try archive.contents(of: "stored.txt", limit: 2) }
    }

    @Test("of other kinds, cut off or altered, are refused")
    func damage() throws {
        let whole = try Self.archive()
        #expect(throws: ZipArchive.Fault.self) { try ZipArchive([]) }
        #expect(throws: ZipArchive.Fault.self) {
            try ZipArchive(Array("no archive at all, but long enough".utf8))
        }
        #expect(throws: ZipArchive.Fault.self) { try ZipArchive(Array(whole.dropLast(60))) }
        var altered = whole
        altered[60] ^= 0x55
        let archive = try ZipArchive(altered)
        #expect(throws: ZipArchive.Fault.self) { try archive.contents(of: "a/deflated.txt", limit: 1 << 20) }
    }

    @Test("that are nearly right never end the process")
    func fuzz() throws {
        var mutations = Mutations(of: [try Self.archive()], seed: 21)
        let time = FuzzTime()
        while time.isLeft {
            guard let archive = try? ZipArchive(mutations.next()) else { continue }
            for name in ["a/deflated.txt", "stored.txt", "empty"] {
                _ = try? archive.contents(of: name, limit: 1 << 16)
            }
        }
        #expect(time.growth < 64 << 20)
    }
}
