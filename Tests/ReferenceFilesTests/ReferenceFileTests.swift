import CTestHDF5
import Foundation
import GalleryModel
import IsolatedHDF5
import Testing
import TestSupport
import VectorFiles
@testable import ReferenceFiles

@Suite("Files of references")
struct ReferenceFileTests {
    enum Kind: CaseIterable {
        case lines, table

        /// The helper process limits its address space, which a sanitizer needs.
        static var allCases: [Kind] { isSanitized ? [.lines] : [.lines, .table] }
    }

    let folder: TemporaryFolder
    static let helper = HDF5Helper(at: TestedProgram(named: HDF5Helper.name).path)
    static let settings = StoreSettings(
        dimension: 16, networkName: "a \"network\" \\ of ours", networkFingerprint: "0123abcd")

    init() throws { folder = try TemporaryFolder() }

    static func references(_ count: Int) -> [FileReference] {
        var generator = SeededGenerator(seed: 9)
        return (0..<count).map { number in
            let isSparse = number.isMultiple(of: 3)
            return FileReference(
                subject: ["Ada \"the first\"", "Grace\u{301}", "\\", "名前"][number % 4],
                id: Int64(number) * 7 + 1,
                source: isSparse ? "" : "photos/\(number)\n\t\u{1}ü.jpg", enrolled: 1.7e9 + Double(number) / 7,
                quality: isSparse
                    ? nil
                    : ReferenceQuality(
                        faceSize: number, sharpness: Double.random(in: 0...1e6, using: &generator),
                        yaw: -12.345678901234567, roll: 1e-9, score: 0.5),
                sourceDigest: number.isMultiple(of: 2)
                    ? (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) } : nil,
                metadata: isSparse ? [:] : ["city": "Zürich \"\(number)\"", "": "\n"],
                template: generator.unitVector(16))
        }
    }

    func write(_ references: [FileReference], _ kind: Kind, claiming count: Int? = nil) throws -> String {
        let path = folder.file(kind == .lines ? "x.jsonl" : "x.h5")
        let header = ReferenceFileHeader(Self.settings, references: count ?? references.count)
        let writer: any ReferenceWriter =
            kind == .lines
            ? try JSONLinesWriter(path: path, header: header)
            : try IsolatedReferenceWriter(path: path, header: header, helper: Self.helper)
        for reference in references { try writer.append(reference) }
        try writer.finish()
        return path
    }

    static func open(_ path: String, _ kind: Kind) throws -> any ReferenceReader {
        if kind == .lines { return try JSONLinesReader(path: path) }
        return try IsolatedReferences(path: path, helper: Self.helper)
    }

    static func readAll(_ path: String, _ kind: Kind) throws -> [FileReference] {
        let reader = try open(path, kind)
        var references: [FileReference] = []
        while let reference = try reader.next() { references.append(reference) }
        return references
    }

    func refusal(_ path: String, _ kind: Kind) -> String {
        let error = #expect(throws: VectorFileError.self) { _ = try Self.readAll(path, kind) }
        #expect(error?.kind == .badData)
        return error.map { "\($0)" } ?? ""
    }

    @Test("come back with every bit and every letter, blocks or none of them", arguments: Kind.allCases)
    func roundTrip(kind: Kind) throws {
        for count in [0, 1, 10_000] {
            let references = Self.references(count)
            let path = try write(references, kind)
            let reader = try Self.open(path, kind)
            #expect(reader.header.settings == Self.settings)
            #expect(reader.header.references == count)
            #expect(try Self.readAll(path, kind) == references)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect(mode as? Int == 0o600)
        }
    }

    @Test("with long texts are written and read in blocks of a bounded size", arguments: Kind.allCases)
    func longTexts(kind: Kind) throws {
        let long = (0..<6_000).map { number in
            var reference = Self.references(1)[0]
            (reference.id, reference.source) = (Int64(number), "photo \(number)")
            // Few of them at first, then all.
            if number > 4_000 { reference.metadata = ["text": String(repeating: "x", count: 20_000)] }
            return reference
        }
        let path = try write(long, kind)
        let reader = try Self.open(path, kind)
        var count = 0
        let before = FuzzTime()
        while let reference = try reader.next() {
            if reference != long[count] { Issue.record("reference \(count) is another") }
            count += 1
        }
        #expect(count == long.count)
        #expect(before.growth < 100 << 20, "\(before.growth) bytes for 40 MB of texts")
    }

    @Test("appear when they are whole, and leave nothing where they are not finished", arguments: Kind.allCases)
    func unfinished(kind: Kind) throws {
        let path = folder.file("y")
        do {
            let header = ReferenceFileHeader(Self.settings, references: 2)
            let writer: any ReferenceWriter =
                kind == .lines
                ? try JSONLinesWriter(path: path, header: header)
                : try IsolatedReferenceWriter(path: path, header: header, helper: Self.helper)
            try writer.append(Self.references(1)[0])
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test("of JSON Lines that are not as they were written are refused by line")
    func hostileLines() throws {
        let path = try write(Self.references(3), .lines)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        func refusal(_ lines: [String], end: String = "\n") throws -> String {
            let path = try folder.write(Array((lines.joined(separator: "\n") + end).utf8), to: "bad.jsonl")
            return self.refusal(path, .lines)
        }
        #expect(try refusal([], end: "").contains("does not begin with the first line"))
        #expect(try refusal(Array(lines[1...])).contains("does not begin with the first line"))
        #expect(try refusal(Array(lines[..<3])).contains("2 of 3 references; the file is incomplete"))
        #expect(try refusal(lines, end: "").contains("line 4 is cut off"))
        #expect(try refusal(lines + [lines[1]]).contains("more than the 3 references"))
        func changed(_ old: String, _ new: String) throws -> String {
            let line = lines[2].replacingOccurrences(of: old, with: new, options: .regularExpression)
            #expect(line != lines[2], "\(old) is there")
            return try refusal([lines[0], lines[1], line, lines[3]])
        }
        #expect(try changed("\"embedding\":\\[", "\"embedding\":[1,").contains("line 3: its template"))
        #expect(try changed("\"embedding\":\\[[^,]*", "\"embedding\":[7").contains("line 3: its template"))
        #expect(try changed("\"embedding\":\\[[^,]*", "\"embedding\":[1e999").contains("line 3"))
        #expect(
            try changed("\"embedding\":\\[[^,]*", "\"embedding\":[null").contains("line 3 is not a reference"))
        #expect(try changed("\"subject\":\"[^\"]*\"", "\"subject\":\"\"").contains("line 3"))
        #expect(try changed("\"subject\":\"[^\"]*\"", "\"subject\":\"\\\\u0007\"").contains("line 3"))
        #expect(try changed("\"subject\"", "\"name\"").contains("line 3 is not a reference"))
        #expect(try changed("\"faceSize\":1", "\"faceSize\":-1").contains("line 3: its face size"))
        let deep = String(repeating: "[", count: 100_000)
        #expect(try refusal([lines[0], deep, lines[2], lines[3]]).contains("line 2 is not a reference"))
        let long = String(repeating: " ", count: 4 << 20)
        #expect(try refusal([lines[0], long, lines[2], lines[3]]).contains("longer than 2097152 bytes"))
        let wide = lines[0].replacingOccurrences(of: "\"dimension\":16", with: "\"dimension\":17")
        #expect(try refusal([wide] + lines[1...]).contains("17 numbers"))
        let later = lines[0].replacingOccurrences(of: "\"version\":1", with: "\"version\":2")
        #expect(try refusal([later] + lines[1...]).contains("version 2"))
    }

    @Test(
        "of HDF5 that lack a part, or are another kind of set, are refused by what is missing",
        .enabled(if: !isSanitized))
    func hostileTables() throws {
        #expect(
            refusal(try folder.write(Array("no HDF5".utf8), to: "a"), .table).contains(
                "is not a complete export"))
        let other = folder.file("b")
        #expect(unsafe test_hdf5_new(other, "angular", 0) == 0)
        #expect(unsafe test_hdf5_add_floats(other, "train", [3, 2], 2, [1, 0, 0, 1, 1, 0], 0) == 0)
        #expect(refusal(other, .table).contains("is not a complete export"))
        func sealed(_ bytes: [UInt8], _ name: String) throws -> String {
            let path = try folder.write(bytes, to: name)
            return try folder.write(bytes + FileSeal.of(path), to: name)
        }
        let foreign = try [UInt8](Data(contentsOf: URL(fileURLWithPath: other)))
        #expect(refusal(try sealed(foreign, "c"), .table).contains("is not an export of references"))
        #expect(refusal(try sealed(Array("no HDF5".utf8), "d"), .table).contains("not an HDF5 file"))
        let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: write(Self.references(500), .table))))
        let short = try folder.write(Array(whole[..<(whole.count / 2)]), to: "short")
        #expect(refusal(short, .table).contains("is not a complete export"))
        // A template that is no unit vector: its bytes stand in the file as they are.
        let number = Self.references(500)[400].template[3]
        let pattern = (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * $0)) }
        let place = try #require(Data(whole).range(of: Data(pattern)))
        var damaged = Array(whole.dropLast(40))
        damaged.replaceSubrange(place, with: [0, 0, 0xC0, 0x7F])
        #expect(refusal(try sealed(damaged, "nan"), .table).contains("row 400: its template"))
        var changed = whole
        changed[whole.count / 2] ^= 1
        #expect(refusal(try folder.write(changed, to: "e"), .table).contains("its checksum is wrong"))
    }

    @Test("as JSON Lines with bytes changed anywhere are read or refused, and never end the process")
    func fuzzed() throws {
        let seeds = try [1, 6].map {
            try [UInt8](Data(contentsOf: URL(fileURLWithPath: write(Self.references($0), .lines))))
        }
        var mutations = Mutations(of: seeds, seed: 31)
        let time = FuzzTime()
        var (inputs, refused) = (0, 0)
        while time.isLeft {
            let path = try folder.write(mutations.next(), to: "fuzzed")
            let start = ContinuousClock.now
            do { _ = try Self.readAll(path, .lines) } catch let error as VectorFileError {
                #expect(error.description.contains(path), "\(error)")
                refused += 1
            }
            #expect(ContinuousClock.now - start < .seconds(5))
            inputs += 1
        }
        #expect(refused > inputs / 2 && time.growth < 256 << 20)
        print("fuzzed references: \(inputs) inputs, \(refused) refused")
    }
}
