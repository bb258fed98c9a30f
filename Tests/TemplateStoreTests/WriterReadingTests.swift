import GalleryModel
import Testing
import TestSupport
@testable import TemplateStore

/// Everything that `StoreReading` answers, in a form that compares.
private struct Answers: Equatable {
    var counts: [Int] = []
    var position = StorePosition(highestReference: 0, removals: 0)
    var all: [ReferenceID] = []
    var subjects: [Subject] = []
    var members: [[ReferenceID]] = []
    var found: [Subject?] = []
    var names: [String?] = []
    var numbers: [SubjectNumber?] = []
    var references: [Reference?] = []
    var owners: [SubjectNumber?] = []
    var byDigest: [ReferenceID?] = []
    var removals: [ReferenceID] = []
    var vectors: [[Float]?] = []
    var walked: [ReferenceID] = []
    var imported = 0
    var token: FollowerToken?

    init(_ reader: borrowing some StoreReading & ~Copyable, _ questions: Questions) throws(StoreError) {
        counts = [try reader.subjectCount, try reader.referenceCount]
        position = try reader.position
        all = try reader.allReferences
        var listed: [Subject] = []
        try reader.forEachSubject { subject in listed.append(subject) }
        subjects = listed
        for name in questions.names {
            let subject = try reader.subject(named: name)
            found.append(subject)
            numbers.append(try reader.subjectNumber(named: name))
            byDigest.append(try reader.reference(withDigest: questions.digest, subject: name))
            guard let number = subject?.number else { continue }
            found.append(try reader.subject(number: number))
            names.append(try reader.subjectName(number))
            members.append(try reader.references(of: number))
        }
        for id in questions.ids {
            references.append(try reader.reference(id))
            owners.append(try reader.subjectNumber(ofReference: id))
            vectors.append(try reader.vector(of: id))
            vectors.append(try unsafe reader.withVector(id) { vector in unsafe Array(vector) })
            let bytes = try unsafe reader.vectorBytes(of: id)
            vectors.append(unsafe bytes.map { unsafe Array($0.bindMemory(to: Float.self)) })
        }
        removals = try reader.removals(after: 0)
        var walk: [ReferenceID] = []
        try unsafe reader.forEachVector(after: 0) { id, vector throws(StoreError) in
            walk.append(id)
            if vector.count != 16 { throw .cancelled }
        }
        walked = walk
        imported = try reader.importedCount(of: questions.export)
        token = try reader.followerToken
    }
}

/// What is asked of a reader and of a writer.
private struct Questions {
    var names: [String]
    var ids: [ReferenceID]
    let digest = [UInt8](repeating: 7, count: 32)
    let export = ExportNumber(bytes: [UInt8](repeating: 9, count: 16))
}

@Suite("A writer answers as a reader does")
struct WriterReadingTests {
    /// References 1...count of count/10 subjects (at least one), with a digest each seven.
    private func filled(_ count: Int) throws -> TestGallery {
        let gallery = try TestGallery()
        try gallery.open().write { (writer) throws(StoreError) in
            try writer.add(
                (0..<count).map {
                    newReference(
                        "s\($0 % max(1, count / 10))", $0,
                        digest: $0 % 7 == 0 ? [UInt8](repeating: 7, count: 32) : nil)
                })
            try writer.setFollowerToken(FollowerToken(bytes: Array(0..<16)))
        }
        return gallery
    }

    private func questions(_ count: Int) -> Questions {
        Questions(
            names: ["s0", "s1", "s2", "new", "newer", "nobody", ""],
            ids: [-1, 0, 1, 2, Int64(count / 2), Int64(count), Int64(count) + 1, Int64(count) + 2, .max])
    }

    @Test("before it has written, after additions and after removals", arguments: [1, 3, 400, 4_000])
    func whatItHasWritten(count: Int) throws {
        let gallery = try filled(count)
        let store = try gallery.open()
        let questions = questions(count)
        var seen: [Answers] = []
        try store.write { (writer) throws(StoreError) in
            seen = [try Answers(writer, questions)]
            try writer.add(newReference("new", count))
            seen.append(try Answers(writer, questions))
            try writer.add((0..<count).map { newReference("newer", count + 1 + $0, digest: questions.digest) })
            seen.append(try Answers(writer, questions))
            for id in stride(from: 1, through: count, by: 3) { try writer.remove(reference: Int64(id)) }
            try writer.remove(subject: "new")
            seen.append(try Answers(writer, questions))
        }
        let last = try store.read { (reader) throws(StoreError) in try Answers(reader, questions) }
        #expect(seen.map { $0.all.count } == [count, count + 1, 2 * count + 1, 2 * count - (count + 2) / 3])
        for answers in seen {
            #expect(answers.all == answers.walked)
            #expect(answers.counts == [answers.subjects.count, answers.all.count])
        }
        #expect(seen[0].all == Array(1...Int64(count)))
        #expect(seen[3] == last)
        #expect(try store.verify().problems == [])
        // The same in the next transaction, where nothing is written yet.
        let again = try store.write { (writer) throws(StoreError) in try Answers(writer, questions) }
        #expect(again == last)
    }

    @Test("with more records than a walk reads before it lets go of what it has read")
    func letsGoOfNothing() throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        let count = (1 << 17) + 5_000
        var batch = try TemplateBatch(dimension: 16, origin: "x", capacity: count)
        try unsafe vector(1).withUnsafeBufferPointer { template in
            for row in 0..<count {
                try unsafe Array("s\(row)".utf8).withUnsafeBytes { name in
                    try unsafe batch.append(template: template, subject: name, row: row)
                }
            }
        }
        let ids = try store.write { (writer) throws(StoreError) in
            _ = try writer.add(batch)
            return try writer.allReferences
        }
        #expect(ids == Array(1...Int64(count)))
        #expect(try store.read { (reader) throws(StoreError) in try reader.allReferences } == ids)
        #expect(try store.read { (reader) throws(StoreError) in try reader.referenceCount } == count)
    }

    @Test("as only a reader's memory is the map's, which may be let go")
    func lentPages() throws {
        // Kept: a gallery that is removed with its folder cannot be written to.
        let gallery = try filled(10)
        let store = try gallery.open()
        #expect(try store.read { (reader) throws(StoreError) in LentPages(of: reader.transaction).isMap })
        #expect(try store.write { (writer) throws(StoreError) in !LentPages(of: writer.transaction).isMap })
    }

}
