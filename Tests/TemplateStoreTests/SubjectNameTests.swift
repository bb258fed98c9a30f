import GalleryModel
import Testing
import TestSupport
@testable import TemplateStore

/// No two subjects have names that look the same.
@Suite("Names of subjects")
struct SubjectNameTests {
    private let store: TemplateStore
    private let gallery: TestGallery

    init() throws {
        gallery = try TestGallery()
        store = try gallery.open()
    }

    private static let composed = "Zo\u{EB}"
    private static let decomposed = "Zoe\u{308}"

    /// Names as bytes: Swift's `==` takes both forms of a letter for one.
    private func names() throws -> [[UInt8]] {
        var names: [[UInt8]] = []
        try store.read { (reader) throws(StoreError) in
            try reader.forEachSubject { subject in names.append(Array(subject.name.utf8)) }
        }
        return names
    }

    /// Enrols a subject under a name that no rule has seen, as galleries of before this rule hold them.
    private func enrolAsEver(_ name: String, _ seed: Int) throws {
        try store.write { (writer) throws(StoreError) in
            let id = try writer.add(newReference("to be renamed", seed))
            guard let number = try writer.subjectNumber(ofReference: id) else { return }
            try writer.transaction.delete(.names, .text("to be renamed"))
            try StoreWriter.setName(name, of: number, in: writer.transaction)
        }
    }

    private func enrol(_ name: String, _ seed: Int) throws {
        try store.write { (writer) throws(StoreError) in try writer.add(newReference(name, seed)) }
    }

    private func enrolInBulk(_ name: String, _ seed: Int) throws {
        var batch = try TemplateBatch(dimension: 16, origin: "x.npy", capacity: 1)
        try unsafe vector(seed).withUnsafeBufferPointer { template throws(StoreError) in
            try unsafe Array(name.utf8).withUnsafeBufferPointer { name throws(StoreError) in
                try unsafe batch.append(template: template, subject: UnsafeRawBufferPointer(name), row: seed)
            }
        }
        try store.write { [batch] (writer) throws(StoreError) in
            var rehearsal = StoreRehearsal()
            let expected = try rehearsal.outcome(of: batch, in: StoreReader(writer.transaction))
            #expect(try writer.add(batch) == expected)
        }
    }

    @Test(
        "have no blanks at their ends, whichever kind of blank that is",
        arguments: [
            " Ada", "Ada ", "\tAda", "Ada\r", "Ada\n", "\u{A0}Ada\u{A0}", "Ada\u{3000}", "Ada\u{2028}",
            "\u{85} Ada",
        ])
    func blanks(name: String) throws {
        try enrol("Ada", 1)
        try enrol(name, 2)
        try enrolInBulk(name, 3)
        try enrolInBulk("Ada", 4)
        #expect(try names() == [Array("Ada".utf8)])
        #expect(
            try store.read { (reader) throws(StoreError) in try reader.subject(named: name)?.name } == "Ada")
        #expect(try store.verify().problems == [])
    }

    @Test("are composed, and found by either form")
    func forms() throws {
        try enrol(Self.decomposed, 1)
        try enrol(Self.composed, 2)
        try enrolInBulk(Self.decomposed, 3)
        #expect(try names() == [Array(Self.composed.utf8)])
        for form in [Self.composed, Self.decomposed] {
            let subject = try store.read { (reader) throws(StoreError) in try reader.subject(named: form) }
            #expect(subject?.referenceCount == 3)
            #expect(subject.map { Array($0.name.utf8) } == Array(Self.composed.utf8))
        }
        // An ohm sign is an omega, and a no-break space a space.
        #expect(try SubjectName.canonical("\u{2126}").unicodeScalars.first?.value == 0x3A9)
        #expect(try Array(SubjectName.canonical("Ada\u{A0}Lovelace").utf8) == Array("Ada Lovelace".utf8))
    }

    @Test(
        "may be of any language",
        arguments: ["名前 山田", "Йоханнес", "Ø", "अदा", "אדה", "عدا", "한글", "Ada 🙂", "a\u{FFFD}b"])
    func languages(name: String) throws {
        #expect(try Array(SubjectName.canonical(name).utf8) == Array(name.utf8))
        try enrol(name, 1)
        try enrolInBulk(name, 2)
        #expect(try names() == [Array(name.utf8)])
    }

    @Test(
        "with characters that nobody sees are refused by their numbers",
        arguments: [
            0x00, 0x07, 0x1B, 0x0A, 0x7F, 0x9B, 0xAD, 0x34F, 0x61C, 0x115F, 0x180E, 0x200B, 0x200C, 0x200D,
            0x200E,
            0x200F, 0x2028, 0x2029, 0x202A, 0x202E, 0x2060, 0x2066, 0x2069, 0x3164, 0xFE0F, 0xFEFF, 0xFFA0,
            0xFFF9,
            0xE0041,
        ] as [UInt32])
    func invisible(value: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(value))
        let digits = String(value, radix: 16, uppercase: true)
        let spelling = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        let name = "A\(scalar)da"
        for enrol in [enrol, enrolInBulk] {
            let error = #expect(throws: StoreError.self) { try enrol(name, 1) }
            guard case .invalidName = error else {
                Issue.record("another error: \(String(describing: error))")
                continue
            }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.contains("it contains \(spelling)"), "\(text)")
            #expect(!text.unicodeScalars.contains { $0.isUnprintable }, "\(text.utf8)")
        }
        #expect(try names() == [])
    }

    @Test(
        "that an older gallery has are found, enrolled to, renamed, merged and removed as they are",
        arguments: ["Ada ", "\u{FEFF}Ada", "A\u{200B}da", "Zoe\u{308}"])
    func earlierNames(name: String) throws {
        try enrolAsEver(name, 1)
        #expect(try names() == [Array(name.utf8)])
        #expect(try store.verify().problems == [])
        let found = try store.read { (reader) throws(StoreError) in try reader.subject(named: name) }
        #expect(found.map { Array($0.name.utf8) } == Array(name.utf8))
        if (try? SubjectName.canonical(name)) != nil {
            // No namesake comes of enrolling once more.
            try enrol(name, 2)
            try enrolInBulk(name, 3)
            #expect(try names() == [Array(name.utf8)])
        }
        try store.write { (writer) throws(StoreError) in try writer.rename(from: name, to: "Grace") }
        #expect(try names() == [Array("Grace".utf8)])
        try enrolAsEver(name, 4)
        try store.write { (writer) throws(StoreError) in try writer.merge(name, into: "Grace") }
        #expect(try names() == [Array("Grace".utf8)])
        try enrolAsEver(name, 5)
        try store.write { (writer) throws(StoreError) in try writer.remove(subject: name) }
        #expect(try names() == [Array("Grace".utf8)])
        #expect(try store.verify().problems == [])
    }

    @Test("of an older gallery in the form that some file systems make take what is enrolled in the other")
    func earlierForm() throws {
        try enrolAsEver(Self.decomposed, 1)
        try enrol(Self.composed, 2)
        try enrolInBulk(Self.composed, 3)
        #expect(try names() == [Array(Self.decomposed.utf8)])
        try store.write { (writer) throws(StoreError) in
            try writer.rename(from: Self.composed, to: Self.composed)
        }
        #expect(try names() == [Array(Self.composed.utf8)])
        #expect(try store.verify().problems == [])
    }

    @Test("are brought into their form when a subject is renamed, and taken ones are told")
    func renaming() throws {
        try enrol("Ada", 1)
        try enrol("Grace", 2)
        try store.write { (writer) throws(StoreError) in
            try writer.rename(from: "Grace ", to: " \(Self.decomposed)")
        }
        #expect(try names() == [Array("Ada".utf8), Array(Self.composed.utf8)])
        #expect(throws: StoreError.nameTaken(name: "Ada")) {
            try store.write { (writer) throws(StoreError) in try writer.rename(from: Self.composed, to: "Ada ")
            }
        }
    }
}
