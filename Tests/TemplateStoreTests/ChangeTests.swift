import GalleryModel
import Testing
import TestSupport
@testable import TemplateStore

@Suite("renaming, merging, removing")
struct ChangeTests {
    private func filled() throws -> (TestGallery, TemplateStore) {
        let gallery = try TestGallery()
        let store = try gallery.open()
        try store.write { (writer) throws(StoreError) in
            try writer.add([newReference("ada", 1), newReference("bob", 2), newReference("ada", 3)])
        }
        return (gallery, store)
    }

    private func expectSound(_ store: TemplateStore) throws {
        let report = try store.verify()
        #expect(report.problems == [])
    }

    @Test("a renamed subject keeps its number and references and loses its old name")
    func rename() throws {
        let (gallery, store) = try filled()
        let number = try store.read { (reader) throws(StoreError) in try reader.subject(named: "ada")?.number }
        try store.write { (writer) throws(StoreError) in try writer.rename(from: "ada", to: "Ada Lovelace") }
        try store.read { (reader) throws(StoreError) in
            #expect(try reader.subject(named: "ada") == nil)
            #expect(
                try reader.subject(named: "Ada Lovelace")
                    == Subject(number: number ?? 0, name: "Ada Lovelace", referenceCount: 2))
            #expect(try reader.subjectName(number ?? 0) == "Ada Lovelace")
        }
        try expectSound(store)
        #expect(throws: StoreError.nameTaken(name: "bob")) {
            try store.write { (writer) throws(StoreError) in try writer.rename(from: "Ada Lovelace", to: "bob")
            }
        }
        #expect(throws: StoreError.unknownSubject(name: "ada")) {
            try store.write { (writer) throws(StoreError) in try writer.rename(from: "ada", to: "x") }
        }
        try store.write { (writer) throws(StoreError) in try writer.rename(from: "bob", to: "bob") }
        try expectSound(store)
        _ = gallery
    }

    @Test("a merge moves all references, digests included, and removes the emptied subject")
    func merge() throws {
        let (gallery, store) = try filled()
        let digest = [UInt8](repeating: 7, count: 32)
        try store.write { (writer) throws(StoreError) in
            try writer.add(newReference("ada", 4, digest: digest))
            #expect(try writer.merge("ada", into: "bob") == MergeOutcome(moved: 3))
        }
        try store.read { (reader) throws(StoreError) in
            #expect(try reader.subjectCount == 1)
            #expect(try reader.subject(named: "bob")?.referenceCount == 4)
            let number = try reader.subjectNumber(named: "bob") ?? 0
            #expect(try reader.references(of: number) == [1, 2, 3, 4])
            #expect(try reader.reference(withDigest: digest, subject: "bob") == 4)
            #expect(try reader.position == StorePosition(highestReference: 4, removals: 0))
            #expect(try reader.vector(of: 3) == vector(3))
        }
        try expectSound(store)
        #expect(throws: StoreError.self) {
            try store.write { (writer) throws(StoreError) in try writer.merge("bob", into: "bob") }
        }
        #expect(throws: StoreError.unknownSubject(name: "eve")) {
            try store.write { (writer) throws(StoreError) in try writer.merge("bob", into: "eve") }
        }
        _ = gallery
    }

    @Test("removals are logged in order, and the last reference takes its subject along")
    func remove() throws {
        let (gallery, store) = try filled()
        try store.write { (writer) throws(StoreError) in
            try writer.remove(reference: 2)
            #expect(try writer.remove(subject: "ada") == [1, 3])
        }
        try store.read { (reader) throws(StoreError) in
            #expect(try reader.subjectCount == 0)
            #expect(try reader.referenceCount == 0)
            #expect(try reader.removals(after: 0) == [2, 1, 3])
            #expect(try reader.removals(after: 2) == [3])
            #expect(try reader.removals(after: 3) == [])
            #expect(try reader.removals(after: .max) == [])
            #expect(try reader.position == StorePosition(highestReference: 3, removals: 3))
            #expect(try reader.vector(of: 1) == nil)
        }
        try expectSound(store)
        #expect(throws: StoreError.unknownReference(id: 2)) {
            try store.write { (writer) throws(StoreError) in try writer.remove(reference: 2) }
        }
        #expect(throws: StoreError.unknownSubject(name: "ada")) {
            try store.write { (writer) throws(StoreError) in try writer.remove(subject: "ada") }
        }
        _ = gallery
    }

    @Test("ids and subject numbers are never used again, not even after removal and reopening")
    func idsStayUsed() throws {
        let gallery = try TestGallery()
        var number: SubjectNumber = 0
        do {
            let store = try gallery.open()
            try store.write { (writer) throws(StoreError) in
                try writer.add([newReference("ada", 1), newReference("ada", 2)])
                number = try writer.subjectNumber(named: "ada") ?? 0
                try writer.remove(subject: "ada")
            }
        }
        let store = try gallery.open()
        let id = try store.write { (writer) throws(StoreError) in try writer.add(newReference("ada", 3)) }
        #expect(id == 3)
        let again = try store.read { (reader) throws(StoreError) in try reader.subjectNumber(named: "ada") }
        #expect((again ?? 0) > number)
        try expectSound(store)
    }

    @Test("a digest removed with its reference is not found again")
    func digestGoes() throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        let digest = [UInt8](repeating: 1, count: 32)
        try store.write { (writer) throws(StoreError) in
            try writer.add([newReference("a", 1, digest: digest), newReference("b", 2, digest: digest)])
            try writer.remove(reference: 1)
        }
        try store.read { (reader) throws(StoreError) in
            #expect(try reader.reference(withDigest: digest, subject: "a") == nil)
            #expect(try reader.reference(withDigest: digest, subject: "b") == 2)
            #expect(try reader.reference(withDigest: [1, 2], subject: "b") == nil)
        }
        try expectSound(store)
    }

    @Test("subjects come sorted by the bytes of their names")
    func sorted() throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        let names = ["zoë", "Zo", "a", "ab", "b c", "é"]
        try store.write { (writer) throws(StoreError) in
            for (i, name) in names.enumerated() { try writer.add(newReference(name, i)) }
        }
        var found: [[UInt8]] = []
        try store.read { (reader) throws(StoreError) in
            try reader.forEachSubject { subject in
                found.append([UInt8](subject.name.utf8))
                #expect(subject.referenceCount == 1)
            }
        }
        #expect(found == names.map { [UInt8]($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) })
        try expectSound(store)
    }
}
